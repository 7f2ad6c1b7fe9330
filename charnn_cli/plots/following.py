"""How a network that writes goes on: the likeliest next letters after each letter of a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

import numpy as np

from charnn_cli.plots.lettering import Lettering
from charnn_cli.plots.request import Request, caption_of_names, check_panels, read_texts, shown_symbols
from charnn_cli.plots.style import GREY, drawing, new_figure, percent, wrapped
from charnn_cli.predict import Predictor
from charnn_cli.predict.writing import NameWriter

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from charnn_cli.engine.products import Array

RANKS = 6  # letters shown in a column
PANEL_INCHES = 2.1
MOST_WITH_SHARES = 25  # columns in which there is room for probabilities beside the letters


@dataclass(frozen=True, slots=True)
class Course:
    """A name of an origin, its T symbols as a picture shows them, and of all but the last what follows them."""

    name: str
    origin: str
    symbols: tuple[str, ...]
    outputs: tuple[str, ...]  # (V,) what may follow
    following: "Array"  # (T - 1, V) probabilities

    @property
    def told(self) -> list[int]:
        """The place among the outputs of what does follow each symbol, -1 where it is none of them."""
        return [self.outputs.index(symbol) if symbol in self.outputs else -1 for symbol in self.symbols[1:]]

    @property
    def bits(self) -> float:
        """What all letters of the name cost, in bits; those that are none of the outputs cost nothing."""
        return -sum(log(row[place], 2) for row, place in zip(self.following, self.told, strict=True) if place >= 0)


def make(request: Request) -> "Figure":
    """What may follow each letter of the wanted names, each as a name of its likeliest origin."""
    check_panels(len(request.names))
    trained = request.run.trained
    predictor, engine = Predictor(trained), NameWriter(trained).engine
    characters = trained.alphabet.characters
    outputs = shown_symbols(range(3, len(trained.alphabet)), characters)
    courses = []
    for name, text in zip(request.names, read_texts(request, predictor), strict=True):
        symbols = trained.encode_texts([text])
        origin = int(predictor.answers([name], 1).origins[0, 0])
        spelled = shown_symbols(symbols.ids.tolist(), characters)
        courses.append(Course(name, trained.labels[origin], spelled, outputs, engine.following(symbols, origin)))
    note = "each name as one of its likeliest origin; framed: the letter that does come, # its rank; ⊣ the end"
    return draw(courses, caption=caption_of_names(request, note))


def draw(courses: Sequence[Course], *, caption: str) -> "Figure":
    """A panel a name: a column for each symbol that was read, in it the likeliest next ones, the first on top."""
    texts = [text for course in courses for text in (course.name, course.origin, *course.symbols, *course.outputs)]
    with drawing(texts) as lettering:
        widest = max(len(course.symbols) for course in courses)
        figure = new_figure(
            min(max(6.5, 1.2 + 0.62 * widest), 16),
            0.8 + (PANEL_INCHES + 0.7) * len(courses),
            title="What it expects next",
            caption=caption,
        )
        panels = figure.subplots(len(courses), 1, squeeze=False)[:, 0]
        with_shares = widest <= MOST_WITH_SHARES
        for axes, course in zip(panels, courses, strict=True):
            _columns(axes, course, lettering, with_shares=with_shares)
            axes.set_xlim(-0.5, widest - 1.5)
            each = course.bits / max(len(course.symbols) - 1, 1)
            title = f"{lettering.spell(course.name)} as {lettering.spell(course.origin, 24)}: {course.bits:.1f} bits"
            axes.set_title(wrapped(f"{title}, {each:.2f} a letter", figure.get_figwidth() - 1.0, 10))
        panels[-1].set_xlabel(
            f"letters read so far, and below each the one that came{', with its probability' if with_shares else ''}"
        )
    return figure


def _columns(axes: "Axes", course: Course, lettering: Lettering, *, with_shares: bool) -> None:
    """The likeliest next symbols of each column, shaded by probability; the one that comes has a frame.

    One that is less likely than all of these stands below them, with its rank.
    """
    from matplotlib.patches import Rectangle

    ranks = min(RANKS, len(course.outputs))
    every = np.argsort(-course.following, axis=1, kind="stable")  # (T - 1, V)
    order = every[:, :ranks].copy()
    rank_of = [row.tolist().index(came) if came >= 0 else 0 for row, came in zip(every, course.told, strict=True)]
    for column, rank in enumerate(rank_of):
        order[column, -1] = every[column, max(rank, ranks - 1)]
    shares = np.take_along_axis(course.following, order, axis=1)
    axes.imshow(shares.T, aspect="auto", cmap="Blues", vmin=0, vmax=1)
    for column, came in enumerate(course.told):
        for rank, place in enumerate(order[column].tolist()):
            share = float(shares[column, rank])
            words = [lettering.spell(course.outputs[place]), *([percent(share)] if with_shares else [])]
            words += [f"#{rank_of[column] + 1}"] if with_shares and place == came and rank_of[column] >= ranks else []
            color = "white" if share > 0.6 else "black"
            axes.text(column, rank, " ".join(words), ha="center", va="center", fontsize=7, color=color)
            if place == came:
                axes.add_patch(Rectangle((column - 0.47, rank - 0.46), 0.94, 0.92, fill=False, linewidth=1.4))
    axes.set_xticks(range(len(course.told)), _ticks(course, lettering, with_shares=with_shares))
    axes.set_yticks(range(ranks), [str(rank + 1) for rank in range(ranks)])
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.set_ylabel("rank")
    axes.spines[:].set_color(GREY)


def _ticks(course: Course, lettering: Lettering, *, with_shares: bool) -> list[str]:
    """What was read, and below it what came, with its probability where there is room and it is known."""
    letters = list(map(lettering.spell, course.symbols))
    if not with_shares:
        return [f"{letter}\n{came}" for letter, came in pairwise(letters)]
    places = zip(course.following, course.told, strict=True)
    shares = [percent(float(row[place])) if place >= 0 else "–" for row, place in places]
    return [f"{letter}\n→ {came} {share}" for (letter, came), share in zip(pairwise(letters), shares, strict=True)]
