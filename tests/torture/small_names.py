"""Names and settings of a training that is over in seconds."""

import random
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
