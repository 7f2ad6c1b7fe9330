"""The plots of the page, as SVG images within it."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from charnn_cli.errors import ModelError
from charnn_cli.evaluate import Evaluation
from charnn_cli.metrics import confusion
from charnn_cli.report.html import text
from charnn_cli.store import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot, what it is called, and in words what it shows."""

    title: str
    words: str
    figure: "Figure"


def pictures_html(run: Run, evaluation: Evaluation) -> str:
    """A figure element a plot. Each is an image, so that nothing in it can run or clash with the page."""
    return "\n".join(_figure(picture) for picture in _pictures(run, evaluation))


def _pictures(run: Run, evaluation: Evaluation) -> Iterator[Picture]:
    from charnn_cli.plots import calibration
    from charnn_cli.plots import confusion as matrix

    examples, outcomes = evaluation.examples, evaluation.answers.outcomes
    which = "all names" if examples.split == "all" else f"{examples.split} split"
    caption = f"run {run.name} · data {examples.data.name} · {which}, {evaluation.n:,} names"
    yield Picture(
        "What is taken for what",
        "A matrix with a row for each true origin and a column for each predicted one; its numbers are in the tables "
        "by origin and of confusions.",
        matrix.draw(confusion(outcomes), examples.labels[: outcomes.num_labels], caption=caption),
    )
    diagrams = [calibration.Diagram.of(f"temperature {evaluation.temperature:.2f}", outcomes)]
    if evaluation.temperature != 1:
        diagrams.insert(0, calibration.Diagram.of("temperature 1", evaluation.answers.uncalibrated))
    yield Picture(
        "Whether 0.8 means 0.8",
        f"Accuracy against confidence in bins of equally many names; the expected calibration error is "
        f"{evaluation.metrics['ece']:.3f}.",
        calibration.draw(diagrams, caption=caption),
    )
    yield from _training(run)


def _training(run: Run) -> Iterator[Picture]:
    """The training curves, where the run folder has kept them."""
    from charnn_cli.plots import loss

    try:
        history = run.history
    except ModelError:
        return
    if history:
        against: loss.Against = "step" if run.trained.architecture.cell == "lesson" else "epoch"
        curves = loss.Curves.of(run.name, history, against)
        yield Picture(
            "How training went",
            f"Loss, macro-F1, gradient norm and clipped steps over {len(history):,} records of the training.",
            loss.draw([curves], against=against, caption=f"run {run.name} · training and validation split"),
        )


def _figure(picture: Picture) -> str:
    from charnn_cli.plots.save import render

    width, height = (round(96 * inches) for inches in picture.figure.get_size_inches())
    encoded = base64.b64encode(render(picture.figure, "svg")).decode("ascii")
    return (
        f'<figure><figcaption>{text(picture.title)}</figcaption><div class="scroll picture" role="region" tabindex="0" '
        f'aria-label="{text(picture.title)}"><img width="{width}" height="{height}" alt="{text(picture.words)}" '
        f'src="data:image/svg+xml;base64,{encoded}"></div></figure>'
    )
