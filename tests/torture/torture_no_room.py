"""No room, no right: full disks, files that may not grow, read-only folders, folders that vanish.

    python tests/torture/torture_no_room.py

A file system of its own is mounted where the machine allows it (Linux, `unshare`); where not, those cases are skipped
and counted as such. Every command must end with exit code 2 and one line, leave the last good checkpoint as it was
and no temporary file; with room again, `--resume` ends with the bytes of the uninterrupted training.
"""

import contextlib
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from common import conclude, train_words, write_names
from forks import TRACEBACK, Charnn, Ended, charnn
from small_training import differences, loads, result, temporary_files

DISK = 2**20  # bytes of the small file system
ROOM = (0, 4, 12, 24, 48, 96)  # KiB that are free when a command begins
LARGEST_FILE = (1, 4, 16, 64)  # KiB
VANISHING = 4
ISOLATED = "CHARNN_TORTURE_ISOLATED"


class Torture:
    def __init__(self, work: Path) -> None:
        self.work = work
        self.data = write_names(work / "names")
        self.many = work / "many.txt"
        self.many.write_text("".join(f"Name{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}\n" for n in range(30_000)))
        self.figures: Counter[str] = Counter()
        self.faults: list[str] = []
        self.whole = work / "whole" / "run"
        ended = charnn(work / "whole", *train_words(self.data, self.whole))
        assert ended.code == 0, ended.stderr
        self.expected = result(self.whole)

    def check(self, what: str, ended: Ended, *, fits: bool = True) -> bool:
        """One line and exit code 2, or success; whether it was refused."""
        self.figures[what] += 1
        errors = [line for line in ended.stderr.splitlines() if line.startswith("charnn: error: ")]
        if TRACEBACK in ended.stderr or ended.code not in (0, 2) or len(errors) != (ended.code == 2) or not fits:
            self.faults.append(f"{what}: exit code {ended.code}: {ended.stderr[-500:]}")
        return ended.code == 2

    def gone_on_with(self, what: str, folder: Path, run: Path) -> None:
        """What a failed training left answers or says why not, and goes on to the expected bytes."""
        if left := temporary_files(run) if run.exists() else []:
            self.faults.append(f"{what}: left {left}")
        answers, ended = loads(folder, run)
        nothing_yet = ("no finished epoch", "no such run folder", "is no run folder")
        if not answers and not any(what in ended.last_line for what in nothing_yet):
            self.faults.append(f"{what}: afterwards: {ended.last_line}")
        words = ["train", "--resume", run] if (run / "config.yaml").exists() else train_words(self.data, run)
        ended = charnn(folder, *words)
        if wrong := [ended.last_line] if ended.code else differences(run, self.expected):
            self.faults.append(f"{what}: gone on with: {wrong}")
        self.figures["gone on with to the expected bytes"] += not wrong

    def training(self, what: str, folder: Path, run: Path, ended: Ended) -> None:
        if self.check(what, ended):
            self.figures[f"{what}: refused"] += 1
            self.gone_on_with(what, folder, run)
        elif differences(run, self.expected):
            self.faults.append(f"{what}: ended well, but {differences(run, self.expected)}")

    def outputs(self, what: str, folder: Path, place: Path, *, refused: bool) -> None:
        """predict, plot and evaluate with their files in `place`."""
        kept = {path: path.read_bytes() for path in place.iterdir() if path.suffix != ".filler"}
        for name, words in (
            ("answers.tsv", ["predict", "--model", self.whole, "--input", self.many, "--output"]),
            ("answers.parquet", ["predict", "--model", self.whole, "--input", self.many, "--output"]),
            ("loss.png", ["plot", "loss", self.whole, "-o"]),
            ("report.html", ["evaluate", self.whole, "--report"]),
        ):
            ended = charnn(folder, *words, place / name)
            self.check(f"{what}: {words[0]}", ended, fits=not refused or ended.code == 2)
            if ended.code == 2:
                self.figures[f"{what}: {words[0]}: refused"] += 1
                left = {path: path.read_bytes() for path in place.iterdir() if path.suffix != ".filler"}
                if left != kept:
                    self.faults.append(f"{what}: {words[0]}: changed {sorted(map(str, left.keys() ^ kept.keys()))}")
            else:
                (place / name).unlink()

    def told_before_the_work(self, folder: Path, place: Path) -> None:
        """Output that cannot be written is told before the names are read: here they are not even there."""
        nowhere = self.work / "nowhere.csv"
        for words in (
            ["plot", "confusion", self.whole, "--data", nowhere, "-o", place / "a.png"],
            ["evaluate", self.whole, "--data", nowhere, "--report", place / "a.html"],
            train_words(nowhere, place / "run"),
        ):
            ended = charnn(folder, *words)
            self.check("told before the work", ended, fits=ended.code == 2 and str(place) in ended.last_line)

    def limited_files(self) -> None:
        for room in LARGEST_FILE:
            folder = self.work / f"limit-{room}"
            with file_limit(room * 1024):
                ended = charnn(folder, *train_words(self.data, folder / "run"))
            self.training("file size limit: train", folder, folder / "run", ended)
            place = folder / "out"
            place.mkdir(exist_ok=True)
            with file_limit(room * 1024):
                self.outputs("file size limit", folder, place, refused=room <= 4)

    def full_disk(self) -> None:
        for room in ROOM:
            folder = self.work / f"full-{room}"
            with small_disk(folder / "disk") as disk:
                filler = disk / "a.filler"
                fill(disk, filler, room * 1024)
                if room == 0:
                    self.told_before_the_work(folder, disk)
                ended = charnn(folder, *train_words(self.data, disk / "run"))
                filler.unlink()
                self.training("full disk: train", folder, disk / "run", ended)
                shutil.rmtree(disk / "run", ignore_errors=True)
                fill(disk, filler, room * 1024)
                self.outputs("full disk", folder, disk, refused=room <= 4)

    def disk_that_fills(self) -> None:
        """A training under way, whose disk another program fills."""
        for number in range(VANISHING):
            folder = self.work / f"fills-{number}"
            with small_disk(folder / "disk") as disk:
                run = disk / "run"
                process = Charnn(folder, *train_words(self.data, run, **{"training.tensorboard": number % 2 == 1}))
                wait_for(run / "history.jsonl", process)
                fill(disk, disk / "a.filler", number * 1024)
                ended = process.wait()
                (disk / "a.filler").unlink()
                if number % 2:
                    self.check("disk that fills, TensorBoard: train", ended)
                    continue
                self.training("disk that fills: train", folder, run, ended)

    def read_only(self) -> None:
        folder = self.work / "read-only"
        with small_disk(folder / "disk") as disk:
            shutil.copytree(self.whole, disk / "run")
            subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
            for words in (
                train_words(self.data, disk / "other"),
                [*train_words(self.data, disk / "run"), "--force"],
                ["train", "--resume", disk / "run"],
            ):
                ended = charnn(folder, *words)
                self.check("read-only folder: train", ended, fits=ended.code == 2)
            self.told_before_the_work(folder, disk)
            for words in (
                ["predict", "Virtanen", "--model", disk / "run", "--output", disk / "a.tsv"],
                ["plot", "loss", disk / "run", "-o", disk / "a.png"],
                ["evaluate", disk / "run", "--report", disk / "a.html"],
            ):
                self.check(f"read-only folder: {words[0]}", ended := charnn(folder, *words), fits=ended.code == 2)
            for words in (["predict", "Virtanen", "--model", disk / "run"], ["evaluate", disk / "run"]):
                self.check("read-only folder: answers", ended := charnn(folder, *words), fits=ended.code == 0)
            if differences(disk / "run", self.expected):
                self.faults.append("read-only folder: the run is not what it was")

    def vanishing(self) -> None:
        dice = random.Random(0)
        for number in range(VANISHING):
            folder = self.work / f"vanishes-{number}"
            run = folder / "run"
            process = Charnn(folder, *train_words(self.data, run, **{"training.epochs": 4000}))
            wait_for(run / "history.jsonl", process)
            time.sleep(0.5 * dice.random())
            if number % 2:
                run.rename(folder / "elsewhere")
            else:
                (run / "last").rename(folder / "gone")
            ended = process.wait()
            self.check("folder that vanishes: train", ended, fits=ended.code == 2)
            kept = folder / "elsewhere" if number % 2 else run
            answers, ended = loads(folder, kept)
            self.figures["folder that vanishes: the weights in it still answer"] += answers
            if not answers or temporary_files(kept):
                self.faults.append(f"folder that vanishes: {ended.last_line} {temporary_files(kept)}")


def wait_for(path: Path, process: Charnn) -> None:
    while process.is_running and not path.exists():
        time.sleep(0.002)


@contextlib.contextmanager
def file_limit(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes, in the processes that begin inside the block."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    sys.stdout.flush()
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(size, 600), before[1]))  # 600: what stderr is to hold
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    place.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(disk: Path, filler: Path, room: int) -> None:
    """Leave `room` bytes."""
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    with contextlib.suppress(OSError):
        filler.write_bytes(bytes(max(free - room, 0)))


def can_mount() -> bool:
    """Whether this process has a mount namespace of its own; starts again inside one where that can be had."""
    if os.environ.get(ISOLATED):
        return os.environ[ISOLATED] == "yes"
    for unshare in (["unshare", "-m"], ["unshare", "-r", "-m"]):
        trial = [*unshare, "sh", "-c", 'd=$(mktemp -d) && mount -t tmpfs none "$d" && umount "$d" && rmdir "$d"']
        if shutil.which("unshare") and subprocess.run(trial, capture_output=True, check=False).returncode == 0:
            os.environ[ISOLATED] = "yes"
            os.execvp("unshare", [*unshare, sys.executable, *sys.argv])
    return False


def main() -> int:
    mounts = can_mount()
    work = Path(tempfile.mkdtemp(prefix="charnn-no-room-"))
    torture = Torture(work)
    cases = [torture.limited_files, torture.vanishing]
    if mounts:
        cases += [torture.full_disk, torture.disk_that_fills, torture.read_only]
    for case in cases:
        started = time.monotonic()
        case()
        print(f"{time.monotonic() - started:5.0f} s  {case.__name__}", flush=True)
    if not mounts:
        print("skipped: full disk, disk that fills, read-only folder (no file system can be mounted here)")
    return conclude(torture.figures, torture.faults, work)


if __name__ == "__main__":
    sys.exit(main())
