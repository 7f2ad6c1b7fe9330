"""An evaluation for spreadsheets and scripts: one figure a row."""

import csv
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from charnn_cli.evaluate import Evaluation

HEADER = ("model", "against", "names", "origin", "metric", "value", "low", "high")

Row = tuple[object, ...]


def write_csv(evaluation: "Evaluation", stream: TextIO) -> None:
    """Write a header, then a row a figure: RFC 4180 quoting, `\\n` line ends.

    `against` is the model that the value is a difference from, `names` is `all` or `unseen`, `origin` the label that
    the figure is about. Fields that do not apply and figures that are not defined are empty.
    """
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(_rows(evaluation))


def _rows(evaluation: "Evaluation") -> Iterator[Row]:
    run = evaluation.run
    yield from _figures(run, "all", evaluation.metrics, evaluation.intervals)
    counts = {
        "n": evaluation.n,
        "ceiling": evaluation.ceiling,
        "seen_in_training": evaluation.seen_in_training,
        "abstained": evaluation.abstained,
    }
    for metric, value in counts.items():
        yield (run, "", "all", "", metric, value, "", "")
    unseen = evaluation.unseen
    if unseen is not None:
        yield (run, "", "unseen", "", "n", unseen.n, "", "")
        if unseen.metrics is not None and unseen.intervals is not None:
            yield from _figures(run, "unseen", unseen.metrics, unseen.intervals)
    for row in evaluation.per_origin:
        for metric in ("support", "precision", "recall", "f1"):
            yield (run, "", "all", row.origin, metric, getattr(row, metric), "", "")
    for rival in (*([evaluation.baseline] if evaluation.baseline else []), *evaluation.comparisons):
        yield from _figures(rival.name, "all", rival.metrics, rival.intervals)
        for metric, (difference, low, high) in rival.differences.items():
            yield (run, rival.name, "all", "", metric, *map(_defined, (difference, low, high)))


def _figures(
    model: str, names: str, metrics: Mapping[str, float], intervals: Mapping[str, tuple[float, float]]
) -> Iterator[Row]:
    for metric, value in metrics.items():
        yield (model, "", names, "", metric, *map(_defined, (value, *intervals[metric])))


def _defined(value: float) -> float | str:
    return value if value == value else ""
