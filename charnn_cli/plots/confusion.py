"""Which origins are taken for which: a row-normalised matrix, true origin down, predicted origin across."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.choices import Order
from charnn_cli.metrics import confusion
from charnn_cli.plots.request import Request, Takes, answered, caption, split_title
from charnn_cli.plots.style import SEQUENTIAL, drawing, new_figure, scale_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure

TAKES = Takes(data=True)
CELL_INCHES = (0.15, 0.44)  # smallest and largest side of a cell
MATRIX_INCHES = 7.5
LARGEST_INCHES = 40.0  # 6,000 dots of a PNG: beyond 266 origins the cells shrink, and PDF or SVG is the one to read
MANY_ORIGINS = 40  # beyond it, columns are named above as well as below
SMALLEST_COUNT = 3.5  # points; smaller digits cannot be read
DIGIT_WIDTH = 0.64  # of the font size, in DejaVu Sans
GAP = 0.5  # cells between the matrix and what is beside it


@dataclass(frozen=True, slots=True)
class Margins:
    """Where the cells beside the matrix are: the column of abstained names, those of recall, the row of precision."""

    silent: float | None
    recall: float
    precision: float

    @classmethod
    def of(cls, rows: int, columns: int, *, silent: bool) -> "Margins":
        recall = columns + GAP + silent * (1 + GAP)
        return cls(columns + GAP if silent else None, recall, rows + GAP)


def make(request: Request) -> "Figure":
    """True against predicted origins of labelled names."""
    found, said = answered(request)
    outcomes = said.outcomes
    silent = np.bincount(outcomes.origins[outcomes.predicted < 0], minlength=outcomes.num_labels)
    labels = found.labels[: outcomes.num_labels]
    told = caption(request, split_title(found), *found.notes, fingerprint=found.fingerprint)
    return draw(confusion(outcomes), labels, silent, order=request.order, caption=told)


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


def draw(
    counts: NDArray[np.int64],
    labels: Sequence[str],
    silent: NDArray[np.int64] | None = None,
    *,
    order: Order = "similarity",
    caption: str,
) -> "Figure":
    """The matrix of `counts` (C, C), row the true origin and column the predicted one; `silent` (C,) got no answer.

    Recall of the rows and precision of the columns stand beside it, and accuracy in their corner, in percent of all
    names. Origins without names have no row, and a column behind the others where they are predicted.
    """
    silent = np.zeros(len(counts), dtype=np.int64) if silent is None else silent
    support = counts.sum(axis=1) + silent
    places = by_similarity(counts) if order == "similarity" else np.argsort(np.array(labels), kind="stable")
    down = places[support[places] > 0]
    across = np.concatenate((down, places[(support[places] == 0) & (counts.sum(axis=0)[places] > 0)]))
    with drawing(labels) as lettering:
        names = [lettering.spell(labels[place], longest=28) for place in across]
        most = len(names)
        cell = min(float(np.clip(MATRIX_INCHES / most, *CELL_INCHES)), LARGEST_INCHES / most)
        beside = Margins.of(len(down), len(across), silent=bool(silent.any()))
        letters_inches = min(max(map(len, names)), 28) * 0.075 + 0.3
        figure = new_figure(
            max(cell * (beside.recall + 1) + letters_inches + 2.3, 5.0),
            max(cell * (beside.precision + 1) + letters_inches * (1 + (most > MANY_ORIGINS)) + 1.2, 4.0),
            title=f"Confusion: true origin by predicted origin, ordered by {order}",
            caption=caption,
        )
        axes = figure.add_subplot()
        coloured = _matrix(figure, axes, counts[np.ix_(down, across)], support[down], beside)
        _beside(axes, counts[:, across], silent[down], (counts[down, down], support[down]), beside, coloured, cell)
        _name(axes, [f"{name} ({count:,})" for name, count in zip(names, support[down], strict=False)], names, beside)
        for labelled in (axes.xaxis, axes.yaxis):
            labelled.set_tick_params(labelsize=_size(cell))
        axes.set_xlabel("predicted origin", fontsize=9 * scale_of(figure.get_figwidth()))
        axes.set_ylabel("true origin (names)", labelpad=8, fontsize=9 * scale_of(figure.get_figwidth()))
        _counts(axes, counts[np.ix_(down, across)], support[down], cell)
        _outline(axes, len(down))
    return figure


def _size(cell_inches: float) -> float:
    """Of the letters beside a row of cells, in points."""
    return min(8.0, 0.6 * cell_inches * 72)


def _matrix(
    figure: "Figure", axes: "Axes", counts: NDArray[np.int64], support: NDArray[np.int64], beside: Margins
) -> "ScalarMappable":
    """The matrix (R, C) as shares of the support (R,), and the bar of its colours, which are returned."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import PowerNorm

    # A square root keeps a share of 5 % visible beside one of 95 %; the bar shows the scale.
    coloured = ScalarMappable(PowerNorm(0.5, 0, 1), colormaps[SEQUENTIAL].with_extremes(bad="#e8e8e8"))
    shares = counts / support[:, None]
    coloured.set_array(shares)
    axes.imshow(coloured.to_rgba(shares, bytes=True))  # far faster than norm and colours for each dot of the picture
    axes.set(xlim=(-0.5, beside.recall + 0.5), ylim=(beside.precision + 0.5, -0.5))
    axes.grid(False)
    axes.spines[:].set_visible(False)
    rows, columns = counts.shape
    edges: dict[str, Any] = {"color": "0.85", "linewidth": 0.4}
    axes.hlines(np.arange(rows + 1) - 0.5, -0.5, columns - 0.5, **edges)
    axes.vlines(np.arange(columns + 1) - 0.5, -0.5, rows - 0.5, **edges)
    ticks = (0, 0.02, 0.1, 0.25, 0.5, 0.75, 1)
    bar = figure.colorbar(coloured, ax=axes, fraction=0.03, pad=0.01, aspect=30, shrink=0.6, ticks=ticks)
    scale = scale_of(figure.get_figwidth())
    bar.ax.set_yticks(ticks, [f"{tick:.0%}" for tick in ticks], fontsize=8 * scale)
    bar.set_label("share of the true origin's\nnames (square-root scale)", fontsize=7 * scale)
    return coloured


def _name(axes: "Axes", rows: Sequence[str], columns: Sequence[str], beside: Margins) -> None:
    """The names of the rows and columns, and of what is beside them."""
    columns, places = [*columns, "recall, %"], [*range(len(columns)), beside.recall]
    if beside.silent is not None:
        columns, places = [*columns, "no answer"], [*places, beside.silent]
    axes.set_xticks(places, columns, rotation=90)
    axes.set_yticks([*range(len(rows)), beside.precision], [*rows, "precision, %"])
    axes.tick_params(axis="x", labeltop=len(columns) > MANY_ORIGINS, top=len(columns) > MANY_ORIGINS)


def _beside(
    axes: "Axes",
    counts: NDArray[np.int64],  # (all origins, C)
    silent: NDArray[np.int64],  # (R,)
    told: tuple[NDArray[np.int64], NDArray[np.int64]],  # (R,) names told right, of how many
    beside: Margins,
    coloured: "ScalarMappable",
    cell: float,
) -> None:
    """Names without an answer, recall, precision, and accuracy in the corner, coloured as the matrix is."""
    hits, support = told
    right = np.zeros(counts.shape[1])
    right[: len(hits)] = hits
    percent = [
        *((beside.recall, row, hit, of) for row, (hit, of) in enumerate(zip(hits, support, strict=True))),
        *((place, beside.precision, hit, of) for place, (hit, of) in enumerate(zip(right, counts.sum(0), strict=True))),
        (beside.recall, beside.precision, hits.sum(), support.sum()),
    ]
    for x, y, hit, of in percent:
        share = hit / of if of else np.nan
        _cell(axes, (x, y), share, f"{100 * share:.0f}" if of else "–", coloured, cell)
    axes.text(beside.recall + 0.7, beside.precision, "accuracy", fontsize=_size(cell), ha="left", va="center")
    if beside.silent is not None:
        for row, (count, of) in enumerate(zip(silent, support, strict=True)):
            _cell(axes, (beside.silent, row), count / of, str(count) if count else "", coloured, cell)


def _cell(
    axes: "Axes", at: tuple[float, float], share: float, digits: str, coloured: "ScalarMappable", cell: float
) -> None:
    from matplotlib.patches import Rectangle

    colour = coloured.to_rgba(np.array([share]))[0]
    axes.add_patch(Rectangle((at[0] - 0.5, at[1] - 0.5), 1, 1, facecolor=colour, edgecolor="0.85", linewidth=0.4))
    _write(axes, at, share, digits, cell)


def _counts(axes: "Axes", counts: NDArray[np.int64], support: NDArray[np.int64], cell: float) -> None:
    """Counts above zero, each as large as its cell allows, left out where that is too small to read."""
    for row, column in zip(*np.nonzero(counts), strict=True):
        _write(axes, (column, row), counts[row, column] / support[row], str(counts[row, column]), cell)


def _outline(axes: "Axes", rows: int) -> None:
    """A line around each cell of the names that were told right, which are not always the darkest."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    squares = [Rectangle((place - 0.5, place - 0.5), 1, 1) for place in range(rows)]
    axes.add_collection(PatchCollection(squares, facecolor="none", edgecolor="0.25", linewidth=0.8, zorder=2))


def _write(axes: "Axes", at: tuple[float, float], share: float, digits: str, cell_inches: float) -> None:
    cell_points = 72 * cell_inches
    size = min(8.0, 0.5 * cell_points, 0.92 * cell_points / (DIGIT_WIDTH * max(len(digits), 1)))
    if size >= SMALLEST_COUNT:
        colour = "white" if share > 0.45 else "black"
        text = axes.text(*at, digits, fontsize=size, ha="center", va="center", color=colour)
        text.set_in_layout(False)
