"""How many wrong labels are suspected, and how many of the suspects are wrong: `make bench-labels`.

    python tests/bench/bench_labels.py DATA... [--flipped 0,0.01,0.05,0.1] [--config fast] [--folds 5] [--seeds 0]

So large a share of the rows gets the label of another row, drawn at random, that its name does not bear. Probabilities
out of fold are those of a cross-validation by name, which learns and validates on the flipped labels alone; by them
`charnn_cli.study.labels` suspects. Beside it stands the plainer rule that suspects each mistake of the model.
Labels that were wrong before count as wrong suspicions here: the row of no flipped ones says how many are suspected.
Finished cells are kept in bench-results/labels.jsonl.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from cells import PACKAGE, SOURCES, Cells, cell_key, names, new_table, shown, tell
from numpy.typing import NDArray

from charnn_cli.config import load_settings
from charnn_cli.data import Dataset, fold_sides
from charnn_cli.study.labels import suspects
from charnn_cli.train import Session

FILE = Path("bench-results") / "labels.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--flipped", default="0,0.01,0.05,0.1", help="shares of the rows")
    parser.add_argument("--config", default="fast")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--fresh", action="store_true", help="measure every cell again")
    options = parser.parse_args()
    cells = Cells(FILE, fresh=options.fresh)
    for data in options.data:
        dataset = names(data)
        columns = ("flipped", "suspects", "recall", "precision", "of as many first", "right label", "mistakes: number")
        title = (
            f"{data}: {len(dataset):,} rows of {len(dataset.labels)} origins, {options.config}, {options.folds} folds"
        )
        table = new_table(title, "share", *columns, "recall", "precision")
        for share in map(float, options.flipped.split(",")):
            found = []
            for seed in map(int, options.seeds.split(",")):
                about = [dataset.fingerprint, share, options.config, options.folds, seed]
                measure = partial(cell, dataset, data, *about[1:])
                key = cell_key(map(str, about), [*SOURCES, PACKAGE / "study" / "labels.py", Path(__file__)])
                found.append(cells.get(key, {"data": str(data), "flipped": share, "seed": seed}, measure))
            table.add_row(f"{share:.0%}", *row(found))
        tell(table, 160)


def cell(dataset: Dataset, data: Path, share: float, config: str, folds: int, seed: int) -> dict[str, int]:
    """How many rows are flipped, suspected, and both, by either rule."""
    wrong = flipped(dataset, share, seed)
    is_wrong = wrong.origins != dataset.origins
    probabilities = out_of_fold(wrong, data, config, folds, seed)
    found = suspects(probabilities, wrong.origins, wrong.hashes)
    is_mistaken = probabilities.argmax(axis=1) != wrong.origins
    caught = is_wrong[found.rows]
    return {
        "flipped": int(is_wrong.sum()),
        "suspects": len(found),
        "caught": int(caught.sum()),
        "caught_first": int(caught[: is_wrong.sum()].sum()),
        "right": int((found.proposed == dataset.origins[found.rows])[caught].sum()),
        "mistakes": int(is_mistaken.sum()),
        "caught_by_mistakes": int((is_mistaken & is_wrong).sum()),
    }


def flipped(dataset: Dataset, share: float, seed: int) -> Dataset:
    """The same names with some labels wrong."""
    random = np.random.default_rng(seed)
    borne = set(zip(dataset.hashes.tolist(), dataset.origins.tolist(), strict=True))
    origins = dataset.origins.copy()
    for row in random.permutation(len(dataset))[: round(share * len(dataset))].tolist():
        label = int(dataset.origins[row])
        while (int(dataset.hashes[row]), label) in borne:
            label = int(random.choice(dataset.origins))
        borne.add((int(dataset.hashes[row]), label))
        origins[row] = label
    return replace(dataset, origins=origins)


def out_of_fold(dataset: Dataset, data: Path, config: str, folds: int, seed: int) -> NDArray[np.float64]:
    """What models say of each row (N, C) that have seen no row of its name."""
    settings = load_settings(config, [f"seed={seed}"])
    fraction = settings.config.data.validation_fraction
    probabilities = np.full((len(dataset), len(dataset.labels)), np.nan)
    for fold in range(folds):
        sides = fold_sides(dataset, fold, folds=folds, seed=seed, validation_fraction=fraction)
        session = Session.prepare(settings, dataset, data, sides=sides)
        probabilities[session.data.test] = session.in_memory().probabilities
        print(f"  fold {fold + 1} of {folds}", file=sys.stderr, flush=True)
    return probabilities


def row(found: Sequence[dict[str, int]]) -> list[str]:
    """The figures of some seeds, as the table has them."""

    def each(figure: str) -> NDArray[np.int64]:
        return np.array([one[figure] for one in found])

    def ratio(of: str, by: str) -> str:
        return shown(each(of) / each(by)) if each(by).all() else "-"

    numbers = [shown(each(figure), ",.0f") for figure in ("flipped", "suspects")]
    shares = [("caught", "flipped"), ("caught", "suspects"), ("caught_first", "flipped"), ("right", "caught")]
    mistakes = [("caught_by_mistakes", "flipped"), ("caught_by_mistakes", "mistakes")]
    told = [ratio(*pair) for pair in shares], [ratio(*pair) for pair in mistakes]
    return [*numbers, *told[0], shown(each("mistakes"), ",.0f"), *told[1]]


if __name__ == "__main__":
    main()
