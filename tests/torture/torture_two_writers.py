"""Two trainings and a reader in one folder: one trains, the other is refused, and the reader finds whole models only.

python tests/torture/torture_two_writers.py [--rounds 12]
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from common import conclude, train_words, write_names
from forks import TRACEBACK, Charnn, Ended, charnn
from small_training import differences, result

from charnn_cli.errors import ModelError
from charnn_cli.store import Run, load_trained

REFUSED = ("another training writes here", "holds a run already", "was removed by another training")


class Torture:
    def __init__(self, work: Path) -> None:
        self.work = work
        self.data = write_names(work / "names")
        self.figures: Counter[str] = Counter()
        self.faults: list[str] = []
        ended = charnn(work / "whole", *train_words(self.data, work / "whole" / "run"))
        assert ended.code == 0, ended.stderr
        self.expected = result(work / "whole" / "run")

    def one_after_the_other(self) -> None:
        """While a training is under way, others want its folder: as new, by --force and by --resume."""
        folder = self.work / "busy"
        run = folder / "run"
        words = train_words(self.data, run, **{"training.epochs": 4000})
        process = Charnn(folder, *words)
        while process.is_running and not (run / "history.jsonl").exists():
            self.read(run)
            time.sleep(0.002)
        for name, others in (
            ("anew", words),
            ("--force", [*words, "--force"]),
            ("--resume", ["train", "--resume", run]),
        ):
            self.refused(name, charnn(self.work / "second", *others))
        process.kill(2)
        if (ended := process.wait()).code != 130:
            self.faults.append(f"the first training ended with {ended.code}: {ended.last_line}")

    def at_once(self, number: int) -> None:
        """Two trainings begin at the same time: at least one ends well, and what stands is its run."""
        folder = self.work / f"round-{number}"
        run = folder / "deep" / "run"
        words = train_words(self.data, run)
        processes = [Charnn(folder / str(place), *words) for place in range(2)]
        while any(process.is_running for process in processes):
            self.read(run)
            time.sleep(0.002)
        ends = [process.wait() for process in processes]
        if sorted(ended.code for ended in ends) != [0, 2]:
            self.faults.append(f"at once: exit codes {[ended.code for ended in ends]}: {[e.last_line for e in ends]}")
        for ended in ends:
            if ended.code:
                self.refused("at once", ended)
        if wrong := differences(run, self.expected):
            self.faults.append(f"at once: {wrong}")
        self.figures["ended equal to a training that was alone"] += not wrong

    def refused(self, what: str, ended: Ended) -> None:
        is_clear = ended.code == 2 and any(words in ended.last_line for words in REFUSED)
        if not is_clear or TRACEBACK in ended.stderr:
            self.faults.append(f"{what}: {ended.code}: {ended.stderr}")
        self.figures[f"second training refused: {what}"] += is_clear

    def read(self, run: Path) -> None:
        """What another command reads meanwhile is whole, or no epoch was finished."""
        try:
            load_trained(run)
            _ = Run(run).history
        except ModelError as error:
            if error.what not in ("holds no finished epoch yet", "is missing"):
                self.faults.append(f"read meanwhile: {error}")
            self.figures["readings before the first epoch"] += 1
        else:
            self.figures["readings of a whole model meanwhile"] += 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="charnn-writers-"))
    torture = Torture(work)
    torture.one_after_the_other()
    for number in range(options.rounds):
        torture.at_once(number)
    return conclude(torture.figures, torture.faults, work, at_most=50)


if __name__ == "__main__":
    sys.exit(main())
