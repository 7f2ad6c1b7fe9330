"""What is answered, and how well, by the least probability of an answer."""

import numpy as np

from charnn_cli.metrics import Outcomes
from charnn_cli.plots.coverage import Coverage, draw

# Ten names answered with 0.9, eight of them rightly; ten with 0.6, half of them rightly; five not at all.
CONFIDENCE = np.repeat([0.9, 0.6, 0.0], [10, 10, 5])
RIGHT = np.array([True] * 8 + [False] * 2 + [True, False] * 5 + [False] * 5)


def coverage() -> Coverage:
    probabilities = np.stack([CONFIDENCE, 1 - CONFIDENCE], axis=1)
    outcomes = Outcomes.of(probabilities, np.where(RIGHT, 0, 1), CONFIDENCE == 0)
    return Coverage.of(outcomes)


def test_shares_by_hand() -> None:
    counted = coverage()
    assert counted.at(0.0) == (20 / 25, 13 / 20)
    assert counted.at(0.6) == (20 / 25, 13 / 20)  # at least as probable: 0.6 is answered
    assert counted.at(0.605) == (10 / 25, 8 / 10)
    share, accuracy = counted.at(0.95)
    assert share == 0
    assert np.isnan(accuracy)


def test_both_lines_and_their_figures() -> None:
    (axes,) = draw(coverage(), caption="run r").axes
    right, told = (line for line in axes.lines if not line.get_label().startswith("_"))
    assert (right.get_label(), told.get_label()) == ("of the answers are right", "of the names are answered")
    assert right.get_xdata()[-1] == 0.9  # no accuracy of too few answers
    assert [text.get_text() for text in axes.texts if "%" in text.get_text()] == [
        "65%", "80%", "80%", "40%", "80%", "40%",
    ]  # fmt: skip
