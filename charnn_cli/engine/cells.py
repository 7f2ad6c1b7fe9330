"""One step of a recurrent cell for many names at once, in place.

The matrix products are two thirds of the work at best, so the rest is written as few passes over arrays that stay
in the processor's cache: the caller works through tiles of some hundred rows.

Sigmoid gates arrive halved (see `weights`): where a comment says `t_z`, z = (1 + t_z) / 2.
"""

from collections.abc import Callable

import numpy as np

from charnn_cli.engine.weights import Array, DirectionWeights

State = tuple[Array, ...]  # hidden (B, H), and for the LSTM the cell (B, H)
Step = Callable[[Array, State, DirectionWeights], State]


def gru(gates: Array, state: State, weights: DirectionWeights) -> State:
    """`gates` (B, 3H) holds the input's part of r, z, n and is overwritten, as `state` is.

    n = tanh(a_n + r (W_hn h + b_hn)), h' = n + z (h - n): torch's order, the reset after the product
    (Cho et al. 2014, version 3 of arXiv:1406.1078v3 has it before).
    """
    (hidden,) = state
    width = weights.width
    recurrent = hidden @ weights.state  # (B, 3H)
    both, candidate, inner = gates[:, : 2 * width], gates[:, 2 * width :], recurrent[:, 2 * width :]
    reset, update = gates[:, :width], gates[:, width : 2 * width]
    both += recurrent[:, : 2 * width]
    np.tanh(both, out=both)
    both += 1
    both *= 0.5
    inner += weights.candidate_bias
    inner *= reset
    candidate += inner
    np.tanh(candidate, out=candidate)
    hidden -= candidate
    hidden *= update
    hidden += candidate
    return (hidden,)


def lstm(gates: Array, state: State, weights: DirectionWeights) -> State:
    """`gates` (B, 4H) holds the input's part of i, f, g, o and is overwritten, as `state` is."""
    hidden, cell = state
    width = weights.width
    gates += hidden @ weights.state
    np.tanh(gates, out=gates)
    for gate in weights.halved:
        part = gates[:, gate * width : (gate + 1) * width]
        part += 1
        part *= 0.5
    enter, forget, candidate, leave = (gates[:, gate * width : (gate + 1) * width] for gate in range(4))
    cell *= forget
    enter *= candidate
    cell += enter
    np.tanh(cell, out=hidden)
    hidden *= leave
    return hidden, cell


def rnn_tanh(gates: Array, state: State, weights: DirectionWeights) -> State:
    gates += state[0] @ weights.state
    return (np.tanh(gates, out=gates),)


def rnn_relu(gates: Array, state: State, weights: DirectionWeights) -> State:
    gates += state[0] @ weights.state
    return (np.maximum(gates, 0, out=gates),)


def rnn_sigmoid(gates: Array, state: State, weights: DirectionWeights) -> State:
    (hidden,) = rnn_tanh(gates, state, weights)
    hidden += 1
    hidden *= 0.5
    return (hidden,)


def linear(gates: Array, state: State, weights: DirectionWeights) -> State:
    """The lesson's cell, which has no non-linearity."""
    gates += state[0] @ weights.state
    return (gates,)


def step_of(cell: str, activation: str) -> Step:
    """The step of a recurrent cell, by the names of `Architecture`."""
    if cell == "rnn":
        return {"tanh": rnn_tanh, "relu": rnn_relu, "sigmoid": rnn_sigmoid}[activation]
    return {"gru": gru, "lstm": lstm, "lesson": linear}[cell]
