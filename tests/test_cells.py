"""What trains and what answers are held to the equations of `charnn_cli.cells`, and the table to what they compute."""

from typing import get_args

import numpy as np
import pytest
import torch
from engine_models import random_model

from charnn_cli.architecture import Architecture, step_weights
from charnn_cli.cells import CELLS
from charnn_cli.choices import Activation, Cell
from charnn_cli.config import recipe_names
from charnn_cli.engine.cells import step_of
from charnn_cli.engine.products import round_up
from charnn_cli.engine.weights import DirectionWeights
from charnn_cli.model.layers import ACTIVATED, KERNELS

NAMES, STEPS, INPUTS, UNITS = 12, 3, 7, 16
RECURRENT = [
    (cell, activation)
    for cell, kind in CELLS.items()
    if kind.has_steps
    for activation in (get_args(Activation) if kind.has_activation else ("tanh",))
]


def network(cell: str, activation: str) -> tuple[Architecture, dict[str, np.ndarray], tuple[np.ndarray, ...]]:
    """A layer that reads forward, and its W, U, b, d."""
    architecture = Architecture(
        cell=cell, activation=activation, hidden_size=UNITS, embedding_size=INPUTS, bidirectional=False, wide=False
    )
    tensors = random_model(architecture, seed=1).tensors
    return architecture, tensors, step_weights(architecture, tensors, 0, "forward")


def inputs_and_state(architecture: Architecture) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Inputs (T, B, I), and a state (B, H) that is not where names begin."""
    generator = np.random.default_rng(2)
    state = tuple(generator.normal(size=(NAMES, UNITS)).astype(np.float32) for _ in architecture.kind.state)
    return generator.normal(size=(STEPS, NAMES, INPUTS)).astype(np.float32), state


@pytest.mark.parametrize(("cell", "activation"), RECURRENT)
def test_the_kernel_that_trains_computes_the_equation(cell: str, activation: str) -> None:
    architecture, _, weights = network(cell, activation)
    inputs, state = inputs_and_state(architecture)
    kernel = ACTIVATED[activation] if architecture.kind.has_activation else KERNELS[architecture.kind.step]
    states, last = kernel(
        torch.from_numpy(inputs).flatten(0, 1),
        [NAMES] * STEPS,
        tuple(torch.from_numpy(part)[None] for part in state),
        [torch.from_numpy(np.ascontiguousarray(weight)) for weight in weights],
    )
    output = states.reshape(STEPS, NAMES, UNITS)
    for t, x in enumerate(inputs):
        state, _ = architecture.equation(x, state, *weights)
        np.testing.assert_allclose(output[t], state[0], rtol=1e-4, atol=1e-5)
    for part, wanted in zip(last, state, strict=True):
        np.testing.assert_allclose(part.reshape(NAMES, UNITS), wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("begins", [True, False])
@pytest.mark.parametrize(("cell", "activation"), RECURRENT)
def test_the_kernel_that_trains_has_the_derivatives_of_what_it_computes(
    cell: str, activation: str, begins: bool
) -> None:
    kind = CELLS[cell]
    kernel = ACTIVATED[activation] if kind.has_activation else KERNELS[kind.step]
    sizes, width, units, gates = [3, 3, 2, 1], 2, 3, len(kind.gates)
    generator = torch.Generator().manual_seed(3)
    shapes = [(sum(sizes), width), (gates * units, width), (gates * units, units), (gates * units,), (gates * units,)]
    shapes += [(1, sizes[0], units)] * (0 if begins else len(kind.state))
    inputs = [torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_() for shape in shapes]

    def told(vectors: torch.Tensor, *others: torch.Tensor) -> tuple[torch.Tensor, ...]:
        weights, state = list(others[:4]), others[4:] or tuple(vectors.new_zeros(len(kind.state), 1, sizes[0], units))
        states, ends = kernel(vectors, sizes, state, weights)
        return states, *ends

    assert torch.autograd.gradcheck(told, inputs)


@pytest.mark.parametrize(("cell", "activation"), RECURRENT)
def test_the_step_that_answers_computes_the_equation(cell: str, activation: str) -> None:
    architecture, tensors, weights = network(cell, activation)
    inputs, state = inputs_and_state(architecture)
    fast = DirectionWeights.read(architecture, tensors, 0, "forward", round_up(INPUTS))
    in_place = tuple(part.copy() for part in state)
    spare = np.empty(fast.state.memory(NAMES), dtype=np.float32)
    for x in inputs:
        padded = np.pad(x, ((0, 0), (0, round_up(INPUTS) - INPUTS)))
        entering = np.ascontiguousarray(fast.input.times(padded) + fast.bias)
        in_place = step_of(architecture)(entering, in_place, fast, spare)
        state, _ = architecture.equation(x, state, *weights)
        for part, wanted in zip(in_place, state, strict=True):
            np.testing.assert_allclose(part, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("cell", "activation"), RECURRENT)
def test_the_equation_makes_what_the_table_says(cell: str, activation: str) -> None:
    architecture, _, weights = network(cell, activation)
    kind = architecture.kind
    inputs, state = inputs_and_state(architecture)
    after, gates = architecture.equation(20 * inputs[0], state, *weights)
    assert len(after) == len(kind.state)
    assert len(weights[0]) == len(kind.gates) * UNITS
    for name, gate in zip(kind.gates, gates, strict=True):
        if name in kind.sigmoids:
            assert gate.min() >= 0
            assert gate.max() <= 1
            assert gate.max() - gate.min() > 0.9  # it opens and closes
        else:
            assert gate.min() < 0 or activation in ("relu", "sigmoid")


def test_every_cell_has_a_row_and_a_recipe() -> None:
    assert set(CELLS) == set(get_args(Cell)) <= set(recipe_names())
    for kind in CELLS.values():
        assert set(kind.sigmoids) <= set(kind.gates)
        assert kind.reset is None or kind.reset in kind.gates
