"""What goes on inside a recurrent network while it reads one name, for plots.

Written step by step in the textbook's notation, apart from the fast path, which it is tested against.
"""

from dataclasses import dataclass

import numpy as np

from charnn_cli.architecture import Architecture
from charnn_cli.engine.products import Array


@dataclass(frozen=True, slots=True)
class DirectionTrace:
    """One layer in one direction; entry t belongs to symbol t of the name, whichever way the layer reads."""

    layer: int
    direction: str  # forward or backward
    states: Array  # (T, H)
    gates: dict[str, Array]  # (T, H) by name: GRU reset, update; LSTM input, forget, output, and the cell's value


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that the layers of a network compute for one name."""

    directions: list[DirectionTrace]

    def of(self, layer: int, direction: str) -> DirectionTrace:
        """The trace of one layer and direction; raises KeyError where the network has none such."""
        for part in self.directions:
            if (part.layer, part.direction) == (layer, direction):
                return part
        raise KeyError((layer, direction))


def trace(architecture: Architecture, tensors: dict[str, Array], vectors: Array) -> Trace:
    """The trace of a name whose input vectors are (T, I). Raises ValueError for `mlp`, which has no steps."""
    if architecture.cell == "mlp":
        raise ValueError("a network of the cell 'mlp' reads no steps")
    if architecture.cell == "lesson":
        return Trace([_lesson(tensors, vectors)])
    parts: list[DirectionTrace] = []
    for layer in range(architecture.num_layers):
        of_layer = [_direction(architecture, tensors, vectors, layer, name) for name in architecture.directions]
        parts += of_layer
        outputs = np.concatenate([part.states for part in of_layer], axis=1)
        vectors = outputs + vectors if architecture.residual and outputs.shape == vectors.shape else outputs
    return Trace(parts)


def _lesson(tensors: dict[str, Array], vectors: Array) -> DirectionTrace:
    weight, bias = tensors["i2h.weight"], tensors["i2h.bias"]
    hidden = np.zeros(len(bias), dtype=np.float32)
    states = np.empty((len(vectors), len(bias)), dtype=np.float32)
    for t, vector in enumerate(vectors):
        states[t] = hidden = weight @ np.concatenate((vector, hidden)) + bias
    return DirectionTrace(0, "forward", states, {})


def _direction(
    architecture: Architecture, tensors: dict[str, Array], vectors: Array, layer: int, direction: str
) -> DirectionTrace:
    weight_ih, weight_hh, bias_ih, bias_hh = (
        tensors[f"layers.{layer}.{direction}.{name}"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    size = architecture.hidden_size
    steps = range(len(vectors)) if direction == "forward" else range(len(vectors) - 1, -1, -1)
    hidden = cell = np.zeros(size, dtype=np.float32)
    states = np.zeros((len(vectors), size), dtype=np.float32)
    gates: dict[str, Array] = {}
    for t in steps:
        entering = (weight_ih @ vectors[t] + bias_ih).reshape(architecture.gates, size)
        recurrent = (weight_hh @ hidden + bias_hh).reshape(architecture.gates, size)
        values: dict[str, Array] = {}
        if architecture.cell == "gru":
            reset, update = _sigmoid(entering[0] + recurrent[0]), _sigmoid(entering[1] + recurrent[1])
            candidate = np.tanh(entering[2] + reset * recurrent[2])
            hidden = (1 - update) * candidate + update * hidden
            values = {"reset": reset, "update": update}
        elif architecture.cell == "lstm":
            enter, forget, leave = (_sigmoid(entering[gate] + recurrent[gate]) for gate in (0, 1, 3))
            cell = forget * cell + enter * np.tanh(entering[2] + recurrent[2])
            hidden = leave * np.tanh(cell)
            values = {"input": enter, "forget": forget, "output": leave, "cell": cell}
        else:
            hidden = _activated(entering[0] + recurrent[0], architecture.activation)
        states[t] = hidden
        for name, value in values.items():
            gates.setdefault(name, np.zeros_like(states))[t] = value
    return DirectionTrace(layer, direction, states, gates)


def _sigmoid(values: Array) -> Array:
    gate: Array = np.float32(0.5) * (1 + np.tanh(np.float32(0.5) * values))
    return gate


def _activated(values: Array, activation: str) -> Array:
    if activation == "tanh":
        return np.tanh(values)
    return np.maximum(values, 0) if activation == "relu" else _sigmoid(values)
