"""Gradient norms by distance from the end."""

import numpy as np
import pytest

from charnn_cli.plots.gradients import FRESH_CELLS, FRESH_LETTERS, MOST_QUARTILES, Spread, draw, fresh_norms


def test_the_spread_of_a_hand_worked_case() -> None:
    norms = [np.array([1.0, 4.0, 9.0]), np.array([3.0, 2.0]), np.array([5.0])]
    spread = Spread.of("run", norms, fewest=2)
    assert spread.median.tolist() == [3.0, 3.0]  # three names reach distance 0, two distance 1, one distance 2
    assert spread.lower.tolist() == [2.0, 2.5]
    assert spread.upper.tolist() == [4.0, 3.5]
    assert spread.vanished_at is None
    assert Spread.of("run", norms[:1]).median.tolist() == [1.0, 4.0, 9.0]


def test_exact_zeros_end_the_line_and_are_told() -> None:
    spread = Spread.of("truncated", [np.array([2.0, 1.0, 0.0, 0.0])] * 30)
    assert spread.vanished_at == 2
    figure = draw([spread], caption="run r")
    assert figure.axes[0].lines[0].get_xdata().tolist() == [0, 1]
    assert [text.get_text() for text in figure.axes[0].texts] == ["truncated\n(exactly 0 from 2 on)"]


def test_shares_are_of_each_names_own_gradient_at_the_end() -> None:
    norms = [np.array([1.0, 0.5]), np.array([100.0, 10.0]), np.array([0.01, 0.003]), np.array([0.0, 0.0])]
    spread = Spread.of_shares("run", norms)
    np.testing.assert_allclose(spread.median, [1.0, 0.3])
    np.testing.assert_allclose(spread.lower, [1.0, 0.2])


def test_what_goes_below_the_axis_ends_in_an_arrow_that_says_how_far() -> None:
    figure = draw([Spread.of("sigmoid", [10.0 ** -np.arange(0.0, 30.0, 2)] * 20)], caption="")
    (axes,) = figure.axes
    assert axes.get_ylim()[0] == 1e-12
    line, arrow = (line for line in axes.lines if line.get_label() != "_quartile")
    assert line.get_xdata()[-1] == arrow.get_xdata()[0] == 6
    assert [text.get_text() for text in axes.texts] == ["sigmoid\n↓ 10⁻²⁸ at 14"]


@pytest.mark.parametrize("count", [1, MOST_QUARTILES, MOST_QUARTILES + 1])
def test_one_line_a_run_on_a_log_axis(count: int) -> None:
    spreads = [Spread.of(f"$run_{n}$", [10.0 ** -np.arange(7.0) * (n + 1)] * 20) for n in range(count)]
    figure = draw(spreads, caption="runs")
    (axes,) = figure.axes
    lines = [line for line in axes.lines if line.get_label() != "_quartile"]
    assert len(lines) == count
    assert len(axes.lines) == (3 * count if count <= MOST_QUARTILES else count)
    np.testing.assert_allclose(axes.lines[0].get_ydata(), 10.0 ** -np.arange(7.0))
    assert axes.get_yscale() == "log"
    assert axes.get_xlabel() == "distance from the end of the name (symbols)"
    assert "as a share of that at the end" in axes.get_ylabel()
    assert [text.get_text() for text in axes.texts] == [f"$run_{n}$" for n in range(count)]
    figure.draw_without_rendering()
    ticks = [text.get_text() for text in axes.get_yticklabels()]
    assert "10⁻²" in ticks
    assert not any("$" in tick for tick in ticks)


def test_fresh_networks_vanish_and_carry_as_the_lesson_says() -> None:
    norms, note = fresh_norms()
    spreads = [Spread.of_shares(name, values) for name, values in norms.items()]
    assert [spread.name for spread in spreads] == [cell.name for cell in FRESH_CELLS]
    kept = {spread.name: spread.median[15] / spread.median[0] for spread in spreads}
    assert kept["RNN, sigmoid"] < 1e-9 < kept["RNN, tanh"] < 0.01
    assert kept["RNN, ReLU, identity"] > 0.3
    assert kept["LSTM, forget bias 1"] > kept["GRU"] > kept["RNN, tanh"]
    assert {len(spread.median) for spread in spreads} == {FRESH_LETTERS, FRESH_LETTERS - 1}
    assert "no run" in note
    assert "seed 0" in note
