"""What each origin is recognised by: endings and other n-grams that are worth most, and where in a name they stand."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import DataError
from charnn_cli.plots.request import Request, Takes, caption, evenly, labelled, plain_text, readable, shown, split_title
from charnn_cli.plots.style import SEQUENTIAL, drawing, new_figure
from charnn_cli.predict import Predictor

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure

TAKES = Takes(data=True)
MOST_NAMES = 6000  # each is read some thirty times, which takes seconds
LONGEST_NGRAM = 4
FEWEST_NAMES, LEAST_SHARE = 3, 0.05  # of an origin's names, that an n-gram must stand in
SHRINKING = 3  # names without worth that each mean is taken with, so that a few lucky ones do not lead
BEST = 4  # endings of an origin that are shown, and as many other n-grams
PLACES = 8  # letters from the end
WIDE, GAP = 2.4, 0.5  # width of an n-gram's tile and of the gap between groups, in letters' tiles
TILE_INCHES = (0.3, 0.24)
AT_ONCE = 1 << 13  # texts


@dataclass(frozen=True, slots=True)
class Ngram:
    """An n-gram of an origin: the mean fall of the log-probability without it in nats, and in how many names it is."""

    text: str  # with – where the name goes on
    worth: float
    share: float  # of the origin's names

    @property
    def is_ending(self) -> bool:
        return self.text.startswith("–") and not self.text.endswith("–")

    @property
    def says_something(self) -> bool:
        """Whether it is a mark, or more than a letter, which most names have somewhere."""
        return len(self.text.strip("–")) > 1


@dataclass(frozen=True, slots=True)
class Recognised:
    """What one origin is recognised by."""

    origin: str
    names: int
    endings: Sequence[Ngram]
    others: Sequence[Ngram]
    places: NDArray[np.float64]  # (PLACES,) mean worth of the letter so far from the end, NaN where there is none

    @classmethod
    def of(cls, origin: str, pieces: "Pieces", worth: NDArray[np.float64], names: NDArray[np.int64]) -> "Recognised":
        """What some names, all of one origin, are recognised by, as told by the worth (P,) of all pieces."""
        own = np.flatnonzero(np.isin(pieces.rows, names))
        by_text = defaultdict(list)
        for piece in own:
            by_text[pieces.texts[piece]].append(piece)
        candidates = []
        for text, found in by_text.items():
            bearers = len(np.unique(pieces.rows[found]))
            if bearers >= max(FEWEST_NAMES, LEAST_SHARE * len(names)):
                shrunk = float(worth[found].sum() / (len(found) + SHRINKING))
                candidates.append((shrunk, Ngram(text, float(worth[found].mean()), bearers / len(names))))
        candidates.sort(key=lambda candidate: (-candidate[0], candidate[1].text))
        ranked = [ngram for _, ngram in candidates if ngram.worth > 0]
        places = [worth[own[pieces.places[own] == place]] for place in range(PLACES)]
        return cls(
            origin,
            len(names),
            _apart([ngram for ngram in ranked if ngram.is_ending]),
            _apart([ngram for ngram in ranked if not ngram.is_ending and ngram.says_something]),
            np.array([values.mean() if len(values) else np.nan for values in places]),
        )


def _apart(ranked: Sequence[Ngram]) -> list[Ngram]:
    """The first few that are no part of each other."""
    chosen: list[Ngram] = []
    for ngram in ranked:
        inner = ngram.text.strip("–")
        if not any(inner in other.text or other.text.strip("–") in inner for other in chosen):
            chosen.append(ngram)
    return chosen[:BEST]


@dataclass(frozen=True, slots=True)
class Pieces:
    """P pieces of names, and each name without one of them."""

    rows: NDArray[np.int64]  # (P,) which name
    texts: list[str]  # the piece as a picture shows it: –ov at the end, mc– at the beginning, –sch– between, +ü a mark
    places: NDArray[np.int64]  # (P,) of a single letter, how far from the end; else -1
    shortened: list[str]

    @classmethod
    def of(cls, words: Sequence[tuple[str, str]]) -> "Pieces":
        """All n-grams of the texts of names, and the marks that are read behind them; none is a whole text."""
        found = [(row, *piece) for row, (text, marks) in enumerate(words) for piece in _pieces(text, marks)]
        rows, texts, places, shortened = zip(*found, strict=True) if found else ((), (), (), ())
        return cls(np.array(rows, np.int64), list(texts), np.array(places, np.int64), list(shortened))


def _pieces(text: str, marks: str) -> Iterator[tuple[str, int, str]]:
    """Each piece as a picture shows it, its place, and what is left without it."""
    for length in range(1, LONGEST_NGRAM + 1):
        for start in range(len(text) - length + 1):
            end = start + length
            if length == len(text):
                continue
            piece = "–" * (start > 0) + text[start:end].replace(" ", "␣") + "–" * (end < len(text))
            yield piece, len(text) - end if length == 1 else -1, text[:start] + text[end:] + marks
    for mark in marks:
        yield shown(mark, marks), -1, text + marks.replace(mark, "")


def make(request: Request) -> "Figure":
    """Endings, other n-grams and places that are worth most for each origin, of names that the model tells rightly."""
    trained = request.run.trained
    found = labelled(request, request.run)
    rows = evenly(readable(found, request.run), found.origins, MOST_NAMES)
    names, origins = [found.names[row] for row in rows], found.origins[rows]
    predictor = Predictor(trained)
    texts, _ = predictor.read(names)
    logs = _log_probabilities(predictor, texts)  # (N, C)
    right = np.flatnonzero(logs.argmax(axis=1) == origins)
    if not len(right):
        do = "give other labelled names"
        raise DataError("the model tells none of the names rightly", do, where=request.run.folder)
    plain = [plain_text(names[row], trained.rules) for row in right]
    pieces = Pieces.of([(word, texts[row][len(word) :]) for row, word in zip(right, plain, strict=True)])
    own = origins[right]
    worth = logs[right, own][pieces.rows] - _without(predictor, pieces, own, request.stage("leaving letters out"))
    summed = [
        Recognised.of(trained.labels[origin], pieces, worth, np.flatnonzero(own == origin)) for origin in np.unique(own)
    ]
    told = f"the {len(right):,} of {len(rows):,} looked at that it tells rightly"
    meaning = "worth: by how much the logarithm of the origin's probability falls without these letters"
    return draw(
        summed, caption=caption(request, split_title(found), told, meaning, *found.notes, fingerprint=found.fingerprint)
    )


def _log_probabilities(predictor: Predictor, texts: list[str]) -> NDArray[np.float64]:
    """Log-probabilities (N, C), in nats."""
    return np.log(np.maximum(predictor.probabilities(predictor.logits_of_texts(texts)), np.finfo(np.float64).tiny))


def _without(
    predictor: Predictor,
    pieces: Pieces,
    origins: NDArray[np.integer],
    on_progress: Callable[[int, int], None] | None,
) -> NDArray[np.float64]:
    """Log-probability of its name's origin, of `origins` (N,), without each piece (P,)."""
    parts = [np.zeros(0)]
    total = len(pieces.shortened)
    for start in range(0, total, AT_ONCE):
        if on_progress is not None:
            on_progress(start, total)
        logs = _log_probabilities(predictor, pieces.shortened[start : start + AT_ONCE])
        parts.append(logs[np.arange(len(logs)), origins[pieces.rows[start : start + AT_ONCE]]])
    return np.concatenate(parts)


def draw(summed: Sequence[Recognised], *, caption: str) -> "Figure":
    """A row an origin: tiles of its endings, of its other n-grams, and of single letters by their place."""
    texts = (ngram.text for one in summed for ngram in (*one.endings, *one.others))
    groups = Groups()
    strongest = max((ngram.worth for one in summed for ngram in (*one.endings, *one.others)), default=1.0)
    most = max(max(float(np.nanmax(one.places, initial=0.0)) for one in summed), 1e-6)  # of a letter, which is less
    with drawing([*(one.origin for one in summed), *texts]) as lettering:
        names = [f"{lettering.spell(one.origin, 24)} ({one.names:,})" for one in summed]
        width = groups.end * TILE_INCHES[0] + 0.075 * max(map(len, names)) + 1.5
        figure = new_figure(
            width,
            TILE_INCHES[1] * len(summed) + 1.6,
            title="What each origin is recognised by",
            caption=caption,
        )
        axes = figure.add_subplot()
        coloured = _scale(figure, axes, max(strongest, 1e-6))
        axes.set(xlim=(0, groups.end), ylim=(len(summed) - 0.5, -0.5))
        for row, one in enumerate(summed):
            for start, ngrams in ((0.0, one.endings), (groups.others, one.others)):
                for place, ngram in enumerate(ngrams):
                    _tile(axes, (start + place * WIDE, row), WIDE, ngram.worth, coloured)
                    _write(axes, (start + place * WIDE, row), ngram, lettering.spell(ngram.text), strongest)
            for place, worth in enumerate(one.places):
                at = groups.end - 1 - place
                _tile(axes, (at, row), 1, worth * strongest / most, coloured)
                _number(axes, (at + 0.5, row), worth, most)
        _name(axes, names, groups)
    return figure


@dataclass(frozen=True, slots=True)
class Groups:
    """Where the groups of tiles begin, in letters' tiles; the endings begin at 0."""

    others: float = BEST * WIDE + GAP
    places: float = 2 * (BEST * WIDE + GAP)

    @property
    def end(self) -> float:
        return self.places + PLACES


def _scale(figure: "Figure", axes: "Axes", strongest: float) -> "ScalarMappable":
    """The colours of worth, and their bar."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    coloured = ScalarMappable(Normalize(0, strongest), colormaps[SEQUENTIAL].with_extremes(bad="#f2f2f2"))
    bar = figure.colorbar(
        coloured, ax=axes, fraction=0.03, pad=0.01, aspect=25, shrink=min(1.0, 3 / figure.get_figheight())
    )
    bar.set_label("worth of an n-gram, nats", fontsize=8)
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return coloured


def _tile(axes: "Axes", at: tuple[float, float], width: float, worth: float, coloured: "ScalarMappable") -> None:
    from matplotlib.patches import Rectangle

    colour = coloured.to_rgba(np.ma.masked_invalid([worth]))[0]
    axes.add_patch(Rectangle((at[0], at[1] - 0.5), width, 1, facecolor=colour, edgecolor="white", linewidth=0.8))


def _write(axes: "Axes", at: tuple[float, float], ngram: Ngram, text: str, strongest: float) -> None:
    """The n-gram on the left of its tile, and on the right how many of the origin's names have it."""
    dye = "white" if ngram.worth > 0.55 * strongest else "black"
    size = min(8.0, 8.0 * 7 / max(len(text), 1))
    for x, word, weight, side, points in (
        (0.08, text, "bold", "left", size),
        (WIDE - 0.08, f"{ngram.share:.0%}", "normal", "right", 6.0),
    ):
        drawn = axes.text(
            at[0] + x, at[1], word, fontsize=points, fontweight=weight, ha=side, va="center_baseline", color=dye
        )
        drawn.set_in_layout(False)


def _number(axes: "Axes", at: tuple[float, float], worth: float, most: float) -> None:
    """The worth of a letter in its tile, nothing where there is none."""
    if np.isfinite(worth):
        dye = "white" if worth > 0.55 * most else "black"
        text = f"{round(worth, 1) + 0.0:.1f}".replace("-", "−")
        drawn = axes.text(*at, text, fontsize=6, ha="center", va="center", color=dye)
        drawn.set_in_layout(False)


def _name(axes: "Axes", names: Sequence[str], groups: Groups) -> None:
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylabel("origin (names)")
    titles = (
        (0.0, "endings that are worth most\n(% of the origin's names)"),
        (groups.others, "beginnings and middles"),
        (groups.places, "single letters, nats"),
    )
    for x, title in titles:
        axes.annotate(
            title,
            (x, 1),
            (0, 4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=8.5,
            va="bottom",
        )
    places = [groups.end - 0.5 - place for place in range(PLACES)]
    axes.set_xticks(places, ["last", *(str(place) for place in range(2, PLACES + 1))], fontsize=7)
    axes.set_xlabel("from the end", x=(groups.places + PLACES / 2) / groups.end)
