"""Nothing of a picture lies outside it: all kinds, with few and many origins, one name, and names of every length."""

import io
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.legend import Legend
from matplotlib.text import Text

from charnn_cli.metrics import Outcomes
from charnn_cli.plots import (
    KINDS,
    belief,
    calibration,
    confusion,
    coverage,
    embedding,
    gates,
    gradients,
    learning,
    loss,
    worth,
)
from charnn_cli.plots import shares as listed
from charnn_cli.plots.save import render, settle
from charnn_cli.plots.style import drawing, new_figure
from charnn_cli.predict import Explanation
from charnn_cli.shares import Estimate

CAPTION = "run gru-18 · data tutorial-names (276a0533) · test split, 1,805 names · " + "more to say " * 20
RNG = np.random.default_rng(0)


def labels(count: int) -> tuple[str, ...]:
    return tuple(f"The People's Republic of {number:02d} 김" for number in range(count))


def outcomes(count: int, names: int) -> Outcomes:
    probabilities = RNG.dirichlet(np.full(count, 0.1), names)
    return Outcomes.of(probabilities, RNG.integers(0, count, names), RNG.random(names) < 0.1)


def reading(count: int, letters: int) -> belief.Reading:
    beliefs = RNG.dirichlet(np.full(count, 0.3), letters)
    explanation = Explanation("x" * letters, labels(count)[0], labels(count), beliefs, np.zeros(letters))
    return belief.Reading("김" * letters, "x" * letters, ("x",) * (letters - 1) + ("+Hangul",), explanation)


def panel(letters: int, way: str) -> gates.Panel:
    symbols = ("⊢",) + ("x",) * letters + ("+Katakana", "⊣")
    opened = {gate: RNG.random((len(symbols), 128)) for gate in ("forget", "input", "output")}
    states = RNG.normal(size=(len(symbols), 16))
    return gates.Panel(
        "김" * letters, "x" * letters, f"{labels(1)[0]} 99%", way, symbols, opened, states, np.arange(16) * 8
    )


def curves(name: str, epochs: int, names: int) -> loss.Curves:
    records = [
        {"names_seen": names * epoch, "validation_loss": 1 / epoch, "train_loss": 1e4 / epoch**4, "is_best": True,
         "network_validation_loss": 2 / epoch, "validation_macro_f1": 0.5, "gradient_norm": 1.0, "clipped_share": 1.0}
        for epoch in range(1, epochs + 1)
    ]  # fmt: skip
    return loss.Curves.of(name, records)


def recognised(count: int) -> list[worth.Recognised]:
    tiles = [worth.Ngram("–wxyz", 9.0, 1.0)] * worth.BEST
    return [worth.Recognised(label, 10**6, tiles, tiles, RNG.normal(size=worth.PLACES)) for label in labels(count)]


def points(count: int) -> Figure:
    origins = np.concatenate([np.arange(count), RNG.integers(0, count, 100)])
    where = embedding.Neighbours(RNG.normal(size=(len(origins), 2)), 0.5)
    letters = [*"abcdefgh⊢⊣", "+ü"]
    symbols = embedding.Projection(RNG.normal(size=(len(letters), 2)), (0.1, 0.1))
    return embedding.draw(letters, symbols, where, origins, labels(count), titles=("l", "n"), caption=CAPTION)


def share_list(count: int) -> Figure:
    middle = RNG.dirichlet(np.ones(count))
    estimate = Estimate(middle, np.diag(middle**2), "em", 100, 0.0)
    return listed.draw([listed.Listed("a list", 100, estimate)], labels(count), caption=CAPTION)


def runs(count: int, stem: str) -> list[str]:
    return [f"{stem * 30}{number}-{stem * 30}" for number in range(count)]


MANY = 54
PICTURES: dict[str, list[Callable[[], Figure]]] = {
    "loss": [
        lambda: loss.draw([curves("gru", 1, 5)], caption=CAPTION),
        lambda: loss.draw(
            [curves(name, 3, 10 ** (place % 7)) for place, name in enumerate(runs(14, "a"))],
            {"nll": 9.0, "macro_f1": 0.9},
            caption=CAPTION,
        ),
    ],
    "confusion": [
        lambda: confusion.draw(np.array([[1]]), labels(1), caption=CAPTION),
        lambda: confusion.draw(np.eye(2, dtype=int) * 12345, labels(2), np.array([0, 1]), caption=CAPTION),
        lambda: confusion.draw(np.eye(8, dtype=int), "ABCDEFGH", caption=CAPTION),
        lambda: confusion.draw(np.eye(18, dtype=int), labels(18), caption=CAPTION),
        lambda: confusion.draw(np.eye(MANY, dtype=int), labels(MANY), np.arange(MANY), caption=CAPTION),
    ],
    "calibration": [
        lambda: calibration.draw([calibration.Diagram.of("one", outcomes(2, 1))], caption=CAPTION),
        lambda: calibration.draw([calibration.Diagram.of("after", outcomes(MANY, 900))] * 2, caption=CAPTION),
    ],
    "coverage": [
        lambda: coverage.draw(coverage.Coverage.of(outcomes(2, 1)), caption=CAPTION),
        lambda: coverage.draw(coverage.Coverage.of(outcomes(MANY, 900)), caption=CAPTION),
    ],
    "shares": [lambda: share_list(2), lambda: share_list(MANY)],
    "gradients": [
        lambda: gradients.draw([gradients.Spread.of_shares("gru", [np.array([1.0])])], caption=CAPTION),
        lambda: gradients.draw(
            [gradients.Spread.of_shares(name, [0.3 ** np.arange(60.0)] * 20) for name in runs(14, "b")], caption=CAPTION
        ),
    ],
    "gates": [
        lambda: gates.draw([panel(1, "")], "cell state", across=1, caption=CAPTION),
        lambda: gates.draw([panel(20, ", read backward")] * 2, "cell state", across=2, caption=CAPTION),
    ],
    "belief": [
        lambda: belief.draw([reading(2, 1)], np.full(2, 0.5), caption=CAPTION),
        lambda: belief.draw([reading(MANY, 25)] * 2, np.full(MANY, 1 / MANY), caption=CAPTION),
    ],
    "embedding": [lambda: points(MANY)],
    "worth": [
        lambda: worth.draw(recognised(MANY), caption=CAPTION),
    ],
    "learning": [
        lambda: learning.draw(
            [learning.Curve(name, np.array([9, 18]), np.array([0, 1]), 1) for name in runs(2, "c")], caption=CAPTION
        ),
    ],
}


def shown_texts(figure: Figure) -> Iterator[Text]:
    """Every text that is drawn; a tick beyond its axis is not."""
    beyond = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks() + axis.get_minor_ticks():
                if not (low - 1e-9 <= tick.get_loc() <= high + 1e-9):
                    beyond |= {tick.label1, tick.label2}
    for text in figure.findobj(Text):
        is_part = text.axes is None or (text.axes.axison or text in text.axes.texts)
        if isinstance(text, Text) and text.get_visible() and text.get_text().strip() and text not in beyond and is_part:
            yield text


def test_every_kind_is_looked_at() -> None:
    assert set(PICTURES) == set(KINDS)


@pytest.mark.parametrize(
    "make",
    [pytest.param(make, id=f"{kind}-{place}") for kind, makes in PICTURES.items() for place, make in enumerate(makes)],
)
def test_every_text_lies_inside_its_picture(make: Callable[[], Figure]) -> None:
    figure = make()
    with drawing():
        settle(figure)
        if figure.findobj(Legend):
            figure.draw_without_rendering()  # places what stands in them
        renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        width, height = figure.bbox.size
        for text in shown_texts(figure):
            box = text.get_window_extent(renderer)
            inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
            assert inside, f"{text.get_text()!r} at {box.extents.round()} in {width:.0f} x {height:.0f}"


def test_what_finds_no_room_makes_the_picture_larger() -> None:
    with drawing():
        figure = new_figure(4, 3, title="A", caption="b")
        figure.add_subplot()
        figure.text(0.5, 0.5, "x" * 100)
    settle(figure)
    pixels = imread(io.BytesIO(render(figure, "png")))
    assert pixels.shape[1] > 1.5 * 4 * 150
    assert (pixels[:, [0, -1], :3] == 1).all()  # nothing at the edges
