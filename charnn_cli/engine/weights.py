"""The weights of one recurrent layer in the layout that the engine multiplies with.

Three things are done to the arrays of a `TrainedModel`, once, when a model is loaded:

- they are cut into gates and transposed, so that a product reads both factors row by row and writes each gate into
  an array of its own;
- they are padded with zeros to multiples of 16 columns, 64 at least, and products to multiples of 32 rows. A product
  then gives a row the same bytes whichever rows stand beside it: BLAS libraries use other kernels, with other
  orders of summation, for narrow and ragged shapes. Padded units have no effect, since nothing is read from them;
- the rows of sigmoid gates are halved, because sigmoid(a) = (1 + tanh(a / 2)) / 2 and NumPy's tanh is vectorised.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charnn_cli.architecture import Architecture

Array = NDArray[np.float32]

ROW_MULTIPLE = 32
COLUMN_MULTIPLE = 16
MIN_COLUMNS = 64

HALVED = {"gru": (0, 1), "lstm": (0, 1, 3)}  # the sigmoids among r z n, and among i f g o


def round_up(count: int, multiple: int = COLUMN_MULTIPLE) -> int:
    return -(-count // multiple) * multiple


def padded_rows(count: int) -> int:
    """Rows that a product of this many is made with."""
    return max(ROW_MULTIPLE, round_up(count, ROW_MULTIPLE))


def padded_width(width: int) -> int:
    """Columns that a product of this many is made with."""
    return round_up(max(width, MIN_COLUMNS))


def padded(matrix: Array, rows: int, columns: int) -> Array:
    """The matrix with zeros below and on the right, C-contiguous."""
    if matrix.shape == (rows, columns):
        return np.ascontiguousarray(matrix, dtype=np.float32)
    result = np.zeros((rows, columns), dtype=np.float32)
    result[: matrix.shape[0], : matrix.shape[1]] = matrix
    return result


def multiply(left: Array, right: Array) -> Array:
    """left (B, K) @ right (K, N), whose rows do not depend on B; `right` is padded, `left` need not be."""
    product: Array = padded(left, padded_rows(len(left)), right.shape[0]) @ right
    return product[: len(left)]


@dataclass(frozen=True, slots=True)
class DirectionWeights:
    """One layer in one direction, G gates of H units, padded: x @ input + bias is the input's part of the gates."""

    input: Array  # (G, I, H)
    bias: Array  # (G, 1, H)
    state: Array  # (G, H, H), h @ state is the state's part
    candidate_bias: Array  # (H,), of the GRU: torch's b_hn, inside the reset gate's product

    @property
    def width(self) -> int:
        return len(self.candidate_bias)

    @classmethod
    def read(
        cls, tensors: Mapping[str, Array], layer: int, direction: str, architecture: Architecture, input_width: int
    ) -> "DirectionWeights":
        """Weights `layers.{layer}.{direction}.*`; `input_width` is the padded width of what the layer reads."""
        prefix = f"layers.{layer}.{direction}."
        gates, width = architecture.gates, padded_width(architecture.hidden_size)
        scale = np.ones((gates, 1, 1), dtype=np.float32)
        sigmoid = architecture.cell == "rnn" and architecture.activation == "sigmoid"
        scale[list((0,) if sigmoid else HALVED.get(architecture.cell, ()))] = 0.5
        input_weights, state_weights, input_bias, state_bias = (
            _by_gate(tensors[prefix + name], gates, rows, width)
            for name, rows in (("weight_ih", input_width), ("weight_hh", width), ("bias_ih", 1), ("bias_hh", 1))
        )
        candidate_bias = np.zeros(width, dtype=np.float32)
        state_scale = scale.copy()
        if architecture.cell == "gru":
            candidate_bias = 0.5 * state_bias[2, 0]
            state_bias[2] = 0
            state_scale[2] = 0.5  # the reset gate that it is multiplied with comes doubled
        return cls(
            input=input_weights * scale,
            bias=(input_bias + state_bias) * scale,
            state=state_weights * state_scale,
            candidate_bias=candidate_bias,
        )


def _by_gate(matrix: Array, gates: int, rows: int, width: int) -> Array:
    """A weight (G * hidden, I) or bias (G * hidden,) of torch's as (G, rows, width)."""
    blocks = matrix.reshape(gates, len(matrix) // gates, -1)  # (G, hidden, I)
    result = np.zeros((gates, rows, width), dtype=np.float32)
    result[:, : blocks.shape[2], : blocks.shape[1]] = blocks.transpose(0, 2, 1)
    return result
