"""How a network makes up its mind: the probability of the leading origins after each letter of a name."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charnn_cli.plots.request import Request, Takes, caption_of_names, check_panels, read_texts
from charnn_cli.plots.style import drawing, look, new_figure
from charnn_cli.predict import Explanation, Predictor

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TAKES = Takes(names=True)
LEADING = 6


def make(request: Request) -> "Figure":
    """Probabilities of the leading origins after each letter of the wanted names."""
    check_panels(len(request.names))
    predictor = Predictor(request.run.trained)
    read_texts(request, predictor)
    explained = [(name, predictor.explain(name)) for name in request.names]
    note = "each beginning is read as if it were the whole name"
    return draw(explained, caption=caption_of_names(request, note))


def leading(beliefs: NDArray[np.float64], count: int = LEADING) -> NDArray[np.int64]:
    """The most probable origins after the last letter, then those most probable at some point before.

    Of beliefs (T, C), half of `count` each, ordered by their probability after the last letter.
    """
    at_the_end = np.argsort(-beliefs[-1], kind="stable")
    peaks = np.argsort(-beliefs.max(axis=0), kind="stable")
    chosen = list(dict.fromkeys([*at_the_end[: count // 2].tolist(), *peaks.tolist()]))[:count]
    return at_the_end[np.isin(at_the_end, chosen)]


def draw(explained: Sequence[tuple[str, Explanation]], *, caption: str) -> "Figure":
    """A panel a name, its letters along the horizontal axis; origins keep their colour from panel to panel."""
    labels = explained[0][1].labels
    looks: dict[int, int] = {}
    for _, explanation in explained:
        for origin in leading(explanation.beliefs):
            looks.setdefault(int(origin), len(looks))
    with drawing([*labels, *(name + explanation.text for name, explanation in explained)]) as lettering:
        widest = max(len(explanation.text) for _, explanation in explained)
        figure = new_figure(
            min(max(6.5, 3.2 + 0.24 * widest), 16),
            0.8 + 2.4 * len(explained),
            title="Belief after each letter",
            caption=caption,
        )
        panels = figure.subplots(len(explained), 1, squeeze=False)[:, 0]
        for axes, (name, explanation) in zip(panels, explained, strict=True):
            places = range(len(explanation.text))
            for origin in leading(explanation.beliefs):
                axes.plot(
                    places,
                    explanation.beliefs[:, origin],
                    **look(looks[int(origin)]),
                    clip_on=False,
                    label=f"{_percent(explanation.beliefs[-1, origin])} {lettering.spell(labels[origin], 24)}",
                )
            axes.set_title(lettering.spell(name))
            axes.set_xticks(places, [lettering.spell(letter.replace(" ", "␣")) for letter in explanation.text])
            axes.set_xlim(-0.3, widest - 0.7)
            axes.set_ylim(0, 1)
            axes.set_ylabel("probability")
            axes.legend(
                loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0, title="at the end", alignment="left"
            )
        panels[-1].set_xlabel("letters read so far")
    return figure


def _percent(probability: float) -> str:
    return "<1%" if probability < 0.01 else f"{probability:.0%}"
