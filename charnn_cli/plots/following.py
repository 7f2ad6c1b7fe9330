"""How a network that writes goes on: the likeliest next letters after each letter of a name."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    note = "each name as one of its likeliest origin; framed: the letter that does come, ⊣ the end"
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
        for axes, course in zip(panels, courses, strict=True):
            _columns(axes, course, lettering)
            axes.set_xlim(-0.5, widest - 1.5)
            each = course.bits / max(len(course.symbols) - 1, 1)
            title = f"{lettering.spell(course.name)} as {lettering.spell(course.origin, 24)}: {course.bits:.1f} bits"
            axes.set_title(wrapped(f"{title}, {each:.2f} a letter", figure.get_figwidth() - 1.0, 10))
        panels[-1].set_xlabel("letters read so far, and below each how probable the one was that came")
    return figure


def _columns(axes: "Axes", course: Course, lettering: Lettering) -> None:
    """The likeliest next symbols of each column, shaded by probability; the one that comes has a frame."""
    from matplotlib.patches import Rectangle

    ranks = min(RANKS, len(course.outputs))
    order = np.argsort(-course.following, axis=1, kind="stable")[:, :ranks]  # (T - 1, ranks)
    shares = np.take_along_axis(course.following, order, axis=1)
    axes.imshow(shares.T, aspect="auto", cmap="Blues", vmin=0, vmax=1)
    for column, told in enumerate(course.told):
        for rank, place in enumerate(order[column].tolist()):
            share = float(shares[column, rank])
            text = f"{lettering.spell(course.outputs[place])} {percent(share)}"
            axes.text(
                column, rank, text, ha="center", va="center", fontsize=7, color="white" if share > 0.6 else "black"
            )
            if place == told:
                axes.add_patch(Rectangle((column - 0.47, rank - 0.46), 0.94, 0.92, fill=False, linewidth=1.4))
    came = [
        percent(float(row[told])) if told >= 0 else "–" for row, told in zip(course.following, course.told, strict=True)
    ]
    letters = map(lettering.spell, course.symbols[:-1])
    axes.set_xticks(range(len(came)), [f"{letter}\n{share}" for letter, share in zip(letters, came, strict=True)])
    axes.set_yticks(range(ranks), [str(rank + 1) for rank in range(ranks)])
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.set_ylabel("rank")
    axes.spines[:].set_color(GREY)
