"""Reliability diagrams."""

import numpy as np
import pytest

from charnn_cli.metrics import Outcomes, compute_metrics
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
    perfect, first, second = above.lines
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
