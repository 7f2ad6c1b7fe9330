"""How a network makes up its mind: the probability of the leading origins after each letter of a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charnn_cli.plots import following
from charnn_cli.plots.lettering import Lettering
from charnn_cli.plots.placing import LineEnd, name_ends
from charnn_cli.plots.request import (
    Request,
    Takes,
    caption_of_names,
    check_panels,
    plain_text,
    read_as,
    read_texts,
    shown,
)
from charnn_cli.plots.style import GREY, colour, drawing, letter_ticks, look, new_figure, percent, wrapped
from charnn_cli.predict import Explanation, Predictor

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TAKES = Takes(names=True)
LEADING = 6
PROBABLE = 0.05  # what an origin must reach to be drawn
PANEL_INCHES = 1.9  # height of the axes


@dataclass(frozen=True, slots=True)
class Reading:
    """A name, its text without marks, the T letters that are read as a picture shows them, and what each made of it."""

    name: str
    plain: str
    letters: tuple[str, ...]
    explanation: Explanation


def make(request: Request) -> "Figure":
    """Probabilities of the leading origins after each letter of names; of a run that writes, of the next letters."""
    if request.run.trained.architecture.generates:
        return following.make(request)
    check_panels(len(request.names))
    trained = request.run.trained
    predictor = Predictor(trained)
    read_texts(request, predictor)
    rules = trained.rules
    readings = []
    for name in request.names:
        explanation = predictor.explain(name)
        letters = tuple(shown(letter, rules.marks or ()) for letter in explanation.text)
        readings.append(Reading(name, plain_text(name, rules), letters, explanation))
    note = "each beginning is read as if it were the whole name; prior: shares of the training names"
    return draw(readings, trained.priors, caption=caption_of_names(request, note))


def leading(beliefs: NDArray[np.float64], count: int = LEADING) -> NDArray[np.int64]:
    """The most probable origins after the last letter, then those most probable at some point before.

    Of beliefs (T, C), half of `count` each, ordered by their probability after the last letter; beside the first, only
    those that are probable at some point.
    """
    at_the_end = np.argsort(-beliefs[-1], kind="stable")
    peaks = np.argsort(-beliefs.max(axis=0), kind="stable")
    probable = peaks[beliefs.max(axis=0)[peaks] >= PROBABLE]
    first = [place for place in at_the_end[: max(count // 2, 1)] if place == at_the_end[0] or place in probable]
    chosen = list(dict.fromkeys([*first, *probable]))[:count]
    return at_the_end[np.isin(at_the_end, chosen)]


def draw(readings: Sequence[Reading], priors: NDArray[np.float64], *, caption: str) -> "Figure":
    """A panel a name, its letters along the horizontal axis; origins keep their colour from panel to panel.

    `priors` (C,) are what is believed before the first letter.
    """
    labels = readings[0].explanation.labels
    looks: dict[int, int] = {}
    for reading in readings:
        for origin in leading(reading.explanation.beliefs):
            looks.setdefault(int(origin), len(looks))
    texts = (text for reading in readings for text in (reading.name, reading.plain, *reading.letters))
    with drawing([*labels, *texts]) as lettering:
        widest = max(len(reading.letters) for reading in readings)
        figure = new_figure(
            min(max(6.5, 3.4 + 0.24 * widest), 16),
            0.8 + (PANEL_INCHES + 0.6) * len(readings),
            title="What it would say if the name ended here",
            caption=caption,
        )
        panels = figure.subplots(len(readings), 1, squeeze=False)[:, 0]
        for axes, reading in zip(panels, readings, strict=True):
            axes.set(xlim=(-0.3, widest + 0.3), ylim=(0, 1), ylabel="probability")
            _lines(axes, reading.explanation, priors, looks, lettering)
            letter_ticks(axes, range(widest + 1), ["prior", *map(lettering.spell, reading.letters)])
            end = f"{reading.explanation.origin} {percent(reading.explanation.beliefs[-1].max())}"
            title = f"{read_as(reading.name, reading.plain, lettering)} → {lettering.spell(end)}"
            axes.set_title(wrapped(title, figure.get_figwidth() - 1.0, 10))
        panels[-1].set_xlabel("letters read so far")
    return figure


def _lines(
    axes: "Axes",
    explanation: Explanation,
    priors: NDArray[np.float64],
    looks: dict[int, int],
    lettering: Lettering,
) -> None:
    """The leading origins, and in grey all others together, each with its probability at the end."""
    beliefs = np.concatenate([priors[None], explanation.beliefs])  # (1 + T, C)
    places = np.arange(len(beliefs))
    chosen = leading(explanation.beliefs)
    ends = []
    for origin in chosen:
        values, place = beliefs[:, origin], looks[int(origin)]
        name = lettering.spell(explanation.labels[origin], 24)
        axes.plot(places, values, clip_on=False, label=name, **look(place))
        ends.append(LineEnd(float(places[-1]), float(values[-1]), f"{percent(values[-1])} {name}", colour(place)))
    others = len(priors) - len(chosen)
    if others:
        rest = 1 - beliefs[:, chosen].sum(axis=1)
        name = f"{others} others together" if others > 1 else lettering.spell(_only(explanation.labels, chosen), 24)
        axes.plot(places, rest, color=GREY, linestyle=":", linewidth=1.2, label=name, clip_on=False)
        ends.append(LineEnd(float(places[-1]), float(rest[-1]), f"{percent(rest[-1])} {name}", GREY))
    name_ends(axes, ends, height=PANEL_INCHES)


def _only(labels: Sequence[str], chosen: NDArray[np.int64]) -> str:
    """The one label that is not chosen."""
    return next(label for place, label in enumerate(labels) if place not in chosen)
