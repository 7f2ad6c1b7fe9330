"""Damage every file of a run in every way, and see that it is refused or changes nothing.

    python tests/torture/torture_hostile_files.py [--flips 200]

Each file is cut at every sixteenth, has single bits flipped, is exchanged for another run's, and replaced by what an
attacker would put there. Whatever reads a run folder (predict, evaluate, plot, train --resume) must then raise one line
that names the file, or give the very answers of the whole run; within a second of processor time and 500 MB of
memory, each in a process that is given no more. The commands themselves are run on some of them.
"""

import argparse
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy is loaded: its threads count as memory

import pickle
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from common import conclude, train_words, write_names
from hostile import OF_ANY_FILE, OF_DESCRIPTION, OF_PLACES, OF_SAFETENSORS, Attack, cuts, flips, swapped

from charnn_cli.errors import CharnnError
from charnn_cli.predict import Predictor
from charnn_cli.store import Run, RunWriter, load_trained

SECONDS, MEMORY = 1.0, 500 * 10**6
CHARNN = Path(sys.executable).with_name("charnn")
FILES = (
    "model.json",
    "model.safetensors",
    "config.yaml",
    "training_names.safetensors",
    "history.jsonl",
    "last/state.safetensors",
    "last/places.json",
    "metrics.json",
    "MODEL_CARD.md",
)
IN_THIS_PROCESS = ("cut", "flipped", "swapped")  # they are as small as the whole file
NO_STATE = ("last/state.safetensors", "gone")  # no epoch to go on from: training begins anew, with the same result
NAMES = ("Virtanen", "Yamamoto", "Nowakowski", "Łoś", "")


def answers(folder: Path) -> bytes:
    return Predictor(load_trained(folder), threads=1).predict_proba(NAMES).tobytes()


def origin(folder: Path) -> dict[str, Any]:
    """What a run is made from, which its model tells too; asked for as `Run.settings` does, after the settings."""
    run = Run(folder)
    _ = run.config
    return {key: run.about.get(key) for key in ("data", "split", "recipe", "given")}


def state(folder: Path) -> Any:
    with RunWriter(folder) as writer:
        saved = writer.load_state(at_most=4 * 40_000 + 2**20)  # of a network with weights of 40 kB
    return saved and ({name: array.tobytes() for name, array in saved.tensors.items()}, saved.progress)


READERS: dict[str, Callable[[Path], Any]] = {
    "answers": answers,
    "settings": lambda folder: dict(Run(folder).config),
    "history": lambda folder: Run(folder).history,
    "training names": lambda folder: Run(folder).training_hashes.tobytes(),
    "origin": origin,
    "state": state,
}
# No command answers by these files: they may say anything, in bounded time. Names are known by their fingerprint.
FOR_PEOPLE: dict[str, Callable[[Path], Any]] = {
    "place": lambda folder: Run(folder).data_path.exists() and None,
    "metrics": lambda folder: Run(folder).metrics and None,
    "card": lambda folder: Run(folder).card and None,
}


class Torture:
    def __init__(self, work: Path) -> None:
        self.work = work
        data = write_names(work / "names")
        for name, seed in (("run", 0), ("other", 1)):
            command = [CHARNN, *train_words(data, work / name), "--seed", "0", "--quiet"]
            command += ["--set", f"training.lr={0.003 * (1 + seed)}"]
            subprocess.run(list(map(str, command)), check=True)
        self.run, self.other = work / "run", work / "other"
        self.expected = {name: read(self.run) for name, read in READERS.items()}
        self.figures: Counter[str] = Counter()
        self.faults: list[str] = []
        self.worst_seconds, self.worst_memory = (0.0, ""), (0, "")

    def attack(self, kind: str, file: str, what: str, attack: Attack) -> None:
        """Damage a copy of the run and let everything read it; what could take memory, in a process of its own."""
        folder = self.damaged(file, attack)
        apart = kind not in IN_THIS_PROCESS
        results, seconds, memory = in_a_child(lambda: read_all(folder)) if apart else timed(lambda: read_all(folder))
        self.figures[f"{kind}: files"] += 1
        title = f"{file}: {what}"
        self.worst_seconds = max(self.worst_seconds, (seconds, title))
        self.worst_memory = max(self.worst_memory, (memory, title))
        if results is None or seconds > SECONDS or memory > MEMORY:
            self.faults.append(f"{title}: {seconds:.2f} s, {memory / 1e6:.0f} MB, {results}")
            return
        refused = False
        for reader, (value, lines) in results.items():
            if lines is not None:
                refused = True
                self.check_line(title, f"{reader}: {lines}", lines, names_of(kind, file, what))
            elif reader in self.expected and value != self.expected[reader] and (file, what) != NO_STATE:
                self.faults.append(f"{title}: {reader}: other answers, and no error")
        self.figures[f"{kind}: {'refused by name' if refused else 'without effect'}"] += 1

    def damaged(self, file: str, attack: Attack) -> Path:
        folder = self.work / "attacked" / "run"
        shutil.rmtree(folder.parent, ignore_errors=True)
        shutil.copytree(self.run, folder)
        attack(folder / file)
        return folder

    def check_line(self, title: str, shown: str, lines: list[str], names: tuple[str, ...]) -> None:
        if (
            len(lines) != 1
            or len(lines[0]) > 500
            or not lines[0].isprintable()
            or not any(n in lines[0] for n in names)
        ):
            self.faults.append(f"{title}: {shown}"[:1000])

    def commands(self) -> None:
        """The commands on some damaged runs: exit code 2 and one line."""
        words = {
            "model.json": [["predict", "Virtanen", "--model"], ["evaluate"]],
            "model.safetensors": [["predict", "Virtanen", "--model"]],
            "training_names.safetensors": [["evaluate"]],
            "history.jsonl": [["plot", "loss"]],
            "config.yaml": [["train", "--resume"]],
            "last/state.safetensors": [["train", "--resume"]],
            "last/places.json": [["evaluate"], ["train", "--resume"]],
        }
        for file, commands in words.items():
            for what in ("10 GB of nothing", "a named pipe", "a link out of the folder"):
                folder = self.damaged(file, OF_ANY_FILE[what])
                for command in commands:
                    line = [str(CHARNN), *command, str(folder)]
                    done = subprocess.run(line, cwd=self.work, capture_output=True, text=True, timeout=120, check=False)
                    self.figures["commands"] += 1
                    errors = [line for line in done.stderr.splitlines() if line.startswith("charnn: error: ")]
                    if done.returncode != 2 or done.stdout or "Traceback" in done.stderr:
                        errors = []
                    self.check_line(f"{file}: {what}", f"{command[0]}: {done}", errors, (Path(file).name,))


def read_all(folder: Path) -> dict[str, tuple[Any, list[str] | None]]:
    results: dict[str, tuple[Any, list[str] | None]] = {}
    for name, read in (READERS | FOR_PEOPLE).items():
        try:
            results[name] = (read(folder), None)
        except CharnnError as error:
            results[name] = (None, error.lines())
    return results


def names_of(kind: str, file: str, what: str) -> tuple[str, ...]:
    """What the error must name, one of them."""
    if (file, what) == ("model.json", "gone"):
        return ("holds no finished epoch yet",)
    return ("model.json", "model.safetensors") if kind == "crafted model.json" else (Path(file).name,)


def timed(work: Callable[[], Any]) -> tuple[Any, float, int]:
    """What a piece of work gives, its processor seconds and the most memory that this process ever had."""
    started = time.process_time()
    result = work()
    return result, time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def in_a_child(work: Callable[[], Any]) -> tuple[Any, float, int]:
    """What a piece of work gives, None where it fails; its processor seconds and the most memory that it had."""
    reader, writer = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        try:
            content = pickle.dumps(work())
        except BaseException as error:
            content = pickle.dumps(None)
            print(f"{type(error).__name__}: {error}"[:500], flush=True)
        with os.fdopen(writer, "wb") as stream:
            stream.write(content)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        content = stream.read()
    _, _, usage = os.wait4(pid, 0)
    return pickle.loads(content) if content else None, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def attacks(run: Path, other: Path, count: int) -> Iterator[tuple[str, str, str, Attack]]:
    """Kind, file, what is done to it, and the attack."""
    for number, file in enumerate(FILES):
        for what, attack in cuts(run / file):
            yield "cut", file, what, attack
        yield "swapped", file, "of another run", swapped(other / file)
        for what, attack in OF_ANY_FILE.items():
            yield "replaced", file, what, attack
        if file.endswith(".safetensors"):
            for what, attack in OF_SAFETENSORS.items():
                yield "lying header", file, what, attack
        for what, attack in flips(run / file, count, seed=number):
            yield "flipped", file, what, attack
    for what, attack in OF_DESCRIPTION.items():
        yield "crafted model.json", "model.json", what, attack
    for what, attack in OF_PLACES.items():
        yield "crafted places.json", "last/places.json", what, attack


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flips", type=int, default=200)
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="charnn-hostile-"))
    torture = Torture(work)
    _, _, base = in_a_child(lambda: None)
    started = time.monotonic()
    for kind, file, what, attack in attacks(torture.run, torture.other, options.flips):
        torture.attack(kind, file, what, attack)
    torture.commands()
    print(f"most processor time: {torture.worst_seconds[0]:.2f} s ({torture.worst_seconds[1]})")
    print(
        f"most memory: {torture.worst_memory[0] / 1e6:.0f} MB ({torture.worst_memory[1]}); at rest {base / 1e6:.0f} MB"
    )
    print(f"{time.monotonic() - started:.0f} s")
    return conclude(torture.figures, torture.faults, work)


if __name__ == "__main__":
    sys.exit(main())
