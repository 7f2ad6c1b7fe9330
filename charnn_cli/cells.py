"""The cells: what each computes at a step, as in the textbooks, and all that the rest of charnn has to know of it.

x (B, I) is what B names read, h (B, H) the state that they have come with. W (G·H, I) and U (G·H, H) are the weights of
both for the G gates of a cell, one below the other; b and d (G·H,) are their biases, two because torch has two. Names
are rows, so that W x is written x @ W.T. What trains (`model.recurrence`, and on a GPU torch's kernels) and what
answers (the steps of `engine.cells`) is faster to compute and harder to read; tests hold both to what stands here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charnn_cli.choices import Activation, Cell

Array = NDArray[np.float32]
State = tuple[Array, ...]  # (B, H) each
Stepped = tuple[State, tuple[Array, ...]]  # the new state, and the gates (B, H) in the order of the table


def rnn(x: Array, state: State, W: Array, U: Array, b: Array, d: Array, f: Callable[[Array], Array]) -> Stepped:
    """Elman, "Finding structure in time" (1990), doi:10.1207/s15516709cog1402_1; f is the activation."""
    (h,) = state
    h = f((x @ W.T + b) + (h @ U.T + d))  # (B, H)
    return (h,), (h,)


def lesson(x: Array, state: State, W: Array, U: Array, b: Array, d: Array) -> Stepped:
    """An rnn without an activation: `i2h([x, h])` of Robertson's PyTorch tutorial, W and U side by side in one matrix.

    https://docs.pytorch.org/tutorials/intermediate/char_rnn_classification_tutorial.html
    """
    (h,) = state
    h = (x @ W.T + b) + (h @ U.T + d)  # (B, H)
    return (h,), (h,)


def gru(x: Array, state: State, W: Array, U: Array, b: Array, d: Array) -> Stepped:
    """Cho et al. (2014), arXiv:1406.1078, in the form of torch and cuDNN: the reset after the candidate's product."""
    (h,) = state
    x_r, x_z, x_n = np.split(x @ W.T + b, 3, axis=-1)  # (B, H) each
    h_r, h_z, h_n = np.split(h @ U.T + d, 3, axis=-1)  # (B, H) each
    r = sigmoid(x_r + h_r)  # (B, H) reset: how much of the state the candidate sees
    z = sigmoid(x_z + h_z)  # (B, H) update: how much of the state stays
    n = np.tanh(x_n + r * h_n)  # (B, H) candidate
    h = (1 - z) * n + z * h  # (B, H)
    return (h,), (r, z, n)


def lstm(x: Array, state: State, W: Array, U: Array, b: Array, d: Array) -> Stepped:
    """Hochreiter & Schmidhuber (1997), doi:10.1162/neco.1997.9.8.1735, with the forget gate of Gers et al. (2000)."""
    h, c = state
    a_i, a_f, a_g, a_o = np.split((x @ W.T + b) + (h @ U.T + d), 4, axis=-1)  # (B, H) each
    i = sigmoid(a_i)  # (B, H) input: how much of the candidate enters the cell
    f = sigmoid(a_f)  # (B, H) forget: how much of the cell stays
    g = np.tanh(a_g)  # (B, H) candidate
    o = sigmoid(a_o)  # (B, H) output: how much of the cell is told
    c = f * c + i * g  # (B, H)
    h = o * np.tanh(c)  # (B, H)
    return (h, c), (i, f, g, o)


def sigmoid(a: Array) -> Array:
    """1 / (1 + e⁻ᵃ), by tanh, which does not overflow."""
    gate: Array = np.float32(0.5) * (1 + np.tanh(np.float32(0.5) * a))
    return gate


def relu(a: Array) -> Array:
    return np.maximum(a, 0)


ACTIVATIONS: Mapping[Activation, Callable[[Array], Array]] = {"tanh": np.tanh, "relu": relu, "sigmoid": sigmoid}


@dataclass(frozen=True, slots=True)
class CellKind:
    """What sets a cell apart.

    A new cell is a row of `CELLS`, and beside it its word in `choices.Cell`, its equation above, a chain in
    `model.recurrence` and its place in `model.layers.KERNELS`, a step in `engine.cells.STEPS` and a recipe under
    configs/.
    """

    step: Callable[..., Stepped] | None  # the equation; None for a cell that reads no steps
    gates: tuple[str, ...] = ("state",)  # what the blocks of W and U make, in torch's order
    sigmoids: tuple[str, ...] = ()  # those of them that open and close: between 0 and 1
    reset: str | None = None  # the one whose U h + d a sigmoid is multiplied with, before W x + b is added
    state: tuple[str, ...] = ("state",)  # what goes from step to step; the first is what the cell tells
    has_activation: bool = False
    # The lesson's: one matrix `i2h` reads [x, h]. The head, `i2o`, reads [x, h] of the last step as well, so the state
    # before it; there are no other layers or directions, and no dropout.
    joint: bool = False

    @property
    def has_steps(self) -> bool:
        return self.step is not None

    @property
    def stacks(self) -> bool:
        """Whether layers, directions, the pooling of states and dropout are for the user to choose."""
        return self.has_steps and not self.joint


CELLS: Mapping[Cell, CellKind] = {
    "lesson": CellKind(lesson, joint=True),
    "rnn": CellKind(rnn, has_activation=True),
    "gru": CellKind(gru, ("reset", "update", "candidate"), ("reset", "update"), reset="candidate"),
    "lstm": CellKind(
        lstm, ("input", "forget", "candidate", "output"), ("input", "forget", "output"), state=("state", "cell")
    ),
    "mlp": CellKind(None, gates=(), state=()),
}
