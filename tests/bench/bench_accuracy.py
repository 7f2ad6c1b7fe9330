"""How well each recipe does, against the linear model: mean and spread over name-disjoint splits.

    python tests/bench/bench_accuracy.py DATA... [--seeds 0,1,2,3,4] [--only default,linear] [--fresh]

Every cell (data set, recipe, seed) is one plain `charnn train` and is measured on the split's test names, which
nothing was chosen by. Finished cells are kept in bench-results/accuracy.jsonl and not run again; a cell is known by
the settings, the data's fingerprint and the package's version of the moment, so a changed recipe is measured anew.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from cells import TRAINING_SOURCES, Cells, cell_key, charnn, names, shown
from rich.console import Console
from rich.table import Table

from charnn_cli import baseline
from charnn_cli.config import dump_yaml, load_settings, recipe_names
from charnn_cli.data import TEST, TRAIN, split
from charnn_cli.metrics import METRICS, figures

RESULTS = Path("bench-results") / "accuracy.jsonl"
COLUMNS = ("accuracy", "balanced_accuracy", "macro_f1", "top_3_accuracy", "nll", "ece", "seconds")
FORMS = {"seconds": ".0f"}
LINEAR = {f"linear {setting.name}": setting for setting in baseline.SETTINGS}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--only", default="", help="recipes by name, and linear, with commas between them")
    parser.add_argument("--fresh", action="store_true", help="measure every cell again")
    options = parser.parse_args()
    seeds = [int(seed) for seed in options.seeds.split(",")]
    methods = [*LINEAR, *recipe_names()]
    if options.only:
        methods = [method for method in methods if method.split()[0] in options.only.split(",")]
    console = Console(width=None if sys.stdout.isatty() else 120)
    cells = Cells(RESULTS, fresh=options.fresh)
    for data in options.data:
        rows = {method: list(_measured(cells, data, method, seeds)) for method in methods}
        console.print(_table(data, rows, len(seeds)))


def _measured(cells: Cells, data: Path, method: str, seeds: list[int]) -> Iterator[dict[str, float]]:
    for seed in seeds:
        about = {"data": data.name, "method": method, "seed": seed}
        yield cells.get(_key(data, method, seed), about, partial(_cell, data, method, seed))


def _key(data: Path, method: str, seed: int) -> str:
    """What a cell depends on: names, settings, and the code that trains."""
    parts = [f"{method} {seed}", names(data).fingerprint]
    if method in LINEAR:
        return cell_key(parts, [Path(baseline.__file__)])
    return cell_key([*parts, dump_yaml(load_settings(method).config)], TRAINING_SOURCES)


def _cell(data: Path, method: str, seed: int) -> dict[str, float]:
    return _linear(data, LINEAR[method], seed) if method in LINEAR else _trained(data, method, seed)


def _linear(data: Path, setting: baseline.Setting, seed: int) -> dict[str, float]:
    dataset = names(data)
    sides = split(dataset, seed=seed, validation_fraction=0.1, test_fraction=0.1)
    training, test = np.flatnonzero(sides == TRAIN), np.flatnonzero(sides == TEST)
    started = time.perf_counter()
    texts = [dataset.texts[row] for row in training]
    model = baseline.fit(texts, dataset.origins[training], num_labels=len(dataset.labels), setting=setting)
    seconds = time.perf_counter() - started
    probabilities = model.probabilities([dataset.texts[row] for row in test])
    return figures(probabilities, dataset.origins[test]) | {"seconds": seconds}


def _trained(data: Path, recipe: str, seed: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        how = ("--config", recipe, "--set", f"data.split_seed={seed}", "--out", f"{folder}/run", "--quiet")
        done = charnn("train", data, *how)
        if done.returncode:
            print(done.stderr.strip(), file=sys.stderr)
            return dict.fromkeys((*METRICS, "seconds"), float("nan"))
        metrics = json.loads(Path(folder, "run", "metrics.json").read_text(encoding="utf-8"))
    return dict(metrics["test"]["metrics"]) | {"seconds": metrics["training_seconds"]}


def _table(data: Path, rows: dict[str, list[dict[str, float]]], splits: int) -> Table:
    spread = " (standard deviation)" if splits > 1 else ""
    table = Table(title=f"{data.name}: test names of {splits} name-disjoint split(s), mean{spread}")
    table.add_column("method", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column.replace("_accuracy", "").replace("_", "-"), justify="right")
    for method, cells in rows.items():
        table.add_row(
            method, *(shown([cell[column] for cell in cells], FORMS.get(column, ".3f")) for column in COLUMNS)
        )
    return table


if __name__ == "__main__":
    main()
