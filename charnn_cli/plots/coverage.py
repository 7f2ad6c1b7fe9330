"""What is won by silence: how many names are answered, and how well, by the least probability of an answer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.metrics import Outcomes, share_interval
from charnn_cli.plots.placing import LineEnd, name_ends
from charnn_cli.plots.request import Request, Takes, answered, caption, split_title
from charnn_cli.plots.style import GREY, colour, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TAKES = Takes(data=True)
THRESHOLDS = np.linspace(0, 1, 201)
READ_AT = (0.5, 0.7, 0.9)  # where the figures are written out
HEIGHT = 4.0  # inches, of the axes
FEWEST_NAMES = 10  # answered; accuracy among fewer is not drawn


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a model does that answers where its best probability is at least a threshold, for T of them."""

    thresholds: NDArray[np.float64]  # (T,)
    names: int
    answered: NDArray[np.int64]  # (T,) names
    right: NDArray[np.int64]  # (T,) of them

    @classmethod
    def of(cls, outcomes: Outcomes, thresholds: NDArray[np.float64] = THRESHOLDS) -> "Coverage":
        """Count in what came out; a name that the model abstains on is answered at no threshold."""
        is_answered = outcomes.predicted >= 0
        sure = np.sort(outcomes.confidence[is_answered])
        sure_and_right = np.sort(outcomes.confidence[is_answered & outcomes.correct])
        return cls(
            thresholds,
            len(outcomes),
            len(sure) - np.searchsorted(sure, thresholds),
            len(sure_and_right) - np.searchsorted(sure_and_right, thresholds),
        )

    @property
    def accuracy(self) -> NDArray[np.float64]:
        """Share of the answers that is right, (T,); NaN where there are too few."""
        return np.where(self.answered >= FEWEST_NAMES, self.right / np.maximum(self.answered, 1), np.nan)

    def at(self, threshold: float) -> tuple[float, float]:
        """Share of the names that is answered, and of the answers that is right, NaN where there are too few."""
        place = int(np.searchsorted(self.thresholds, threshold - 1e-9))
        return float(self.answered[place] / self.names), float(self.accuracy[place])


def make(request: Request) -> "Figure":
    """Share answered and accuracy of the answers on labelled names."""
    found, said = answered(request)
    return draw(
        Coverage.of(said.outcomes),
        caption=caption(request, split_title(found), *found.notes, fingerprint=found.fingerprint),
    )


def draw(coverage: Coverage, *, caption: str) -> "Figure":
    """Both shares against the threshold, with figures at some of them."""
    share = 100 * coverage.answered / coverage.names
    low, high = (100 * bound for bound in share_interval(coverage.right, coverage.answered))
    known = np.isfinite(coverage.accuracy)
    with drawing():
        figure = new_figure(
            7.0, HEIGHT + 1.2, title="Coverage: the surer it must be, the less it answers", caption=caption
        )
        axes = figure.add_subplot()
        axes.set(xlim=(0, 1), ylim=(0, 100), xlabel="least probability that an answer must have", ylabel="%")
        band: dict[str, Any] = {"color": colour(0), "alpha": 0.18, "linewidth": 0}
        axes.fill_between(coverage.thresholds[known], low[known], high[known], **band)
        right = _line(axes, coverage.thresholds[known], 100 * coverage.accuracy[known], 0, "of the answers are right")
        told = _line(axes, coverage.thresholds, share, 1, "of the names are answered")
        name_ends(axes, [end for end in (right, told) if end is not None], height=HEIGHT)
        for threshold in READ_AT:
            _read(axes, threshold, *coverage.at(threshold))
    return figure


def _line(
    axes: "Axes", thresholds: NDArray[np.float64], percent: NDArray[np.float64], index: int, name: str
) -> LineEnd | None:
    dashes = ("-", "--")[index]
    axes.plot(thresholds, percent, dashes, color=colour(index), linewidth=2, clip_on=False, label=name)
    if not len(percent):
        return None
    return LineEnd(float(thresholds[-1]), float(percent[-1]), name.replace(" are ", "\nare "), colour(index))


def _read(axes: "Axes", threshold: float, share: float, accuracy: float) -> None:
    """The figures at one threshold, at both lines."""
    from matplotlib.patheffects import withStroke

    axes.axvline(threshold, color=GREY, linewidth=0.8, linestyle=":")
    for index, value in enumerate((accuracy, share)):
        if np.isfinite(value):
            axes.plot(threshold, 100 * value, marker=("o", "s")[index], color=colour(index), clip_on=False)
            text = axes.annotate(
                f"{value:.0%}",
                (threshold, 100 * value),
                (4, (5, -5)[index]),
                textcoords="offset points",
                color=colour(index),
                fontweight="bold",
                va=("bottom", "top")[index],
            )
            text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])
