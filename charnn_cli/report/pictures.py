"""The plots of the page, as SVG images within it, so that nothing in them can run or clash with the page."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from charnn_cli.errors import ModelError
from charnn_cli.evaluate import Evaluation
from charnn_cli.store import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot, what it is called, and in words what it shows."""

    title: str
    words: str
    svg: str  # in base64
    width: int  # pixels
    height: int

    @classmethod
    def of(cls, title: str, words: str, figure: "Figure") -> "Picture":
        from charnn_cli.plots.save import render

        width, height = (round(96 * inches) for inches in figure.get_size_inches())
        return cls(title, words, base64.b64encode(render(figure, "svg")).decode("ascii"), width, height)


def pictures(run: Run, evaluation: Evaluation) -> Iterator[Picture]:
    """Confusion, calibration and, where the run folder has kept its history, the training curves."""
    from charnn_cli.plots import kind
    from charnn_cli.plots.request import Request

    request = Request.of_evaluation(run, evaluation)
    yield Picture.of(
        "What is taken for what",
        "A matrix with a row for each true origin and a column for each predicted one; its numbers are in the tables "
        "by origin and of confusions.",
        kind("confusion").make(request),
    )
    yield Picture.of(
        "Whether 0.8 means 0.8",
        f"Accuracy against confidence in bins of equally many names; the expected calibration error is "
        f"{evaluation.metrics['ece']:.3f}.",
        kind("calibration").make(request),
    )
    try:
        curves = kind("loss").make(Request((run,)))
    except ModelError:
        return
    yield Picture.of(
        "How training went",
        f"Loss, macro-F1, gradient norm and clipped steps over {len(run.history):,} records of the training.",
        curves,
    )
