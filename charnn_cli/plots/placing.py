"""Where labels go so that none covers another."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
