"""What a study came to: figures of each recipe, differences from the first one, and labels that are likely wrong."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from charnn_cli.data import Dataset
from charnn_cli.metrics import METRICS
from charnn_cli.study.comparing import Difference, compare
from charnn_cli.study.labels import suspects
from charnn_cli.study.measure import is_done
from charnn_cli.study.plan import Cell, Design
from charnn_cli.study.record import Record, load_answers
from charnn_cli.version import __version__

COSTS = ("seconds", "names_per_second", "weights")


@dataclass(frozen=True, slots=True)
class Row:
    """A recipe: of each metric and cost the values of its finished cells, and what became of the others."""

    label: str
    values: Mapping[str, Sequence[float]]
    failures: Sequence[tuple[Cell, str]]
    missing: int  # cells that were not begun

    @property
    def cells(self) -> int:
        return len(self.values["seconds"])

    def mean(self, what: str) -> float:
        """NaN where no cell is finished."""
        return float(np.mean(self.values[what])) if self.cells else math.nan

    def spread(self, what: str) -> float | None:
        """The standard deviation over the cells, None of fewer than two."""
        return float(np.std(self.values[what], ddof=1)) if self.cells > 1 else None


@dataclass(frozen=True, slots=True)
class Suspect:
    """A name whose label is likely wrong. margin: the mean probability of the label minus the largest of another."""

    name: str
    label: str
    proposed: str
    margin: float
    wrong: int  # cells that put another label first
    cells: int  # that were asked


@dataclass(frozen=True, slots=True)
class Outcome:
    """A study as it stands; `rows` begin with the recipe that the others are compared with."""

    data: str
    names: int
    origins: int
    fingerprint: str
    design: Design
    rows: Sequence[Row]
    differences: Mapping[str, Mapping[str, Difference]]  # metric → recipe
    suspects: Sequence[Suspect]
    cells: Sequence[Mapping[str, Any]]
    notes: Sequence[str]

    @property
    def reference(self) -> str:
        return self.rows[0].label

    @property
    def is_measured(self) -> bool:
        """Whether any cell has figures."""
        return any(row.cells for row in self.rows)

    @property
    def missing(self) -> int:
        """Cells that have neither figures nor a failure."""
        return sum(row.missing for row in self.rows)

    def compared(self) -> Iterator[tuple[Row, dict[str, Difference]]]:
        """The recipes that are compared with the first, each with its difference by metric."""
        for row in self.rows[1:]:
            told = {metric: by[row.label] for metric, by in self.differences.items() if row.label in by}
            if told:
                yield row, told

    def to_json(self) -> dict[str, Any]:
        """The object that study.json holds; what is not defined is None."""
        recipes = [
            {
                "recipe": row.label,
                "cells": row.cells,
                "failed": len(row.failures),
                "missing": row.missing,
                **{
                    what: {"mean": _finite(row.mean(what)), "standard_deviation": row.spread(what)}
                    for what in (*METRICS, *COSTS)
                },
            }
            for row in self.rows
        ]
        differences = [
            {"recipe": row.label, "against": self.reference, **asdict(told), "verdict": told.verdict}
            for row, by in self.compared()
            for told in by.values()
        ]
        return {
            "charnn_version": __version__,
            "data": {"path": self.data, "names": self.names, "origins": self.origins, "fingerprint": self.fingerprint},
            "design": asdict(self.design),
            "recipes": recipes,
            "differences": differences,
            "suspects": list(map(asdict, self.suspects)),
            "notes": list(self.notes),
            "cells": list(self.cells),
        }


def outcome(cells: Sequence[Cell], design: Design, record: Record, lost: Mapping[Cell, str]) -> Outcome:
    """What the finished cells tell; `lost` are those that ended otherwise than by their own fault, with the reason."""
    first = cells[0].names.read()
    labels = list(dict.fromkeys(cell.recipe.label for cell in cells))
    of_recipe = {label: [cell for cell in cells if cell.recipe.label == label] for label in labels}
    rows = [_row(label, own, record, lost) for label, own in of_recipe.items()]
    notes = []
    if any(cell.names.read().fingerprint != first.fingerprint for cell in cells):
        notes.append("some recipes read the names by other rules, so that their splits are not quite the same")
    if design.splits < 2:
        notes.append("one split tells nothing of other names: there are no intervals")
    return Outcome(
        data=str(cells[0].path),
        names=len(first),
        origins=len(first.labels),
        fingerprint=first.fingerprint,
        design=design,
        rows=rows,
        differences=_differences(of_recipe, record),
        suspects=_suspects(cells, first, record),
        cells=[_told(cell, record, lost) for cell in cells],
        notes=notes,
    )


def figures_of(cell: Cell, record: Record) -> Mapping[str, Any] | None:
    """What was measured, None of a cell that is not done or has failed."""
    return record.cells[cell.key].get("figures") if is_done(cell, record) else None


def _row(label: str, cells: Sequence[Cell], record: Record, lost: Mapping[Cell, str]) -> Row:
    told = [figures for cell in cells if (figures := figures_of(cell, record)) is not None]
    values = {metric: [figures["metrics"][metric] for figures in told] for metric in METRICS}
    values |= {what: [figures[what] for figures in told] for what in COSTS}
    failures = [(cell, reason) for cell in cells if (reason := _failure(cell, record, lost)) is not None]
    return Row(label, values, failures, len(cells) - len(told) - len(failures))


def _failure(cell: Cell, record: Record, lost: Mapping[Cell, str]) -> str | None:
    if cell in lost:
        return lost[cell]
    return record.cells[cell.key].get("failure") if is_done(cell, record) else None


def _told(cell: Cell, record: Record, lost: Mapping[Cell, str]) -> dict[str, Any]:
    told = {**cell.about, "key": cell.key}
    if (figures := figures_of(cell, record)) is not None:
        return {**told, "status": "done", **figures}
    reason = _failure(cell, record, lost)
    return {**told, "status": "missing" if reason is None else "failed", "reason": reason}


def _differences(of_recipe: Mapping[str, Sequence[Cell]], record: Record) -> dict[str, dict[str, Difference]]:
    """Of each metric, by recipe."""
    figures = {
        label: [(cell.split, told) for cell in cells if (told := figures_of(cell, record)) is not None]
        for label, cells in of_recipe.items()
    }
    reference = next(iter(of_recipe))
    every = [told for by in figures.values() for _, told in by]
    if not figures[reference]:
        return {}
    ratio = sum(told["n_test"] for told in every) / sum(told["n_train"] for told in every)
    found = {}
    for metric in METRICS:
        values: dict[str, dict[int, float]] = {}
        for label, by in figures.items():
            splits = sorted({split for split, _ in by})
            values[label] = {
                split: float(np.mean([told["metrics"][metric] for other, told in by if other == split]))
                for split in splits
            }
        found[metric] = compare(values, metric=metric, reference=reference, ratio=ratio)
    return found


def _suspects(cells: Sequence[Cell], dataset: Dataset, record: Record) -> list[Suspect]:
    """Names that most cells get wrong and whose label is likely wrong, by the mean of what those say that did not
    learn from the name.
    """
    sums = np.zeros((len(dataset), len(dataset.labels)), dtype=np.float32)
    asked, wrong = np.zeros((2, len(dataset)), dtype=np.int64)
    for cell in cells:
        if figures_of(cell, record) is not None and cell.names.read() is dataset:
            rows, probabilities = load_answers(record.folder, cell.key)
            sums[rows] += probabilities
            asked[rows] += 1
            wrong[rows] += probabilities.argmax(axis=1) != dataset.origins[rows]
    rows = np.flatnonzero(asked)
    if not len(rows):
        return []
    found = suspects(sums[rows] / asked[rows, None], dataset.origins[rows], dataset.hashes[rows])
    told = []
    for place, proposed, margin in zip(
        found.rows.tolist(), found.proposed.tolist(), found.margins.tolist(), strict=True
    ):
        row = rows[place]
        if 2 * wrong[row] > asked[row]:
            label = dataset.labels[dataset.origins[row]]
            counts = int(wrong[row]), int(asked[row])
            told.append(Suspect(dataset.names[row], label, dataset.labels[proposed], margin, *counts))
    return told


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
