"""A small but real training, and what must be the same however often it was interrupted."""

import json
import random
from pathlib import Path
from typing import Any

from forks import Ended, charnn

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
    "training.epochs": 40,
    "training.threads": 1,
    "training.weight_average": 0.9,
    "training.select": "macro_f1",
}
TIMINGS = {"seconds", "names_per_second", "training_seconds"}
SAME_BYTES = ("model.safetensors", "model.json", "config.yaml", "training_names.safetensors", "MODEL_CARD.md")


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


def result(run: Path) -> dict[str, Any]:
    """All that a finished run holds, without what the clock says and the state, whose clock runs on."""
    found: dict[str, Any] = {name: (run / name).read_bytes() for name in SAME_BYTES}
    found["metrics.json"] = _untimed(json.loads((run / "metrics.json").read_text()))
    found["history.jsonl"] = [_untimed(json.loads(line)) for line in (run / "history.jsonl").read_text().splitlines()]
    return found


def _untimed(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in TIMINGS}


def differences(run: Path, expected: dict[str, Any]) -> list[str]:
    """Names of the files that are not as expected, and of those that should not be there."""
    try:
        found = result(run)
    except (OSError, ValueError) as error:
        return [str(error)]
    return [name for name in expected if found[name] != expected[name]] + temporary_files(run)


def temporary_files(run: Path) -> list[str]:
    return sorted(str(path.relative_to(run)) for path in run.rglob("*") if path.suffix in (".tmp", ".next", ".part"))


def loads(folder: Path, run: Path) -> tuple[bool, Ended]:
    """Whether `charnn predict` answers by the run; if not, it must say that no epoch was finished."""
    ended = charnn(folder, "predict", "Virtanen", "--model", run, "--quiet")
    return ended.code == 0 and ended.stdout.count("\n") == 2, ended
