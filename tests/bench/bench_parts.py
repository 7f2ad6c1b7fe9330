"""What each part of the default is worth, and what was tried beside it: the default with one thing changed.

    python tests/bench/bench_parts.py DATA [--splits 2] [--fresh]

Each row is the mean of plain trainings over name-disjoint splits, measured on the validation names, by which recipes
are chosen, and on the test names, by which nothing is. What the kept model gains from counting the validation names
shows on the test names alone. Finished cells are kept in bench-results/parts/.
"""

import argparse
from pathlib import Path

import numpy as np
from cells import new_table, studied, tell

from charnn_cli.config import load_settings
from charnn_cli.study.plan import Recipe

RESULTS = Path("bench-results") / "parts"
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
    "steps of 256 names": ["training.batch_size=256"],
    "hidden size 256": ["model.hidden_size=256"],
    "balanced class weights": ["training.class_weights=balanced"],
}
FIGURES = ("accuracy", "macro_f1", "nll")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--splits", type=int, default=2)
    parser.add_argument("--fresh", action="store_true", help="measure every cell again")
    options = parser.parse_args()
    chosen = [Recipe(change, load_settings("default", settings)) for change, settings in CHANGES.items()]
    figures = studied(RESULTS, options.data, chosen, options.splits, fresh=options.fresh)
    sides = {"validation": "validation", "metrics": "test"}
    columns = [f"{side} {figure.replace('_', '-')}" for side in sides.values() for figure in FIGURES]
    table = new_table(f"{options.data.name}: the default with one change, {options.splits} split(s)", "", *columns)
    for change, cells in figures.items():
        means = [np.mean([told[side][figure] for _, told in cells]) for side in sides for figure in FIGURES]
        table.add_row(change, *(f"{mean:.3f}" for mean in means))
    tell(table, 140)


if __name__ == "__main__":
    main()
