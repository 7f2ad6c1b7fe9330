"""Test names of a run in three files, for what LESSON.md tells of the lesson's claims.

    python tests/bench/lesson_names.py RUN FOLDER

`names.csv` holds the test split, `anagrams.csv` the same names with their letters shuffled (words stay words),
`long.csv` those of at least twelve letters. The split depends on data and seed alone, so runs that share both can be
measured on the same files.
"""

import csv
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from charnn_cli.evaluate import EvaluationSet, LabelledNames
from charnn_cli.store import Run

LONG = 12


def anagram(name: str, order: random.Random) -> str:
    """The letters of each word in another order."""
    return " ".join("".join(order.sample(word, len(word))) for word in name.lower().split())


def write(path: Path, rows: Sequence[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([("name", "origin"), *rows])
    print(f"{path}: {len(rows):,} names")


def main(run_folder: str, folder: str) -> None:
    run, place = Run(Path(run_folder)), Path(folder)
    found = EvaluationSet.of(run, LabelledNames.of(run, None), "test", own_data=True)
    rows = [(name, found.labels[origin]) for name, origin in zip(found.names, found.origins, strict=True)]
    order = random.Random(0)
    place.mkdir(parents=True, exist_ok=True)
    write(place / "names.csv", rows)
    write(place / "anagrams.csv", [(anagram(name, order), origin) for name, origin in rows])
    write(place / "long.csv", [(name, origin) for name, origin in rows if sum(map(str.isalpha, name)) >= LONG])


if __name__ == "__main__":
    main(*sys.argv[1:])
