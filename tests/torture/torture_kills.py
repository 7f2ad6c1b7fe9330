"""Kill a training at random moments, go on with it, and end with the bytes of the uninterrupted one.

    python tests/torture/torture_kills.py [--kills 50] [--seed 0]

Each training is killed by SIGKILL, SIGTERM or SIGINT, every second one after its first epoch and while a file is being
written, some of them once more while they go on. After each kill the run must answer or say that no epoch was
finished. Of every five trainings one is the installed command, start-up included; the others are copies of a process
that has loaded everything.
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from common import conclude, train_words, write_names
from forks import TRACEBACK, Charnn, Ended, charnn
from small_training import differences, loads, result, temporary_files

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
NOTHING_YET = ("holds no finished epoch yet", "no such run folder", "is no run folder")
INSTALLED_EVERY = 5
EPOCHS = {"training.epochs": 40}


class Torture:
    """One uninterrupted training, and all those that are held to it."""

    def __init__(self, work: Path, seed: int) -> None:
        self.work = work
        self.dice = random.Random(seed)
        self.data = write_names(work / "names")
        self.faults: list[str] = []
        self.figures: Counter[str] = Counter()
        self.seconds, self.expected = self._whole(installed=False)
        self.installed_seconds, again = self._whole(installed=True)
        assert again == self.expected

    def _whole(self, *, installed: bool) -> tuple[float, dict[str, Any]]:
        """How long the training takes, and what it comes to."""
        folder = self.work / f"whole-{installed}"
        process = Charnn(folder, *train_words(self.data, folder / "run", **EPOCHS), installed=installed)
        ended = process.wait()
        assert ended.code == 0, ended.stderr
        return time.monotonic() - process.started, result(folder / "run")

    def kill_once(self, number: int) -> None:
        """One training, killed once or twice and gone on with."""
        folder = self.work / str(number)
        run = folder / "run"
        installed = number % INSTALLED_EVERY == 0
        words = train_words(self.data, run, **EPOCHS)
        for again in (False, True):
            during_write = (number + again) % 2 == 1
            self._killed(Charnn(folder, *words, installed=installed), run, installed, during_write)
            self._check_loads(folder, run)
            if again or self.dice.random() < 0.75:
                break
            words = self._next_words(run)
        ended = charnn(folder, *self._next_words(run))
        wrong = [f"exit code {ended.code}: {ended.last_line}"] if ended.code else differences(run, self.expected)
        self.figures["ended equal to the uninterrupted training"] += not wrong
        self.figures["trainings"] += 1
        if wrong:
            self.faults.append(f"{number}: {', '.join(wrong)}")
        else:
            shutil.rmtree(folder)

    def _next_words(self, run: Path) -> list[object]:
        """To go on; or, where nothing was settled yet, to begin."""
        return ["train", "--resume", run] if (run / "config.yaml").exists() else train_words(self.data, run, **EPOCHS)

    def _killed(self, process: Charnn, run: Path, installed: bool, during_write: bool) -> None:
        number = self.dice.choice(SIGNALS)
        while during_write and process.is_running and not (run / "history.jsonl").exists():
            time.sleep(0.001)
        began = time.monotonic() if during_write else process.started
        end = began + self.dice.random() * (self.installed_seconds if installed else self.seconds)
        while process.is_running and time.monotonic() < end:
            time.sleep(0.001)
        while during_write and process.is_running and not temporary_files(run):
            pass
        writing = bool(temporary_files(run))
        process.kill(number)
        ended = process.wait()
        if ended.code == 0:
            self.figures["had ended before the kill"] += 1
            return
        self.figures[f"killed by {number.name}"] += 1
        self.figures["killed"] += 1
        if number == signal.SIGKILL:
            self.figures["files that a kill left half written"] += len(temporary_files(run))
        elif temporary_files(run):
            self.faults.append(f"{run}: {number.name} left {temporary_files(run)}")
        self.figures["killed while a file was being written"] += writing
        self._check_end(ended, number, run, installed)

    def _check_end(self, ended: Ended, number: int, run: Path, installed: bool) -> None:
        codes = {signal.SIGKILL: {-signal.SIGKILL}}.get(number, {130} | ({-number} if installed else set()))
        if ended.code not in codes or TRACEBACK in ended.stderr:
            self.faults.append(f"{run}: {signal.Signals(number).name} ended with {ended.code}: {ended.stderr[-2000:]}")

    def _check_loads(self, folder: Path, run: Path) -> None:
        answers, ended = loads(folder, run)
        if answers:
            self.figures["answered after the kill"] += 1
        elif ended.code == 2 and any(words in ended.last_line for words in NOTHING_YET):
            self.figures["said that no epoch was finished"] += 1
        else:
            self.faults.append(f"{run}: predict ended with {ended.code}: {ended.stderr}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="charnn-kills-"))
    torture = Torture(work, options.seed)
    started = time.monotonic()
    number = 0
    while torture.figures["killed"] < options.kills:
        number += 1
        torture.kill_once(number)
    print(f"uninterrupted training: {torture.seconds:.2f} s; all kills: {time.monotonic() - started:.0f} s")
    return conclude(torture.figures, torture.faults, work)


if __name__ == "__main__":
    sys.exit(main())
