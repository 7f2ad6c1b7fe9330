"""One step of a recurrent cell for many names at once, in place: the equations of `charnn_cli.cells`, made fast.

Beside the matrix products there is the rest, which is written as few passes over contiguous arrays that stay in the
processor's cache: the gates lie one after the other, (gates, B, H), and the caller works through tiles of some
hundred rows.

Sigmoid gates arrive halved (see `weights`): sigmoid(a) = (1 + tanh(a / 2)) / 2.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from charnn_cli import cells
from charnn_cli.architecture import Architecture
from charnn_cli.engine.products import Array
from charnn_cli.engine.weights import DirectionWeights

State = tuple[Array, ...]  # hidden (B, H), and for the LSTM the cell (B, H)
Step = Callable[[Array, State, DirectionWeights, Array], State]


def gru(gates: Array, state: State, weights: DirectionWeights, spare: Array) -> State:
    """`cells.gru`, with h' = n + z (h - n). `gates` (3, B, H) holds W x + b of r, z, n, and d of r and z.

    It is overwritten, and so are `state` and `spare`, memory for the product and, behind that, for (B, H): passes over
    contiguous arrays are faster. U and d of n arrive halved, for r = (1 + tanh) / 2.
    """
    (hidden,) = state
    recurrent = weights.state.times(hidden, spare)
    both, candidate = gates[:2], gates[2]
    both += recurrent[:2]
    np.tanh(both, out=both)
    both += 1
    twice_reset, twice_update = both
    inner = np.add(recurrent[2], weights.candidate_bias, out=spare[-hidden.size :].reshape(hidden.shape))
    inner *= twice_reset
    candidate += inner
    np.tanh(candidate, out=candidate)
    hidden -= candidate
    hidden *= twice_update
    hidden *= 0.5
    hidden += candidate
    return (hidden,)


def lstm(gates: Array, state: State, weights: DirectionWeights, spare: Array) -> State:
    """`cells.lstm`. `gates` (4, B, H) holds W x + b + d of i, f, g, o; it is overwritten, as the others are."""
    hidden, cell = state
    recurrent = weights.state.times(hidden, spare)
    gates += recurrent
    np.tanh(gates, out=gates)
    for sigmoids in (gates[:2], gates[3]):
        sigmoids += 1
        sigmoids *= 0.5
    enter, forget, candidate, leave = gates
    cell *= forget
    enter *= candidate
    cell += enter
    np.tanh(cell, out=hidden)
    hidden *= leave
    return hidden, cell


def linear(gates: Array, state: State, weights: DirectionWeights, spare: Array) -> State:
    """`cells.lesson`, and `cells.rnn` before its activation. `gates` (1, B, H) holds W x + b + d."""
    (hidden,) = state
    recurrent = weights.state.times(hidden, spare)
    np.add(gates[0], recurrent[0], out=hidden)
    return (hidden,)


def rnn_tanh(gates: Array, state: State, weights: DirectionWeights, spare: Array) -> State:
    (hidden,) = linear(gates, state, weights, spare)
    return (np.tanh(hidden, out=hidden),)


def rnn_relu(gates: Array, state: State, weights: DirectionWeights, spare: Array) -> State:
    (hidden,) = linear(gates, state, weights, spare)
    return (np.maximum(hidden, 0, out=hidden),)


def rnn_sigmoid(gates: Array, state: State, weights: DirectionWeights, spare: Array) -> State:
    (hidden,) = rnn_tanh(gates, state, weights, spare)
    hidden += 1
    hidden *= 0.5
    return (hidden,)


def step_of(architecture: Architecture) -> Step:
    """The step of a network's cell."""
    return ACTIVATED[architecture.activation] if architecture.kind.has_activation else STEPS[architecture.kind.step]


STEPS: Mapping[Any, Step] = {  # by the equation, to which tests hold it
    cells.lesson: linear,
    cells.gru: gru,
    cells.lstm: lstm,
}
ACTIVATED: Mapping[str, Step] = {"tanh": rnn_tanh, "relu": rnn_relu, "sigmoid": rnn_sigmoid}  # of `cells.rnn`
