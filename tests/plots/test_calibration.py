"""Reliability diagrams."""

import numpy as np
import pytest
from scipy.stats import binomtest

from charnn_cli.metrics import Outcomes, compute_metrics, share_interval
from charnn_cli.plots.calibration import Diagram, draw


def outcomes(confidence: float, right: list[bool]) -> Outcomes:
    probabilities = np.tile([confidence, 1 - confidence], (len(right), 1))
    return Outcomes.of(probabilities, np.where(right, 0, 1))


def test_bins_and_histogram_of_a_hand_worked_case() -> None:
    came_out = outcomes(0.8, [True, False, True, False])
    diagram = Diagram.of("before", came_out)
    np.testing.assert_allclose(diagram.confidence, 0.8)
    np.testing.assert_allclose(diagram.accuracy.mean(), 0.5)
    assert diagram.ece == pytest.approx(compute_metrics(came_out)["ece"])
    expected = np.zeros(20)
    expected[16] = 1.0  # 0.80 to 0.85
    np.testing.assert_array_equal(diagram.histogram(), expected)


def test_before_and_after_share_both_panels() -> None:
    before = Diagram("before", np.array([0.5, 0.9]), np.array([0.4, 0.7]), 0.15, np.array([0.5, 0.5, 0.9, 1.0]))
    after = Diagram("after", np.array([0.45, 0.8]), np.array([0.4, 0.7]), 0.075, np.array([0.4, 0.5, 0.8, 0.8]))
    figure = draw([before, after], caption="run r · data d · test split")
    above, below = figure.axes
    perfect, first, *_, second, _, _ = above.lines  # with two caps of intervals behind each
    assert not first.get_clip_on()  # a mark at the edge is whole
    assert perfect.get_xydata().tolist() == [[0, 0], [1, 1]]
    assert first.get_xdata().tolist() == [0.5, 0.9]
    assert second.get_ydata().tolist() == [0.4, 0.7]
    assert first.get_linestyle() != second.get_linestyle()
    heights = [patch.get_data().values for patch in below.patches]
    assert heights[0][10] == 50
    assert heights[0][19] == 25  # a probability of 1 is counted, too
    assert heights[1][16] == 50
    assert above.get_ylabel() == "accuracy in the bin"
    assert below.get_xlabel() == "confidence: probability of the origin put first"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "before: calibration error (ECE) 0.150",
        "after: calibration error (ECE) 0.075",
        "perfect: as often right as claimed",
    ]


def test_intervals_stand_on_every_bin_and_few_names_make_few_bins() -> None:
    right = [True, True, False, True] * 15
    diagram = Diagram.of("before", outcomes(0.8, right))
    assert len(diagram.confidence) == 2
    below, above = diagram.intervals()
    expected = binomtest(45, 60).proportion_ci(method="wilson")
    low, high = share_interval(np.array([45.0]), np.array([60.0]))
    assert (low[0], high[0]) == pytest.approx(expected)
    assert 0.75 - below[0] < low[0] < high[0] < 0.75 + above[0]  # of 30 names
    drawn = draw([diagram], caption="").axes[0]
    assert drawn.get_title(loc="left") == "2 bins of 30 names each, with 95 % intervals"
    (intervals,) = drawn.collections
    assert len(intervals.get_segments()) == 2
