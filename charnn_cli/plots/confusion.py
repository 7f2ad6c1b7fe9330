"""Which origins are taken for which: a row-normalised matrix, true origin down, predicted origin across."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charnn_cli.choices import Order
from charnn_cli.metrics import confusion
from charnn_cli.plots.request import Request, Takes, answered, caption, split_title
from charnn_cli.plots.style import SEQUENTIAL, drawing, new_figure, scale_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TAKES = Takes(data=True)
CELL_INCHES = (0.15, 0.44)  # smallest and largest side of a cell
MATRIX_INCHES = 7.5
LARGEST_INCHES = 40.0  # 6,000 dots of a PNG: beyond 266 origins the cells shrink, and PDF or SVG is the one to read
MANY_ORIGINS = 40  # beyond it, columns are named above as well as below
SMALLEST_COUNT = 3.5  # points; smaller digits cannot be read
DIGIT_WIDTH = 0.64  # of the font size, in DejaVu Sans


def make(request: Request) -> "Figure":
    """True against predicted origins of labelled names."""
    found, said = answered(request)
    silent = int((said.outcomes.predicted < 0).sum())
    remarks = [f"{silent:,} without an answer left out" if silent else "", *found.notes]
    labels = found.labels[: said.outcomes.num_labels]
    told = caption(request, split_title(found), *remarks)
    return draw(confusion(said.outcomes), labels, order=request.order, caption=told)


def row_shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Each row divided by its sum, (C, C); a row without names is NaN, as nothing is known of it."""
    support = counts.sum(axis=1, keepdims=True)
    return np.where(support > 0, counts / np.maximum(support, 1), np.nan)


def by_similarity(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """An order of the origins that puts those often taken for each other side by side.

    Leaves of average-linkage clustering, with 1 - (mean of both directions' shares) as the distance, in the
    order that minimises the distance of neighbours (Bar-Joseph, Gifford and Jaakkola 2001). Origins without a
    confusion come last, by alphabet.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    shares = np.nan_to_num(row_shares(counts))
    mixed = (shares + shares.T) / 2
    np.fill_diagonal(mixed, 0.0)
    confused = np.flatnonzero(mixed.sum(axis=1) > 0)
    alone = np.flatnonzero(mixed.sum(axis=1) == 0)
    if len(confused) < 3:
        return np.concatenate((confused, alone))
    distances = 1 - mixed[np.ix_(confused, confused)]
    np.fill_diagonal(distances, 0.0)
    # The best order of the leaves takes a time that grows with the cube of their number.
    tree = linkage(squareform(distances, checks=False), "average", optimal_ordering=len(confused) <= 500)
    return np.concatenate((confused[leaves_list(tree)], alone))


def draw(counts: NDArray[np.int64], labels: Sequence[str], *, order: Order = "similarity", caption: str) -> "Figure":
    """The matrix of `counts` (C, C), row the true origin and column the predicted one."""
    places = by_similarity(counts) if order == "similarity" else np.argsort(np.array(labels), kind="stable")
    counts = counts[np.ix_(places, places)]
    support = counts.sum(axis=1)
    with drawing(labels) as lettering:
        names = [lettering.spell(labels[place], longest=28) for place in places]
        cell = min(float(np.clip(MATRIX_INCHES / len(names), *CELL_INCHES)), LARGEST_INCHES / len(names))
        side = cell * len(names)
        letters_inches = min(max(map(len, names)), 28) * 0.075 + 0.3
        figure = new_figure(
            max(side + letters_inches + 1.7, 5.0),
            max(side + letters_inches + 1.2, 4.0),
            title=f"Confusion: true origin by predicted origin, ordered by {order}",
            caption=caption,
        )
        axes = figure.add_subplot()
        _matrix(figure, axes, row_shares(counts))
        font_size = min(8.0, 0.6 * cell * 72)
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=font_size)
        axes.set_yticks(
            range(len(names)),
            [f"{name} ({count:,})" for name, count in zip(names, support, strict=True)],
            fontsize=font_size,
        )
        axes.tick_params(axis="x", labeltop=len(names) > MANY_ORIGINS, top=len(names) > MANY_ORIGINS)
        axes.set_xlabel("predicted origin", fontsize=9 * scale_of(figure.get_figwidth()))
        axes.set_ylabel("true origin (names)", fontsize=9 * scale_of(figure.get_figwidth()))
        _counts(axes, counts, cell)
    return figure


def _matrix(figure: "Figure", axes: "Axes", shares: NDArray[np.float64]) -> None:
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import PowerNorm

    colours = colormaps[SEQUENTIAL].with_extremes(bad="#e8e8e8")
    # A square root keeps a share of 5 % visible beside one of 95 %; the bar shows the scale.
    coloured = ScalarMappable(PowerNorm(0.5, 0, 1), colours)
    coloured.set_array(shares)
    axes.imshow(coloured.to_rgba(shares, bytes=True))  # far faster than norm and colours for each dot of the picture
    axes.grid(False)
    axes.set_xticks(np.arange(len(shares) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(shares) + 1) - 0.5, minor=True)
    axes.grid(True, which="minor", color="0.85", linewidth=0.4, alpha=1.0)
    axes.tick_params(which="minor", length=0)
    ticks = (0, 0.02, 0.1, 0.25, 0.5, 0.75, 1)
    bar = figure.colorbar(coloured, ax=axes, fraction=0.03, pad=0.01, aspect=30, shrink=0.6, ticks=ticks)
    scale = scale_of(figure.get_figwidth())
    bar.ax.set_yticks(ticks, [f"{tick:.0%}" for tick in ticks], fontsize=8 * scale)
    bar.set_label("share of the true origin's names (square-root scale; grey: no names)", fontsize=7 * scale)


def _counts(axes: "Axes", counts: NDArray[np.int64], cell_inches: float) -> None:
    """Counts above zero, each as large as its cell allows, left out where that is too small to read."""
    cell_points = 72 * cell_inches
    shares = row_shares(counts)
    for row, column in zip(*np.nonzero(counts), strict=True):
        digits = str(counts[row, column])
        size = min(8.0, 0.5 * cell_points, 0.92 * cell_points / (DIGIT_WIDTH * len(digits)))
        if size >= SMALLEST_COUNT:
            text = axes.text(
                column,
                row,
                digits,
                fontsize=size,
                ha="center",
                va="center",
                color="white" if shares[row, column] > 0.45 else "black",
            )
            text.set_in_layout(False)
