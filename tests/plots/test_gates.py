"""Gates, and the units that the answer rests on."""

from dataclasses import replace

import numpy as np
from engine_models import random_model

from charnn_cli.architecture import Architecture
from charnn_cli.plots.gates import Panel, draw, leading_units

GATE = np.array([[0.9, 0.1, 0.5], [0.7, 0.3, 0.5]])  # two symbols, three units
STATE = np.array([[1.0, -2.0], [0.0, 1.5]])  # two symbols, the two units shown
PANEL = Panel("Al", "al", "Italian 83%", "", ("⊢", "a"), {"forget": GATE}, STATE, np.array([2, 0]))


def test_gates_stand_above_the_units_with_their_own_numbers() -> None:
    figure = draw([PANEL], "cell state", across=1, caption="run r")
    above, below, bar = figure.axes
    assert above.get_title(loc="left") == "Al → Italian 83%"
    assert above.lines[0].get_ydata().tolist() == [0.5, 0.5]
    assert above.get_ylabel() == "median of 3 units\n(band: quartiles)"
    np.testing.assert_array_equal(below.images[0].get_array(), STATE.T)
    assert below.images[0].get_clim() == (-2, 2)
    assert [text.get_text() for text in below.get_yticklabels()] == ["unit 2", "unit 0"]
    assert [text.get_text() for text in below.get_xticklabels()] == ["⊢", "a"]
    assert [(text.get_position(), text.get_text()) for text in below.texts] == [((0, 1), "−")]  # below 0
    assert bar.get_ylabel() == "cell state (−: below 0)"
    assert figure.legends[0].get_texts()[0].get_text() == "forget gate (1: keep)"


def test_all_names_have_the_same_scale_and_rows() -> None:
    weak = replace(PANEL, name="Bo", states=STATE / 4)
    figure = draw(
        [PANEL, weak, replace(PANEL, name="Cy"), replace(PANEL, name="Di")], "cell state", across=3, caption=""
    )
    images = [axes.images[0] for axes in figure.axes if axes.images]
    assert {image.get_clim() for image in images} == {(-2, 2)}
    named = [
        axes for axes in figure.axes if [text.get_text() for text in axes.get_yticklabels()] == ["unit 2", "unit 0"]
    ]
    assert len(named) == 2  # once a row of panels
    assert sum(not axes.axison for axes in figure.axes) == 4


def test_a_silent_network_without_gates_can_be_drawn() -> None:
    silent = replace(PANEL, gates={}, states=np.zeros((1, 2)), symbols=("x",))
    figure = draw([silent], "hidden state", across=1, caption="")
    assert figure.axes[0].images[0].get_clim()[1] > 0
    assert not figure.legends


def test_the_units_are_those_that_decide_the_answer() -> None:
    trained = random_model(Architecture(cell="lstm", hidden_size=3, input="one_hot", wide=False, bidirectional=True))
    weights = np.zeros_like(trained.tensors["head.weight"])  # (C, 2 · 3)
    weights[1] = [0, 2, 1, 5, 0, 1]
    weights[:, 4] = 9  # speaks for all origins alike
    trained = replace(trained, tensors={**trained.tensors, "head.weight": weights})
    forward, backward = leading_units(trained, np.array([[1.0, 1, 1, 0.1, 1, 1]]), np.array([1]), count=2)
    assert forward.tolist() == [1, 2]
    assert backward.tolist() == [2, 0]
