"""Where labels go so that none covers another."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROUNDS = 300
STEP = 0.5  # of an overlap, a round
LETTER_BOX = (0.68, 1.25)  # width and height of a bold letter, of the font size


class LineEnd(NamedTuple):
    """Where a line ends, in its axes' data, what it is called, and its colour."""

    x: float
    y: float
    text: str
    colour: str


def name_ends(axes: "Axes", ends: Sequence[LineEnd], *, height: float, size: float = 8.0) -> None:
    """Each line's name to the right of the axes, as near to its end as the others allow, tied to it where it is not.

    The axes have their final limits, and are about `height` inches high.
    """
    to_axes = axes.transScale + axes.transLimits
    levels = [float(to_axes.transform((end.x, end.y))[1]) for end in ends]
    rows = [end.text.count("\n") + 1 for end in ends]
    places = apart(levels, [1.25 * size * count / 72 / height for count in rows])
    for end, level, place in zip(ends, levels, places, strict=True):
        x = float(to_axes.transform((end.x, end.y))[0])
        tie = None
        if abs(place - level) * height > 0.08 or x < 0.97:
            tie = {
                "arrowstyle": "-",
                "color": end.colour,
                "linewidth": 0.5,
                "shrinkA": 0,
                "shrinkB": 2,
                "relpos": (0, 0.5),
            }
        axes.annotate(
            end.text,
            (x, level),
            (1.02, place),
            xycoords="axes fraction",
            textcoords="axes fraction",
            arrowprops=tie,
            color=end.colour,
            fontsize=size,
            va="center",
            annotation_clip=False,
        )


def apart(levels: Sequence[float], heights: Sequence[float]) -> list[float]:
    """New places for things of these heights, in the order of their levels, none above another, moved as little.

    Least squares under order (pool adjacent violators); within 0 and 1 as far as they fit.
    """
    order = sorted(range(len(levels)), key=lambda place: levels[place])
    offsets = [0.0]  # of each thing's middle above the first one's, where all touch
    for below, above in pairwise(order):
        offsets.append(offsets[-1] + (heights[below] + heights[above]) / 2)
    pools: list[list[float]] = []  # sum and number of the wishes of those that touch
    for place, offset in zip(order, offsets, strict=False):
        pools.append([levels[place] - offset, 1])
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            total, count = pools.pop()
            pools[-1] = [pools[-1][0] + total, pools[-1][1] + count]
    wishes = [total / count for total, count in pools for _ in range(int(count))]
    spare = (1 - offsets[-1]) if order else 0
    wishes = [min(max(wish, 0.0), max(spare, 0.0)) for wish in wishes]
    places = [0.0] * len(levels)
    for place, offset, wish in zip(order, offsets, wishes, strict=False):
        places[place] = wish + offset
    return places


def place_texts(
    axes: "Axes",
    points: NDArray[np.float64],
    texts: Sequence[str],
    *,
    colours: Sequence[str],
    size: float,
    weight: str,
    inches: float,
) -> None:
    """Texts in a white halo at their points (N, 2), or beside them, tied by a line, where they would cover each other.

    The axes are about so many `inches` wide and high.
    """
    from matplotlib.patheffects import withStroke

    axes.update_datalim(points)
    axes.autoscale_view()
    low, high = np.array([axes.get_xlim(), axes.get_ylim()]).T
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    boxes = np.array([(LETTER_BOX[0] * len(text) * size, LETTER_BOX[1] * size) for text in texts]) / (inches * 72)
    places = low + moved_apart((points - low) / (high - low), boxes) * (high - low)
    for point, place, text, box, dye in zip(points, places, texts, boxes, colours, strict=True):
        if (np.abs(place - point) / (high - low) > box / 2).any():
            axes.plot(*np.array([point, place]).T, color=dye, linewidth=0.6, zorder=3)
        drawn = axes.text(
            place[0], place[1], text, fontsize=size, weight=weight, color=dye, ha="center", va="center", zorder=4
        )
        drawn.set_path_effects([withStroke(linewidth=2.5, foreground="white", alpha=0.9)])


def moved_apart(centres: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """New centres (N, 2) of boxes of the given sizes (N, 2): pairs that overlap are pushed apart, others stay.

    Each pair moves along the axis on which less is needed; a pair on one spot parts by its order. Boxes are kept
    within the unit square, so that with too many of them some overlap remains.
    """
    places = centres.astype(np.float64).copy()
    first, second = np.triu_indices(len(places), 1)
    reach = (sizes[first] + sizes[second]) / 2  # (P, 2)
    for _ in range(ROUNDS):
        apart = places[second] - places[first]
        overlap = reach - np.abs(apart)  # (P, 2)
        touching = (overlap > 1e-9).all(axis=1)
        if not touching.any():
            break
        axis = overlap[touching].argmin(axis=1)
        rows = np.arange(len(axis))
        side = np.where(apart[touching][rows, axis] < 0, -1.0, 1.0)
        push = STEP * side * (overlap[touching][rows, axis] + 1e-6) / 2
        np.subtract.at(places, (first[touching], axis), push)
        np.add.at(places, (second[touching], axis), push)
        places = np.clip(places, sizes / 2, 1 - sizes / 2)
    return places
