"""Where letters and names lie in the network's own space, in two dimensions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charnn_cli.plots.labels import moved_apart
from charnn_cli.plots.style import LEGEND_ROW, colour, drawing, key, legend_below, marker, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL_INCHES = 4.5  # side of a panel, about
COLOURED_ORIGINS = 11  # as many as there are marks that stay apart


@dataclass(frozen=True, slots=True)
class Projection:
    """Points on the two directions in which they vary most (principal components)."""

    points: NDArray[np.float64]  # (N, 2)
    shares: tuple[float, float]  # of the variance that each direction holds

    @classmethod
    def of(cls, vectors: NDArray[np.floating]) -> "Projection":
        """Project vectors (N, D); a direction's largest weight is positive, so that it never flips."""
        centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
        _, lengths, directions = np.linalg.svd(centred, full_matrices=False)
        axes = np.zeros((2, centred.shape[1]))
        axes[: len(directions[:2])] = directions[:2]
        largest = np.abs(axes).argmax(axis=1)
        axes *= np.where(axes[np.arange(2), largest] < 0, -1.0, 1.0)[:, None]
        variance = np.zeros(2)
        variance[: len(lengths[:2])] = lengths[:2] ** 2
        total = max(float((lengths**2).sum()), np.finfo(np.float64).tiny)
        return cls(centred @ axes.T, (float(variance[0] / total), float(variance[1] / total)))


def most_frequent(origins: NDArray[np.integer], num_labels: int, count: int = COLOURED_ORIGINS) -> NDArray[np.int64]:
    """The origins with the most names, most first, at most `count`, none without a name."""
    counts = np.bincount(origins, minlength=num_labels)
    return np.argsort(-counts, kind="stable")[: min(count, int((counts > 0).sum()))]


def draw(
    characters: Sequence[str],
    symbols: Projection,
    names: Projection,
    origins: NDArray[np.integer],
    labels: Sequence[str],
    *,
    titles: tuple[str, str],
    caption: str,
) -> "Figure":
    """Symbols as their letters on the left, names as points on the right, coloured by origin."""
    shown = most_frequent(origins, len(labels))
    others = len(np.unique(origins)) - len(shown)
    with drawing([*labels, *characters]) as lettering:
        rows = (len(shown) + (others > 0) + 3) // 4
        figure = new_figure(
            11.0, 5.4 + LEGEND_ROW * rows, title="What the network has learned", caption=caption, legend_rows=rows
        )
        left, right = figure.subplots(1, 2)
        _axes(left, symbols, titles[0])
        _letters(left, symbols, [lettering.spell(character) for character in characters])
        rest = ~np.isin(origins, shown)
        right.scatter(names.points[rest, 0], names.points[rest, 1], s=5, color="0.8", linewidth=0)
        keys = []
        for index, origin in enumerate(shown):
            style = {"color": colour(index), "marker": marker(index)}
            points = names.points[origins == origin]
            label = lettering.spell(labels[origin], 24)
            right.scatter(points[:, 0], points[:, 1], s=11, alpha=0.6, linewidth=0, label=label, **style)
            keys.append(key(f"{label} ({len(points):,})", linestyle="", markersize=6, **style))
        if others:
            keys.append(key(f"{others} other origins ({int(rest.sum()):,})", linestyle="", marker="o", color="0.8"))
        _axes(right, names, titles[1])
        _centres(right, names, origins, shown, [lettering.spell(label, 24) for label in labels])
        legend_below(figure, keys, columns=4)
    return figure


def _axes(axes: "Axes", projection: Projection, title: str) -> None:
    axes.set_title(title)
    axes.set_xlabel(f"first principal component ({projection.shares[0]:.0%} of the variance)")
    axes.set_ylabel(f"second ({projection.shares[1]:.0%})")
    axes.margins(0.06)


def _letters(axes: "Axes", symbols: Projection, spelled: Sequence[str]) -> None:
    _place(axes, symbols.points, spelled, size=10, weight="normal", line="0.6")


def _centres(
    axes: "Axes", names: Projection, origins: NDArray[np.integer], shown: NDArray[np.int64], spelled: Sequence[str]
) -> None:
    """The name of each coloured origin at its median point."""
    centres = np.array([np.median(names.points[origins == origin], axis=0) for origin in shown])
    _place(axes, centres, [spelled[origin] for origin in shown], size=8, weight="bold", line="black")


def _place(
    axes: "Axes", points: NDArray[np.float64], texts: Sequence[str], *, size: float, weight: str, line: str
) -> None:
    """Texts in a white halo at their points, or beside them, tied by a line, where they would cover each other."""
    from matplotlib.patheffects import withStroke

    axes.update_datalim(points)
    axes.autoscale_view()
    low, high = np.array([axes.get_xlim(), axes.get_ylim()]).T
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    boxes = np.array([(0.7 * len(text) * size, 1.2 * size) for text in texts]) / (PANEL_INCHES * 72)
    places = low + moved_apart((points - low) / (high - low), boxes) * (high - low)
    for point, place, text, box in zip(points, places, texts, boxes, strict=True):
        if (np.abs(place - point) / (high - low) > box / 2).any():
            axes.plot(*np.array([point, place]).T, color=line, linewidth=0.6, zorder=3)
        drawn = axes.text(place[0], place[1], text, fontsize=size, weight=weight, ha="center", va="center", zorder=4)
        drawn.set_path_effects([withStroke(linewidth=2.5, foreground="white", alpha=0.85)])
