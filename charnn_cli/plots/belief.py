"""How a network makes up its mind: the probability of the leading origins after each letter of a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charnn_cli.plots.style import drawing, look, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEADING = 6


@dataclass(frozen=True, slots=True)
class Belief:
    """Row t of `probabilities` (T, C) is the answer to the first t + 1 letters of `text`, read as a whole name."""

    name: str
    text: str  # T letters, as the network reads them
    probabilities: NDArray[np.float64]

    def leading(self, count: int = LEADING) -> NDArray[np.int64]:
        """The most probable origins after the last letter, then those most probable at some point before.

        Half of `count` each, ordered by their probability after the last letter.
        """
        at_the_end = np.argsort(-self.probabilities[-1], kind="stable")
        peaks = np.argsort(-self.probabilities.max(axis=0), kind="stable")
        chosen = list(dict.fromkeys([*at_the_end[: count // 2].tolist(), *peaks.tolist()]))[:count]
        return at_the_end[np.isin(at_the_end, chosen)]


def draw(beliefs: Sequence[Belief], labels: Sequence[str], *, caption: str) -> "Figure":
    """A panel a name, its letters along the horizontal axis; origins keep their colour from panel to panel."""
    looks: dict[int, int] = {}
    for belief in beliefs:
        for origin in belief.leading():
            looks.setdefault(int(origin), len(looks))
    with drawing([*labels, *(belief.name + belief.text for belief in beliefs)]) as lettering:
        widest = max(len(belief.text) for belief in beliefs)
        figure = new_figure(
            min(max(6.5, 3.2 + 0.24 * widest), 16),
            0.8 + 2.4 * len(beliefs),
            title="Belief after each letter",
            caption=caption,
        )
        panels = figure.subplots(len(beliefs), 1, squeeze=False)[:, 0]
        for axes, belief in zip(panels, beliefs, strict=True):
            places = range(len(belief.text))
            for origin in belief.leading():
                axes.plot(
                    places,
                    belief.probabilities[:, origin],
                    **look(looks[int(origin)]),
                    clip_on=False,
                    label=f"{_percent(belief.probabilities[-1, origin])} {lettering.spell(labels[origin], 24)}",
                )
            axes.set_title(lettering.spell(belief.name))
            axes.set_xticks(places, [lettering.spell(letter.replace(" ", "␣")) for letter in belief.text])
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
