"""Heat maps of gates and states."""

import numpy as np

from charnn_cli.plots.gates import Heat, HeatRow, draw

GATE = np.array([[0.9, 0.1, 0.5], [0.7, 0.3, 0.5]])  # two symbols, three units
STATE = np.array([[1.0, -2.0, 0.5], [0.0, 1.5, -0.5]])


def test_panels_show_units_in_the_order_of_the_first_quantity() -> None:
    row = HeatRow("Al", ("⊢", "a"), (Heat("forget gate", GATE, is_gate=True), Heat("cell state", STATE, is_gate=False)))
    assert row.unit_order().tolist() == [1, 2, 0]
    figure = draw([row], caption="run r")
    gate, state = figure.axes[:2]
    np.testing.assert_array_equal(gate.images[0].get_array(), [[0.1, 0.3], [0.5, 0.5], [0.9, 0.7]])
    np.testing.assert_array_equal(state.images[0].get_array(), [[-2.0, 1.5], [0.5, -0.5], [1.0, 0.0]])
    assert gate.images[0].get_clim() == (0, 1)
    assert state.images[0].get_clim() == (-2, 2)
    assert (gate.get_title(loc="left"), state.get_title(loc="left")) == ("forget gate", "cell state")
    assert [text.get_text() for text in gate.get_xticklabels()] == ["⊢", "a"]
    assert gate.get_ylabel() == "Al\nhidden unit, sorted"


def test_every_layer_has_a_row_and_odd_places_stay_empty() -> None:
    two = HeatRow("one", ("a", "b"), (Heat("reset gate", GATE, True), Heat("hidden state", STATE, False)))
    one = HeatRow("$two_1$", ("c", "d"), (Heat("hidden state", STATE, False),))
    figure = draw([two, one], caption="")
    panels = [axes for axes in figure.axes if axes.images and axes.get_title(loc="left")]
    assert len(panels) == 3
    assert panels[2].get_ylabel().startswith("$two_1$")
    assert sum(not axes.axison for axes in figure.axes) == 1


def test_a_silent_network_can_be_drawn() -> None:
    figure = draw([HeatRow("x", ("x",), (Heat("hidden state", np.zeros((1, 4)), False),))], caption="")
    assert figure.axes[0].images[0].get_clim()[1] > 0
