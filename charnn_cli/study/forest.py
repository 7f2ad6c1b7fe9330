"""The picture of a study: figures of each recipe and differences from the first, a dot for each cell or split."""

from typing import TYPE_CHECKING

from charnn_cli.metrics import LOWER_IS_BETTER
from charnn_cli.plots.style import GREY, colour, drawing, marker, new_figure
from charnn_cli.study.comparing import Difference
from charnn_cli.study.outcome import Outcome
from charnn_cli.study.tables import title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

METRICS = ("accuracy", "macro_f1", "nll")
ROW_INCHES = 0.27
LONGEST = 40  # letters of a recipe's name
SHOWN, UNSHOWN = colour(0), GREY


def forest(outcome: Outcome) -> "Figure":
    """A row of panels a metric: on the left the recipes' means, on the right the differences with their intervals."""
    labels = [row.label for row in outcome.rows]
    compared = [row.label for row, _ in outcome.compared()]
    columns = 2 if compared else 1
    with drawing(labels) as lettering:
        names = {label: lettering.spell(label, LONGEST) for label in labels}
        figure = new_figure(
            4.6 * columns,
            len(METRICS) * (ROW_INCHES * len(labels) + 0.65) + 0.9,
            title=title(outcome),
            caption=_caption(outcome, bool(compared)),
        )
        grid = figure.subplots(len(METRICS), columns, squeeze=False)
        for metric, axes in zip(METRICS, grid, strict=True):
            _values(axes[0], outcome, metric, [names[label] for label in labels])
            if compared:
                _differences(axes[1], outcome, metric)
    return figure


def _caption(outcome: Outcome, is_compared: bool) -> str:
    parts = [
        f"data {outcome.data}",
        "left: mean and standard deviation, with a dot for each cell",
    ]
    if is_compared:
        parts.append(
            f"right: minus {outcome.reference}, with the 95 % interval of the corrected resampled t-test (Nadeau and "
            "Bengio 2003) and a dot for each split; filled where the difference holds after Holm's correction"
        )
    return " · ".join(parts)


def _values(axes: "Axes", outcome: Outcome, metric: str, names: list[str]) -> None:
    for place, row in enumerate(outcome.rows):
        if row.cells:
            spread = row.spread(metric) or 0.0
            axes.plot(row.values[metric], [place] * row.cells, "o", color=SHOWN, alpha=0.25, markersize=3)
            axes.errorbar(row.mean(metric), place, xerr=spread, fmt="o", color=SHOWN, capsize=2, markersize=5)
    _frame(axes, metric, len(names))
    axes.set_yticks(range(len(names)), names, fontsize=8)


def _differences(axes: "Axes", outcome: Outcome, metric: str) -> None:
    told = outcome.differences[metric]
    axes.axvline(0, color="black", linewidth=0.8)
    for place, row in enumerate(outcome.rows):
        if row.label in told:
            _interval(axes, place, told[row.label])
    _frame(axes, f"{metric}, minus {outcome.reference}", len(outcome.rows))
    axes.set_yticks(range(len(outcome.rows)), [""] * len(outcome.rows))


def _interval(axes: "Axes", place: int, told: Difference) -> None:
    holds = told.verdict in ("better", "worse")
    look = SHOWN if holds else UNSHOWN
    axes.plot(told.by_split, [place] * len(told.by_split), marker(0), color=look, alpha=0.25, markersize=3)
    if told.low is not None and told.high is not None:
        axes.plot((told.low, told.high), (place, place), color=look, linewidth=1.6)
    face = look if holds else "white"
    axes.plot(told.difference, place, marker(0), color=look, markerfacecolor=face, markersize=6)


def _frame(axes: "Axes", what: str, rows: int) -> None:
    metric = what.partition(",")[0]
    axes.set_title(what + (" (less is better)" if metric in LOWER_IS_BETTER else ""), fontsize=9)
    axes.set_ylim(rows - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
