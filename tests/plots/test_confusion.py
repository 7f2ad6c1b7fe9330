"""The confusion matrix: shares, order, labels and counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.axes import Axes

from charnn_cli.plots.confusion import by_similarity, draw, row_shares
from charnn_cli.plots.save import settle

COUNTS = np.array([[6, 0, 2, 0], [0, 0, 0, 0], [4, 0, 12, 0], [0, 1, 0, 9]])
LABELS = ["Czech", "Irish", "Polish", "Greek"]


def test_rows_are_shares_of_the_true_origin() -> None:
    np.testing.assert_array_equal(
        row_shares(COUNTS), [[0.75, 0, 0.25, 0], [np.nan] * 4, [0.25, 0, 0.75, 0], [0, 0.1, 0, 0.9]]
    )


def test_origins_taken_for_each_other_stand_side_by_side() -> None:
    order = by_similarity(COUNTS).tolist()
    assert abs(order.index(0) - order.index(2)) == 1
    assert abs(order.index(1) - order.index(3)) == 1


def test_origins_never_confused_come_last() -> None:
    counts = np.diag([5, 5, 5, 5])
    counts[3, 1] = counts[1, 2] = 2
    assert by_similarity(counts).tolist()[-1] == 0


@given(arrays(np.int64, st.integers(1, 9).map(lambda size: (size, size)), elements=st.integers(0, 30)))
def test_every_order_holds_each_origin_once(counts: np.ndarray) -> None:
    assert sorted(by_similarity(counts).tolist()) == list(range(len(counts)))


def written(axes: Axes) -> dict[tuple[float, float], str]:
    """What stands in the matrix and beside it, by row and column."""
    return {(text.get_position()[1], text.get_position()[0]): text.get_text() for text in axes.texts}


def test_labels_counts_and_colours_belong_together() -> None:
    figure = draw(COUNTS, LABELS, order="alphabet", caption="run r")
    axes, bar = figure.axes
    # No name is Irish: it has no row, and its column stands behind the others.
    assert [text.get_text() for text in axes.get_xticklabels()] == ["Czech", "Greek", "Polish", "Irish", "recall, %"]
    assert [text.get_text() for text in axes.get_yticklabels()] == [
        "Czech (8)", "Greek (10)", "Polish (16)", "precision, %",
    ]  # fmt: skip
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted origin", "true origin (names)")
    assert written(axes) == {
        (0, 0): "6", (0, 2): "2", (1, 1): "9", (1, 3): "1", (2, 0): "4", (2, 2): "12",
        (0, 4.5): "75", (1, 4.5): "90", (2, 4.5): "75",
        (3.5, 0): "60", (3.5, 1): "100", (3.5, 2): "86", (3.5, 3): "0", (3.5, 4.5): "79", (3.5, 5.2): "accuracy",
    }  # fmt: skip
    pixels = np.asarray(axes.images[0].get_array())
    assert pixels[1, 1].sum() < pixels[0, 0].sum() < pixels[0, 2].sum()  # the larger the share, the darker
    assert [text.get_text() for text in bar.get_yticklabels()] == ["0%", "2%", "10%", "25%", "50%", "75%", "100%"]


def test_names_without_an_answer_have_a_column_and_count_as_not_found() -> None:
    axes = draw(COUNTS, LABELS, np.array([2, 0, 0, 10]), order="alphabet", caption="").axes[0]
    names = [text.get_text() for text in axes.get_xticklabels()]
    assert names == ["Czech", "Greek", "Polish", "Irish", "recall, %", "no answer"]
    cells = written(axes)
    assert [cells[row, 4.5] for row in (0, 1, 2)] == ["2", "10", ""]
    assert [cells[row, 6.0] for row in (0, 1, 2)] == ["60", "45", "75"]
    assert cells[3.5, 6.0] == "59"  # 27 of 46


def test_digits_read_on_light_and_on_dark() -> None:
    axes = draw(COUNTS, LABELS, order="alphabet", caption="").axes[0]
    assert {text.get_text(): text.get_color() for text in axes.texts if text.get_position()[0] < 4} == {
        "6": "white", "2": "black", "9": "white", "1": "black", "4": "black", "12": "white",
        "60": "white", "100": "white", "86": "white", "0": "black",
    }  # fmt: skip


@pytest.mark.parametrize("size", [2, 18, 130])
def test_labels_do_not_overlap_and_digits_fit_their_cells(size: int) -> None:
    counts = np.full((size, size), 0)
    np.fill_diagonal(counts, 98765)
    counts[0, 1:3] = 7
    figure = draw(counts, [f"A long label {number}" for number in range(size)], caption="")
    settle(figure)
    axes = figure.axes[0]
    cell = axes.get_window_extent().width / np.ptp(axes.get_xlim())
    assert axes.get_yticklabels()[0].get_window_extent().height < 1.05 * cell
    digits = [text for text in axes.texts if text.get_text() != "accuracy"]
    assert all(text.get_window_extent().width < cell for text in digits)
    assert len(axes.texts) >= 1
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        extent = label.get_window_extent()
        assert extent.x0 >= 0
        assert extent.y0 >= 0
