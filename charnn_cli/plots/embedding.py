"""Where letters and names lie in the network's own space, in two dimensions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charnn_cli.plots.request import Request, Takes, caption, labelled, readable, sample, shown_symbols, split_title
from charnn_cli.plots.style import LEGEND_ROW, colour, drawing, key, legend_below, marker, new_figure
from charnn_cli.predict import Predictor
from charnn_cli.text.alphabet import BEGIN, END, FIRST_SYMBOL, Symbols
from charnn_cli.trained import TrainedModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TAKES = Takes(data=True)
MOST_POINTS = 3000  # names; more of them are one blot
PANEL_INCHES = 4.5  # side of a panel, about
COLOURED_ORIGINS = 11  # as many as there are marks that stay apart
ROUNDS = 300
STEP = 0.5  # of an overlap, a round


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


def make(request: Request) -> "Figure":
    """Symbols and labelled names in the two directions in which they vary most."""
    trained = request.run.trained
    found = labelled(request, request.run)
    rows = sample(readable(found, request.run), MOST_POINTS)
    symbols, letters, symbols_title = symbol_vectors(trained)
    names, names_title = name_vectors(trained, trained.encode([found.names[row] for row in rows]))
    return draw(
        letters,
        Projection.of(symbols),
        Projection.of(names),
        found.origins[rows],
        found.labels,
        titles=(symbols_title, names_title),
        caption=caption(request, split_title(found, len(rows)), *found.notes),
    )


def symbol_vectors(trained: TrainedModel) -> tuple[NDArray[np.float32], tuple[str, ...], str]:
    """A vector (D,) for each learned symbol, the symbols as shown, and what the vectors are.

    Where symbols have no vectors of their own, as with one-hot input, a symbol's column of the first layer's input
    weights stands for it: all that the network makes of that symbol.
    """
    tensors, size = trained.tensors, len(trained.alphabet)
    what = "symbols, by their weights into the first layer"
    if "embedding.weight" in tensors:
        vectors, what = tensors["embedding.weight"], "symbols, by their embeddings"  # (V, E)
    elif "i2h.weight" in tensors:
        vectors = tensors["i2h.weight"][:, :size].T  # (V, H)
    elif "layers.0.weight" in tensors:
        vectors = tensors["layers.0.weight"].T
    else:
        parts = [tensors[f"layers.0.{direction}.weight_ih"] for direction in trained.architecture.directions]
        vectors = np.concatenate(parts).T
    learned = [*((BEGIN, END) if trained.rules.boundaries else ()), *range(FIRST_SYMBOL, size)]
    return vectors[learned], shown_symbols(learned, trained.alphabet.characters), what


def name_vectors(trained: TrainedModel, symbols: Symbols) -> tuple[NDArray[np.float32], str]:
    """A vector for each name, (N, D), and what it is: what the head reads."""
    return Predictor(trained).reader.features(symbols), "names, by the state that the answer is read from"


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
