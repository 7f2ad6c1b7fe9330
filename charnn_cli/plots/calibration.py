"""Whether 0.8 means 0.8: accuracy against confidence before and after scaling, and how often each is claimed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charnn_cli.metrics import Outcomes, compute_metrics, reliability, share_interval
from charnn_cli.metrics.scores import ECE_BINS
from charnn_cli.plots.request import Request, Takes, answered, answered_alone, caption, split_title
from charnn_cli.plots.style import GREY, colour, drawing, key, legend_below, look, new_figure
from charnn_cli.scaling import UNSCALED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TAKES = Takes(data=True)
HISTOGRAM_EDGES = np.linspace(0, 1, 21)
FEWEST_NAMES = 25  # in a bin; the share of fewer says little


@dataclass(frozen=True, slots=True)
class Diagram:
    """A reliability diagram (DeGroot and Fienberg 1983) of one way to turn logits into probabilities.

    Bins hold equally many names each, by rising confidence.
    """

    name: str
    confidence: NDArray[np.float64]  # (B,) mean in each bin
    accuracy: NDArray[np.float64]  # (B,)
    ece: float  # expected calibration error
    all_confidences: NDArray[np.float64]  # (N,) of every name

    @classmethod
    def of(cls, name: str, outcomes: Outcomes) -> "Diagram":
        """The diagram of what came out, in as many bins as its `ece` has, fewer where there are few names."""
        bins = reliability(outcomes, min(max(len(outcomes) // FEWEST_NAMES, 1), ECE_BINS))
        return cls(
            name,
            np.array([one.confidence for one in bins]),
            np.array([one.accuracy for one in bins]),
            compute_metrics(outcomes)["ece"],
            outcomes.confidence,
        )

    def intervals(self) -> NDArray[np.float64]:
        """How far the 95 % interval of each bin's accuracy reaches below and above it, (2, B)."""
        names = np.full(len(self.accuracy), len(self.all_confidences) / len(self.accuracy))
        low, high = share_interval(names * self.accuracy, names)
        return np.maximum(np.stack([self.accuracy - low, high - self.accuracy]), 0.0)

    def histogram(self) -> NDArray[np.float64]:
        """Share of the names in each of 20 equal intervals of confidence, (20,)."""
        counts = np.histogram(self.all_confidences, HISTOGRAM_EDGES)[0]
        return counts / max(len(self.all_confidences), 1)


def make(request: Request) -> "Figure":
    """Reliability of labelled names before and after scaling, of those that got an answer."""
    found, said = answered(request)
    outcomes, uncalibrated, remark = answered_alone(said)
    scaling = request.run.trained.scaling
    if scaling == UNSCALED:
        diagrams = [Diagram.of("temperature 1, as none lowered the validation loss", outcomes)]
    else:
        before = Diagram.of("before, temperature 1", uncalibrated)
        diagrams = [before, Diagram.of(f"after, temperature {scaling:.2f}", outcomes)]
    fitted = "calibrated on the validation split"
    return draw(
        diagrams,
        caption=caption(request, split_title(found), remark, fitted, *found.notes, fingerprint=found.fingerprint),
    )


def draw(diagrams: Sequence[Diagram], *, caption: str) -> "Figure":
    """Reliability above, histogram of confidence below, one line a diagram in both."""
    with drawing():
        figure = new_figure(5.8, 7.4, title="Calibration", caption=caption, legend_rows=len(diagrams) + 1)
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        above.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1.2)
        keys = []
        for index, diagram in enumerate(diagrams):
            _line(above, diagram, index)
            style = {"color": colour(index), "linestyle": look(index)["linestyle"]}
            below.stairs(100 * diagram.histogram(), HISTOGRAM_EDGES, label=diagram.name, linewidth=1.4, **style)
            label = f"{diagram.name}: calibration error (ECE) {diagram.ece:.3f}"
            keys.append(key(label, **look(index)))
        keys.append(key("perfect: as often right as claimed", color=GREY, linestyle=":"))
        above.set(xlim=(0, 1), ylim=(0, 1), ylabel="accuracy in the bin")
        bins = len(diagrams[0].confidence)
        names = len(diagrams[0].all_confidences) / bins
        each = f"{bins} bins of {names:,.0f} names each" if bins > 1 else f"one bin of {names:,.0f} names"
        above.set_title(f"{each}, with 95 % intervals", fontsize=8)
        below.set(xlabel="confidence: probability of the origin put first", ylabel="share of names")
        _percent(below)
        legend_below(figure, keys, columns=1)
    return figure


def _line(axes: "Axes", diagram: Diagram, index: int) -> None:
    """A diagram's bins; marks and intervals at the edges are drawn whole."""
    style = look(index)
    axes.plot(diagram.confidence, diagram.accuracy, label=diagram.name, clip_on=False, zorder=3, **style)
    axes.errorbar(
        diagram.confidence,
        diagram.accuracy,
        diagram.intervals(),
        fmt="none",
        ecolor=style["color"],
        elinewidth=1.0,
        capsize=2,
        alpha=0.6,
        clip_on=False,
    )


def _percent(axes: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.yaxis.set_major_formatter(PercentFormatter(decimals=0))
