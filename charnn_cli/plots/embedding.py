"""Where letters and names lie in the network's own space, in two dimensions."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charnn_cli.plots.placing import place_texts
from charnn_cli.plots.request import Request, Takes, caption, evenly, labelled, readable, shown_symbols, split_title
from charnn_cli.plots.style import colour, drawing, key, look, new_figure
from charnn_cli.predict import Predictor
from charnn_cli.text.alphabet import BEGIN, END, FIRST_SYMBOL, Symbols
from charnn_cli.trained import TrainedModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TAKES = Takes(data=True, writers=False)
MOST_POINTS = 2000  # names; t-SNE of as many takes some three seconds
FEWEST_POINTS = 50  # names; of fewer, principal components say as much
COMPONENTS, ROUNDS, NEAREST = 30, 500, 10  # what t-SNE reads, how long it moves points, and what it is judged by
RARE = 1e-3  # of all letters; rarer ones are not drawn
LETTERS_INCHES, NAMES_INCHES = 4.2, 7.0  # sides of the panels, about
VOWELS = frozenset("aeiouy")


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


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Points that keep those near each other which are near each other in many dimensions."""

    points: NDArray[np.float64]  # (N, 2)
    kept: float  # of each point's `NEAREST` neighbours, the share that is among them here, too

    @classmethod
    def of(cls, vectors: NDArray[np.floating]) -> "Neighbours":
        """t-SNE of vectors (N, D) by their first 30 principal components.

        van der Maaten and Hinton, J. Mach. Learn. Res. 9 (2008), 2579-2605. One thread: the bits of sums depend on it.
        """
        from sklearn.manifold import TSNE
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        with threadpool_limits(1):
            centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
            left, lengths, _ = np.linalg.svd(centred, full_matrices=False)
            reduced = left[:, :COMPONENTS] * lengths[:COMPONENTS]
            perplexity = min(30.0, len(vectors) / 4)
            found = TSNE(2, init="pca", perplexity=perplexity, max_iter=ROUNDS, random_state=0).fit_transform(reduced)
        points = found.astype(np.float64)
        both = nearest(centred)[:, :, None] == nearest(points)[:, None, :]  # (N, k, k)
        return cls(points, float(both.any(axis=2).mean()))


def nearest(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """The `NEAREST` others of each point, (N, NEAREST), in no order."""
    squares = (points**2).sum(axis=1)
    distances = squares[:, None] + squares[None] - 2 * points @ points.T
    np.fill_diagonal(distances, np.inf)
    return np.argpartition(distances, min(NEAREST, len(points) - 1) - 1, axis=1)[:, :NEAREST]


def make(request: Request) -> "Figure":
    """Letters and labelled names in two dimensions."""
    trained = request.run.trained
    found = labelled(request, request.run)
    all_rows = readable(found, request.run)
    rows = evenly(all_rows, found.origins, MOST_POINTS)
    symbols = trained.encode([found.names[row] for row in rows])
    vectors, letters, letters_title = symbol_vectors(trained)
    frequent = ~rare(letters, symbols, trained)
    states, names_title = name_vectors(trained, symbols)
    names = Neighbours.of(states) if len(rows) >= FEWEST_POINTS else Projection.of(states)
    left_out = f"{int((~frequent).sum())} rare letters left out" if not frequent.all() else ""
    return draw(
        [letter for letter, is_frequent in zip(letters, frequent, strict=True) if is_frequent],
        Projection.of(vectors[frequent]),
        names,
        found.origins[rows],
        found.labels,
        titles=(letters_title, names_title),
        caption=caption(request, split_title(found, len(rows)), left_out, *found.notes, fingerprint=found.fingerprint),
    )


def rare(letters: Sequence[str], symbols: Symbols, trained: TrainedModel) -> NDArray[np.bool_]:
    """Which of the learned symbols, shown as `letters`, are rare in these names."""
    counts = np.bincount(symbols.ids, minlength=len(trained.alphabet))[FIRST_SYMBOL:]
    special = np.zeros(len(letters) - len(counts), dtype=np.bool_)
    return np.concatenate((special, counts < max(RARE * counts.sum(), 1)))


def symbol_vectors(trained: TrainedModel) -> tuple[NDArray[np.float32], tuple[str, ...], str]:
    """A vector (D,) for each learned symbol, the symbols as shown, and what the vectors are.

    Where symbols have no vectors of their own, as with one-hot input, a symbol's column of the first layer's input
    weights stands for it: all that the network makes of that symbol.
    """
    tensors, size = trained.tensors, len(trained.alphabet)
    what = "letters, by their weights into the first layer"
    if "embedding.weight" in tensors:
        vectors, what = tensors["embedding.weight"], "letters, by their embeddings"  # (V, E)
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


def densest(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The point (2,) of these (N, 2) around which they lie densest."""
    reach = max(len(points) // 4, min(len(points) - 1, 2))
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)  # (N, N)
    middle: NDArray[np.float64] = points[np.sort(apart, axis=1)[:, reach].argmin()] if len(points) > 1 else points[0]
    return middle


def draw(
    characters: Sequence[str],
    letters: Projection,
    names: Projection | Neighbours,
    origins: NDArray[np.integer],
    labels: Sequence[str],
    *,
    titles: tuple[str, str],
    caption: str,
) -> "Figure":
    """Letters on the left, names as points on the right, each origin by its name where its names lie densest."""
    with drawing([*labels, *characters]) as lettering:
        figure = new_figure(12.6, 7.9, title="What the network has learned", caption=caption)
        left, right = figure.subplots(1, 2, width_ratios=(LETTERS_INCHES, NAMES_INCHES))
        _axes(left, letters, titles[0])
        left.set_box_aspect(1)
        _letters(left, letters, characters, [lettering.spell(character) for character in characters])
        _axes(right, names, titles[1])
        present = np.unique(origins)
        for index, origin in enumerate(present):
            style = look(index)
            points = names.points[origins == origin]
            right.scatter(
                *points.T, s=11, alpha=0.55, linewidth=0, color=style["color"], marker=style["marker"],
                label=lettering.spell(labels[origin], 24),
            )  # fmt: skip
        place_texts(
            right,
            np.array([densest(names.points[origins == origin]) for origin in present]),
            [lettering.spell(labels[origin], 24) for origin in present],
            colours=[colour(index) for index in range(len(present))],
            size=8.5 if len(present) <= 24 else 7,
            weight="bold",
            inches=NAMES_INCHES,
        )
    return figure


def _axes(axes: "Axes", where: Projection | Neighbours, title: str) -> None:
    axes.set_title(title)
    axes.margins(0.06)
    axes.set_xticks([])
    axes.set_yticks([])
    if isinstance(where, Projection):
        axes.set_xlabel(f"first principal component ({where.shares[0]:.0%} of the variance)")
        axes.set_ylabel(f"second ({where.shares[1]:.0%})")
    else:
        axes.set_xlabel(
            f"t-SNE: near is alike; {where.kept:.0%} of each name's {NEAREST} nearest are its nearest here, too"
        )


def kind_of(letter: str) -> int:
    """0 for a vowel, 1 for a consonant, 2 for any other sign; of Latin letters, whatever they carry."""
    base = unicodedata.normalize("NFKD", letter.lstrip("+"))[:1].casefold()
    if not ("a" <= base <= "z"):
        return 2
    return 0 if base in VOWELS else 1


def _letters(axes: "Axes", where: Projection, characters: Sequence[str], spelled: Sequence[str]) -> None:
    kinds = [kind_of(character) for character in characters]
    colours = (colour(1), colour(0), "0.35")
    place_texts(
        axes,
        where.points,
        spelled,
        colours=[colours[kind] for kind in kinds],
        size=11,
        weight="bold",
        inches=LETTERS_INCHES,
    )
    names = ("vowels", "consonants", "other signs")
    keys = [key(names[kind], color=colours[kind], marker="s", linestyle="") for kind in sorted(set(kinds))]
    axes.legend(handles=keys, loc="upper left", bbox_to_anchor=(0, -0.1), ncols=3, borderaxespad=0)
