"""What goes on inside a network while it reads one name, by the equations of `charnn_cli.cells`; for plots."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from charnn_cli.architecture import Architecture, step_weights
from charnn_cli.cells import Array


@dataclass(frozen=True, slots=True)
class DirectionTrace:
    """One layer in one direction; entry t belongs to symbol t of the name, whichever way the layer reads."""

    layer: int
    direction: str  # forward or backward
    states: Array  # (T, H)
    gates: dict[str, Array]  # (T, H) by name: those that open and close, and what else goes from step to step


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


def trace(architecture: Architecture, tensors: Mapping[str, Array], vectors: Array) -> Trace:
    """The trace of a name whose input vectors are (T, I). Raises ValueError for a cell without steps."""
    parts: list[DirectionTrace] = []
    for layer in range(architecture.num_layers):
        of_layer = [_direction(architecture, tensors, vectors, layer, name) for name in architecture.directions]
        parts += of_layer
        vectors = np.concatenate([part.states for part in of_layer], axis=1)
    return Trace(parts)


def _direction(
    architecture: Architecture, tensors: Mapping[str, Array], vectors: Array, layer: int, direction: str
) -> DirectionTrace:
    kind, step = architecture.kind, architecture.equation
    weights = step_weights(architecture, tensors, layer, direction)
    size = (len(vectors), architecture.hidden_size)
    kept = {name: np.zeros(size, dtype=np.float32) for name in (*kind.sigmoids, *kind.state)}
    state = tuple(np.zeros(architecture.hidden_size, dtype=np.float32) for _ in kind.state)
    for t in range(len(vectors)) if direction == "forward" else range(len(vectors) - 1, -1, -1):
        state, gates = step(vectors[t], state, *weights)
        for name, value in (*zip(kind.gates, gates, strict=True), *zip(kind.state, state, strict=True)):
            if name in kept:
                kept[name][t] = value
    return DirectionTrace(layer, direction, kept.pop(kind.state[0]), kept)
