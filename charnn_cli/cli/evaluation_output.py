"""An evaluation for people, in tables within 80 columns, and for spreadsheets and scripts, one figure a row."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from charnn_cli.cli.tables import Part, table
from charnn_cli.metrics import METRICS
from charnn_cli.scaling import UNSCALED
from charnn_cli.terminal import number_of, visible

if TYPE_CHECKING:
    from rich.table import Table

    from charnn_cli.evaluate import Evaluation, Rival, WritingEvaluation

LABEL_WIDTH = 22
EXAMPLES_WIDTH = 28
PAIRS_SHOWN = 10
CSV_HEADER = ("model", "against", "names", "origin", "metric", "value", "low", "high")

Row = tuple[object, ...]


def headline(evaluation: "Evaluation | WritingEvaluation") -> str:
    """Which run on which names."""
    examples = evaluation.examples
    which = "all names" if examples.split == "all" else f"the {examples.split} split"
    return f"{visible(evaluation.run)} on {which} of {visible(str(examples.data))}: {number_of(evaluation.n, 'name')}"


def _facts(evaluation: "Evaluation") -> list[str]:
    facts = [
        headline(evaluation),
        f"best accuracy that any function of the name alone can have here: {evaluation.ceiling:.3f}",
    ]
    seen = evaluation.seen_in_training
    if seen:
        facts.append(f"names that the run was trained on: {seen:,}")
    if evaluation.abstained:
        facts.append(f"names that the run abstains on, counted as mistakes: {evaluation.abstained:,}")
    if evaluation.scaling != UNSCALED:
        before = evaluation.uncalibrated
        facts.append(
            f"before its temperature of {evaluation.scaling:.3f}: nll {before['nll']:.3f}, ece {before['ece']:.3f}"
        )
    return facts


def parts(evaluation: "Evaluation") -> Iterator[Part]:
    """Facts and tables, for people."""
    yield "\n".join(_facts(evaluation))
    yield _figures(evaluation)
    if evaluation.baseline is not None:
        setting = evaluation.baseline.about["setting"]
        yield _against(evaluation, evaluation.baseline, f"against the linear model ({setting})")
    for rival in evaluation.comparisons:
        learned = f", which was trained on {rival.seen_in_training:,} of these names" if rival.seen_in_training else ""
        yield _against(evaluation, rival, f"against {visible(rival.name)}{learned}")
    if evaluation.answers.sets:
        yield _sets(evaluation)
    yield _origins(evaluation)
    if evaluation.pairs:
        yield _pairs(evaluation)


def _figures(evaluation: "Evaluation") -> "Table":
    header: tuple[str, ...] = ("metric", "value", "95 % interval")
    rows: list[tuple[str, ...]] = [
        (metric, number_cell(evaluation.metrics[metric]), span_cell(*evaluation.intervals[metric]))
        for metric in METRICS
    ]
    unseen = evaluation.unseen
    if evaluation.seen_in_training and unseen is not None:
        if unseen.metrics is None or unseen.intervals is None:
            return table("figures (the run was trained on all of these names)", header, rows)
        header = (*header, f"unseen {unseen.n:,}", "95 % interval")
        rows = [
            (*row, number_cell(unseen.metrics[metric]), span_cell(*unseen.intervals[metric]))
            for row, metric in zip(rows, METRICS, strict=True)
        ]
    return table("figures", header, rows)


def _against(evaluation: "Evaluation", rival: "Rival", title: str) -> "Table":
    rows = [
        (
            metric,
            number_cell(evaluation.metrics[metric]),
            number_cell(rival.metrics[metric]),
            f"{rival.differences[metric][0]:+.3f}",
            span_cell(*rival.differences[metric][1:], sign="+"),
        )
        for metric in METRICS
    ]
    return table(title, ("metric", "run", "other", "difference", "95 % interval"), rows)


def _sets(evaluation: "Evaluation") -> "Table":
    rows = [
        (
            f"{row['coverage']:.0%}",
            row["names"].replace("_", " "),
            f"{row['n']:,}",
            f"{row['measured']:.1%}",
            f"{row['mean_size']:.2f}",
        )
        for row in evaluation.answers.sets
    ]
    title = "sets that are to hold the origin of so many names"
    return table(title, ("asked for", "of", "names", "held it", "origins a set"), rows, left=(1,))


def _origins(evaluation: "Evaluation") -> "Table":
    shown = [row for row in evaluation.per_origin if row.support or row.precision is not None]
    rows = [
        (
            label_cell(row.origin),
            f"{row.support:,}",
            _share(row.precision),
            _share(row.recall),
            _share(row.f1),
            "" if row.mistake is None else f"{label_cell(row.mistake)} ({row.mistake_count:,})",
        )
        for row in shown
    ]
    hidden = len(evaluation.per_origin) - len(shown)
    title = "by origin" + (f" ({hidden} without names here left out)" if hidden else "")
    return table(title, ("origin", "names", "precision", "recall", "F1", "mostly taken for"), rows, left=(0, 5))


def _pairs(evaluation: "Evaluation") -> "Table":
    rows = [
        (
            label_cell(pair.origin),
            label_cell(pair.predicted),
            f"{pair.count:,}",
            f"{100 * pair.share:.0f} %",
            _cut(visible(", ".join(pair.examples)), EXAMPLES_WIDTH),
        )
        for pair in evaluation.pairs[:PAIRS_SHOWN]
    ]
    header = ("origin", "taken for", "names", "share", "for example")
    return table("most confused", header, rows, left=(0, 1, 4))


def number_cell(value: float) -> str:
    return "-" if value != value else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def span_cell(low: float, high: float, sign: str = "") -> str:
    return "-" if low != low else f"{low:{sign}.3f} to {high:{sign}.3f}"


def label_cell(label: str) -> str:
    return _cut(visible(label), LABEL_WIDTH)


def _cut(text: str, cells: int) -> str:
    """The text within so many terminal cells."""
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= cells else set_cell_size(text, cells - 1).rstrip() + "…"


def csv_rows(evaluation: "Evaluation") -> Iterator[Row]:
    """A header, then a row a figure.

    `against` is the model that the value is a difference from, `names` is `all` or `unseen`, `origin` the label that
    the figure is about. Fields that do not apply and figures that are not defined are empty.
    """
    yield CSV_HEADER
    run = evaluation.run
    yield from _csv_figures(run, "all", evaluation.metrics, evaluation.intervals)
    counts = {
        "n": evaluation.n,
        "ceiling": evaluation.ceiling,
        "seen_in_training": evaluation.seen_in_training,
        "abstained": evaluation.abstained,
    }
    for metric, value in counts.items():
        yield (run, "", "all", "", metric, value, "", "")
    for told in evaluation.answers.sets:
        if told["names"] == "all":
            yield (run, "", "all", "", f"set_coverage_{told['coverage']:g}", told["measured"], "", "")
            yield (run, "", "all", "", f"set_size_{told['coverage']:g}", told["mean_size"], "", "")
    unseen = evaluation.unseen
    if unseen is not None:
        yield (run, "", "unseen", "", "n", unseen.n, "", "")
        if unseen.metrics is not None and unseen.intervals is not None:
            yield from _csv_figures(run, "unseen", unseen.metrics, unseen.intervals)
    for row in evaluation.per_origin:
        yield (run, "", "all", row.origin, "support", row.support, "", "")
        for metric, span in row.intervals.items():
            yield (run, "", "all", row.origin, metric, getattr(row, metric), *(span or ("", "")))
    for rival in (*([evaluation.baseline] if evaluation.baseline else []), *evaluation.comparisons):
        yield from _csv_figures(rival.name, "all", rival.metrics, rival.intervals)
        for metric, (difference, low, high) in rival.differences.items():
            yield (run, rival.name, "all", "", metric, *map(_defined, (difference, low, high)))


def _csv_figures(
    model: str, names: str, metrics: Mapping[str, float], intervals: Mapping[str, tuple[float, float]]
) -> Iterator[Row]:
    for metric, value in metrics.items():
        yield (model, "", names, "", metric, *map(_defined, (value, *intervals[metric])))


def _defined(value: float) -> float | str:
    return value if value == value else ""
