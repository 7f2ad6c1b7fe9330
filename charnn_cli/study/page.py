"""A study as one HTML page that needs nothing beside itself, and as a picture: a dot for each cell or split."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from charnn_cli.metrics import LOWER_IS_BETTER
from charnn_cli.plots import pages
from charnn_cli.plots.style import GREY, colour, drawing, marker, new_figure
from charnn_cli.report.page import Picture
from charnn_cli.study.comparing import Difference
from charnn_cli.study.outcome import Outcome
from charnn_cli.study.tables import cells, costs, differences, figures, sentences, suspected, title
from charnn_cli.version import __version__

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

METRICS = ("accuracy", "macro_f1", "nll")
ROW_INCHES = 0.27
LONGEST = 40  # letters of a recipe's name
SHOWN, UNSHOWN = colour(0), GREY
METHOD = (
    "Each recipe minus the first, on the same splits: the means over the seeds of each split, then a t-test whose "
    "variance is (1/J + n_test/n_train) · s² for J splits, since splits of the same names overlap (Nadeau and Bengio "
    "2003). p (Holm) allows for the number of recipes that are compared, an interval is that of its own comparison. "
    "Below 0.05 the verdict is better or worse; elsewhere no difference is shown, which is not that there is none."
)
SUSPECTED = (
    "Names that most of the cells which did not learn from them get wrong, and with confidence (confident learning, "
    "Northcutt, Jiang and Chuang 2021). Look at each before you change it: a name may be rare, and its label right."
)


def render(outcome: Outcome, files: Sequence[str]) -> str:
    """The page; `files` are the names of the others that lie beside it. The same outcome gives the same text."""
    picture = Picture.of("Figures and differences", " ".join(sentences(outcome)), forest(outcome))
    every = (
        ("figures", "Figures", figures(outcome), "A cell is one training, measured on names that it has not seen."),
        ("differences", "Differences", differences(outcome), METHOD),
        ("costs", "What it takes", costs(outcome), "Seconds are those of a machine that all cells shared."),
        ("labels", "Labels to look at", suspected(outcome), SUSPECTED),
        ("cells", "Cells", cells(outcome), "Every training, with what came of it."),
    )
    return pages.render(
        "study/page.html",
        title=title(outcome),
        outcome=outcome,
        sentences=sentences(outcome),
        sections=[section for section in every if section[2].rows],
        picture=picture,
        files=files,
        made_by=f"charnn {__version__}",
    )


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
