"""What it is worth to begin with the network of another run, for labels that it has never seen: `make bench-start`.

    python tests/bench/bench_start.py DATA [--sizes 100,500,2000,10000] [--seeds 0,1,2] [--fresh]

Every second origin of DATA is learned first, by the default. The others are the labels of someone who has few names:
samples of them are learned from nothing and from that start, with the same settings, by the linear model too, and
tested on a fifth of these names. No test name, in any spelling that text rules make one, is among what the start has
learned. Finished cells and the start are kept in bench-results/start/.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from cells import SOURCES, Cells, cell_key, charnn, each_shown, names, new_table, tell
from numpy.typing import NDArray

from charnn_cli.data import TEST, Dataset, split

FOLDER = Path("bench-results") / "start"
#: Batches of one size, so that sets of several sizes differ in nothing but their names.
SETTINGS = ("training.batch_size=32", "data.test_fraction=0")
FIGURES = ("accuracy", "macro_f1")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--sizes", default="100,500,2000,10000")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--fresh", action="store_true", help="measure every cell again")
    options = parser.parse_args()
    sizes, seeds = ([int(number) for number in text.split(",")] for text in (options.sizes, options.seeds))
    cells = Cells(FOLDER / "cells.jsonl", fresh=options.fresh)
    dataset = names(options.data)
    learned, pool, tested = parts(dataset)
    start = trained_start(dataset, learned, fresh=options.fresh)
    write(dataset, tested, FOLDER / "test.csv")
    origins = len(np.unique(dataset.origins[tested]))
    title = f"{origins} origins that the start never saw, {len(tested):,} test names, {len(seeds)} samples"
    columns = [f"{how}: {figure}" for how in ("from nothing", "from the start", "linear") for figure in FIGURES]
    table = new_table(title, "names", *columns)
    for size in sizes:
        figures = [_cell(cells, dataset, pool, start, size, seed) for seed in seeds]
        table.add_row(f"{size:,}", *each_shown(figures, columns))
    tell(table, 160)


def parts(dataset: Dataset) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Rows that the start learns, rows to draw samples from, and rows to test on."""
    is_new = dataset.origins % 2 == 1
    is_test = is_new & (split(dataset, seed=0, validation_fraction=0.0, test_fraction=0.2) == TEST)
    is_learned = ~is_new & ~np.isin(dataset.hashes, dataset.hashes[is_test])
    return np.flatnonzero(is_learned), np.flatnonzero(is_new & ~is_test), np.flatnonzero(is_test)


def write(dataset: Dataset, rows: NDArray[np.int64], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows_of_table = ((dataset.names[row], dataset.labels[dataset.origins[row]]) for row in rows)
        csv.writer(stream).writerows([("name", "origin"), *rows_of_table])


def run(*words: object) -> str:
    done = charnn(*words)
    if done.returncode:
        sys.exit(done.stderr.strip())
    return done.stdout


def trained_start(dataset: Dataset, rows: NDArray[np.int64], *, fresh: bool) -> Path:
    """The run of the origins that are learned first."""
    folder = FOLDER / "run"
    if fresh or not (folder / "MODEL_CARD.md").exists():
        write(dataset, rows, FOLDER / "start.csv")
        run("train", FOLDER / "start.csv", "--out", folder, "--set", "data.test_fraction=0", "--quiet", "--force")
    return folder


def _cell(
    cells: Cells, dataset: Dataset, pool: NDArray[np.int64], start: Path, size: int, seed: int
) -> dict[str, float]:
    digest = json.loads((start / "model.json").read_text(encoding="utf-8"))["sha256"]
    key = cell_key([dataset.fingerprint, digest, str(size), str(seed), *SETTINGS], SOURCES)
    rows = np.random.default_rng(seed).permutation(pool)[:size]
    return cells.get(key, {"names": size, "seed": seed}, partial(_measured, dataset, rows, start, seed))


def _measured(dataset: Dataset, rows: NDArray[np.int64], start: Path, seed: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as place:
        write(dataset, rows, Path(place) / "names.csv")
        nothing = _trained(Path(place), seed, "nothing")
        begun = _trained(Path(place), seed, "start", "--start-from", start)
    found = {"from nothing": nothing, "from the start": begun, "linear": nothing["baseline"]}
    return {f"{how}: {figure}": value["metrics"][figure] for how, value in found.items() for figure in FIGURES}


def _trained(place: Path, seed: int, name: str, *words: object) -> dict[str, Any]:
    """What `charnn evaluate` says of a training on the names of a folder."""
    how: Sequence[object] = [word for setting in SETTINGS for word in ("--set", setting)]
    run("train", place / "names.csv", "--out", place / name, "--seed", seed, "--quiet", *how, *words)
    baseline = ["--baseline"] if name == "nothing" else []
    told = run("evaluate", place / name, "--data", FOLDER / "test.csv", "--format", "json", "--quiet", *baseline)
    return json.loads(told)  # type: ignore[no-any-return]


if __name__ == "__main__":
    main()
