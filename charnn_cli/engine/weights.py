"""The weights of one recurrent layer in the layout that the engine multiplies with.

Three things are done to the arrays of a `TrainedModel`, once, when a model is loaded:

- they are cut into gates and transposed, so that a product reads both factors row by row;
- they are padded with zeros to multiples of 16 units, which have no effect, since nothing is read from them;
- the rows of sigmoid gates are halved, because sigmoid(a) = (1 + tanh(a / 2)) / 2 and NumPy's tanh is vectorised.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from charnn_cli.architecture import Architecture, step_weights
from charnn_cli.engine.products import Array, Factor, round_up


@dataclass(frozen=True, slots=True)
class DirectionWeights:
    """One layer in one direction, G gates of H units, padded: x @ input + bias is the input's part of the gates."""

    input: Factor  # (G, I, H)
    bias: Array  # (G, 1, H)
    state: Factor  # (G, H, H), h @ state is the state's part
    candidate_bias: Array  # (H,), of the GRU: d of its candidate, which the reset gate is multiplied with too
    parts: int  # of the state

    @property
    def width(self) -> int:
        return len(self.candidate_bias)

    @classmethod
    def read(
        cls, architecture: Architecture, tensors: Mapping[str, Array], layer: int, direction: str, input_width: int
    ) -> "DirectionWeights":
        """The weights of one layer in one direction; `input_width` is the padded width of what the layer reads."""
        kind, width = architecture.kind, round_up(architecture.hidden_size)
        input_weights, state_weights, input_bias, state_bias = (
            _by_gate(matrix, len(kind.gates), rows, width)
            for matrix, rows in zip(
                step_weights(architecture, tensors, layer, direction), (input_width, width, 1, 1), strict=True
            )
        )
        scale = np.ones((len(kind.gates), 1, 1), dtype=np.float32)
        scale[[gate in kind.sigmoids for gate in kind.gates]] = 0.5
        if kind.has_activation and architecture.activation == "sigmoid":
            scale[:] = 0.5
        candidate_bias = np.zeros(width, dtype=np.float32)
        state_scale = scale.copy()
        if kind.reset is not None:
            candidate = kind.gates.index(kind.reset)
            candidate_bias = 0.5 * state_bias[candidate, 0]
            state_bias[candidate] = 0
            state_scale[candidate] = 0.5  # the reset gate that it is multiplied with comes doubled
        return cls(
            input=Factor(input_weights * scale),
            bias=(input_bias + state_bias) * scale,
            state=Factor(state_weights * state_scale),
            candidate_bias=candidate_bias,
            parts=len(kind.state),
        )


def _by_gate(matrix: Array, gates: int, rows: int, width: int) -> Array:
    """A weight (G * hidden, I) or bias (G * hidden,) of torch's as (G, rows, width)."""
    blocks = matrix.reshape(gates, len(matrix) // gates, -1)  # (G, hidden, I)
    result = np.zeros((gates, rows, width), dtype=np.float32)
    result[:, : blocks.shape[2], : blocks.shape[1]] = blocks.transpose(0, 2, 1)
    return result
