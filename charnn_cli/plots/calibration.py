"""Whether 0.8 means 0.8: accuracy against confidence before and after temperature, and how often each is claimed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charnn_cli.metrics import Outcomes, compute_metrics, reliability
from charnn_cli.plots.request import Request, Takes, answered, caption, split_title
from charnn_cli.plots.style import GREY, drawing, key, legend_below, look, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TAKES = Takes(data=True)
HISTOGRAM_EDGES = np.linspace(0, 1, 21)


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
        """The diagram of what came out, in the bins behind its `ece`."""
        bins = reliability(outcomes)
        return cls(
            name,
            np.array([one.confidence for one in bins]),
            np.array([one.accuracy for one in bins]),
            compute_metrics(outcomes)["ece"],
            outcomes.confidence,
        )

    def histogram(self) -> NDArray[np.float64]:
        """Share of the names in each of 20 equal intervals of confidence, (20,)."""
        counts = np.histogram(self.all_confidences, HISTOGRAM_EDGES)[0]
        return counts / max(len(self.all_confidences), 1)


def make(request: Request) -> "Figure":
    """Reliability of labelled names before and after temperature."""
    found, said = answered(request)
    temperature = request.run.trained.temperature
    if temperature == 1.0:
        diagrams = [Diagram.of("temperature 1, as none lowered the validation loss", said.outcomes)]
    else:
        before = Diagram.of("before, temperature 1", said.uncalibrated)
        diagrams = [before, Diagram.of(f"after, temperature {temperature:.2f}", said.outcomes)]
    fitted = "temperature fitted on the validation split"
    return draw(diagrams, caption=caption(request, split_title(found), fitted, *found.notes))


def draw(diagrams: Sequence[Diagram], *, caption: str) -> "Figure":
    """Reliability above, histogram of confidence below, one line a diagram in both."""
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    with drawing():
        figure = new_figure(5.6, 7.2, title="Calibration", caption=caption, legend_rows=len(diagrams) + 1)
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        above.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1.2)
        keys = []
        for index, diagram in enumerate(diagrams):
            style = look(index)
            above.plot(diagram.confidence, diagram.accuracy, label=diagram.name, **style)
            del style["marker"]
            below.stairs(100 * diagram.histogram(), HISTOGRAM_EDGES, label=diagram.name, linewidth=1.4, **style)
            label = f"{diagram.name}: calibration error (ECE) {diagram.ece:.3f}"
            keys.append(key(label, **look(index)))
        keys.append(key("perfect: as often right as claimed", color=GREY, linestyle=":"))
        above.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="accuracy in the bin")
        above.set_title(f"bins of equally many names: {len(diagrams[0].confidence)}", fontsize=8)
        below.set(xlabel="confidence: probability of the origin put first", ylabel="share of names")
        below.set_ylim(bottom=0)
        below.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
        below.yaxis.set_major_formatter(PercentFormatter(decimals=0))
        legend_below(figure, keys, columns=1)
    return figure
