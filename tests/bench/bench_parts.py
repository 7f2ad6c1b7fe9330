"""What each part of the default is worth, and what was tried beside it: the default with one thing changed.

    python tests/bench/bench_parts.py DATA [--seeds 0,1] [--fresh]

Each row is the mean of plain trainings over name-disjoint splits, measured on the validation names, by which recipes
are chosen, and on the test names, by which nothing is. What the kept model gains from counting the validation names
shows on the test names alone. Finished cells are kept in bench-results/parts.jsonl.
"""

import argparse
import json
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from cells import SOURCES, Cells, cell_key, charnn, names, new_table
from rich.console import Console

from charnn_cli.config import dump_yaml, load_settings

RESULTS = Path("bench-results") / "parts.jsonl"
CHANGES: dict[str, list[str]] = {
    "default": [],
    "without marks": ["text.marks=false"],
    "validation names not counted": ["model.count_validation=false"],
    "without language models": ["model.language_model=false"],
    "without any n-grams": ["model.language_model=false", "model.wide=false"],
    "next symbols not guessed": ["training.next_symbol_weight=0"],
    "n-grams of up to four letters": ["model.ngram_orders=[1,2,3,4]"],
    "one direction": ["model.bidirectional=false"],
    "8 epochs": ["training.epochs=8"],
    "hidden size 256": ["model.hidden_size=256"],
    "balanced class weights": ["training.class_weights=balanced"],
}
FIGURES = ("accuracy", "macro_f1", "nll")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", default="0,1")
    parser.add_argument("--fresh", action="store_true", help="measure every cell again")
    options = parser.parse_args()
    seeds = [int(seed) for seed in options.seeds.split(",")]
    cells = Cells(RESULTS, fresh=options.fresh)
    columns = [f"{side} {figure.replace('_', '-')}" for side in ("validation", "test") for figure in FIGURES]
    table = new_table(f"{options.data.name}: the default with one change, {len(seeds)} split(s)", "", *columns)
    for change, assignments in CHANGES.items():
        measured = [_cell(cells, options.data, change, assignments, seed) for seed in seeds]
        means = [
            float(np.mean([cell[side][figure] for cell in measured]))
            for side in ("validation", "test")
            for figure in FIGURES
        ]
        table.add_row(change, *(f"{mean:.3f}" for mean in means))
    Console(width=None if sys.stdout.isatty() else 140).print(table)


def _cell(cells: Cells, data: Path, change: str, assignments: list[str], seed: int) -> dict[str, Any]:
    settings = [*assignments, f"data.split_seed={seed}"]
    config = dump_yaml(load_settings("default", settings).config)
    key = cell_key([names(data).fingerprint, config], SOURCES)
    return cells.get(key, {"change": change, "seed": seed}, partial(_trained, data, settings))


def _trained(data: Path, settings: list[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        how = [word for setting in settings for word in ("--set", setting)]
        done = charnn("train", data, *how, "--out", f"{folder}/run", "--quiet")
        if done.returncode:
            sys.exit(done.stderr.strip())
        metrics = json.loads(Path(folder, "run", "metrics.json").read_text(encoding="utf-8"))
    return {side: metrics[side]["metrics"] for side in ("validation", "test")}


if __name__ == "__main__":
    main()
