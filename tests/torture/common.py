"""What the scripts share: names and settings of a training that is over in seconds, places for files, the verdict."""

import atexit
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

SYLLABLES = {
    "Finnish": ("ko", "la", "nen", "mä", "ki", "vir", "ta", "sa", "lo", "hei"),
    "Japanese": ("ya", "ma", "mo", "to", "su", "zu", "ki", "ta", "na", "ka"),
    "Polish": ("now", "ski", "wa", "czyk", "za", "krze", "wicz", "ma", "ro", "szy"),
}
NAMES_PER_ORIGIN = 100
SETTINGS = {
    "model.hidden_size": 16,
    "model.embedding_size": 8,
    "model.ngram_max_size": 500,
    "training.epochs": 12,
    "training.threads": 1,
    "training.select": "macro_f1",
}


def write_names(folder: Path) -> Path:
    """Three hundred made-up names of three origins."""
    folder.mkdir(parents=True)
    dice = random.Random(0)
    for origin, syllables in SYLLABLES.items():
        names: set[str] = set()
        while len(names) < NAMES_PER_ORIGIN:
            names.add("".join(dice.choices(syllables, k=dice.randint(2, 4))).capitalize())
        (folder / f"{origin}.txt").write_text("\n".join(sorted(names)) + "\n", encoding="utf-8")
    return folder


def train_words(data: Path, run: Path, **changes: object) -> list[object]:
    """The words of `charnn train` for this training."""
    settings = [word for key, value in {**SETTINGS, **changes}.items() for word in ("--set", f"{key}={value}")]
    return ["train", data, "--out", run, "--device", "cpu", *settings]


@cache
def scratch() -> Path:
    """A folder for the files of one process, in memory where there is such a place; removed at the end."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="charnn-fuzz-", dir=memory if memory.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def conclude(figures: Counter[str], faults: Sequence[str], work: Path, *, at_most: int | None = None) -> int:
    """Print both, `at_most` so many faults; the folder of the work is kept where there are faults. The exit code."""
    for what, count in sorted(figures.items()):
        print(f"{count:5d}  {what}")
    for fault in faults[:at_most]:
        print(f"FAULT  {fault}")
    print(f"{len(faults):5d}  faults" + (f", kept in {work}" if faults else ""))
    if not faults:
        shutil.rmtree(work)
    return bool(faults)
