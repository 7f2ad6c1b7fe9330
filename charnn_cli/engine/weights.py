"""The weights of one recurrent layer in the layout that the engine multiplies with.

Three things are done to the arrays of a `TrainedModel`, once, when a model is loaded:

- they are transposed, so that a product reads both factors row by row;
- they are padded with zeros to multiples of 16 columns, 64 at least, and products to multiples of 32 rows. A product
  then gives a row the same bytes whichever rows stand beside it: BLAS libraries use other kernels, with other
  orders of summation, for narrow and ragged shapes. Padded units have no effect, since nothing is read from them;
- the rows of sigmoid gates are halved, because sigmoid(a) = (1 + tanh(a / 2)) / 2 and NumPy's tanh is vectorised.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charnn_cli.architecture import Architecture

Array = NDArray[np.float32]

ROW_MULTIPLE = 32
COLUMN_MULTIPLE = 16
MIN_COLUMNS = 64


def round_up(count: int, multiple: int = COLUMN_MULTIPLE) -> int:
    return -(-count // multiple) * multiple


def padded_rows(count: int) -> int:
    """Rows that a product of this many is made with."""
    return max(ROW_MULTIPLE, round_up(count, ROW_MULTIPLE))


def padded_width(width: int, gates: int = 1) -> int:
    """Columns that a gate of this width is stored in."""
    return round_up(max(width, -(-MIN_COLUMNS // gates)))


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
    """One layer in one direction: W_ih x + bias is the input's part, W_hh h the state's. G gates, H units, padded."""

    input: Array  # (I, G * H)
    bias: Array  # (G * H,), added to the input's part
    state: Array  # (H, G * H)
    candidate_bias: Array  # (H,), of the GRU: torch's b_hn, inside the reset gate's product
    halved: tuple[int, ...]  # gates that are sigmoids
    width: int  # H, padded
    hidden_size: int  # units that are real

    @classmethod
    def read(
        cls, tensors: dict[str, Array], layer: int, direction: str, architecture: Architecture, input_width: int
    ) -> "DirectionWeights":
        """Weights `layers.{layer}.{direction}.*`; `input_width` is the padded width of what the layer reads."""
        prefix = f"layers.{layer}.{direction}."
        gates, hidden = architecture.gates, architecture.hidden_size
        halved = _sigmoid_gates(architecture)
        scale = np.ones(gates, dtype=np.float32)
        scale[list(halved)] = 0.5
        bias_ih = _by_gate(tensors[prefix + "bias_ih"][:, None], gates)
        bias_hh = _by_gate(tensors[prefix + "bias_hh"][:, None], gates)
        width = padded_width(hidden, gates)
        candidate_bias = np.zeros(width, dtype=np.float32)
        if architecture.cell == "gru":
            candidate_bias[:hidden] = bias_hh[2, :, 0]
            bias_hh = bias_hh * np.array([1, 1, 0], dtype=np.float32)[:, None, None]
        return cls(
            input=_columns(tensors[prefix + "weight_ih"], scale, width, input_width),
            bias=_columns_of(bias_ih + bias_hh, scale, width, 1)[0],
            state=_columns(tensors[prefix + "weight_hh"], scale, width, width),
            candidate_bias=candidate_bias,
            halved=halved,
            width=width,
            hidden_size=hidden,
        )


def _sigmoid_gates(architecture: Architecture) -> tuple[int, ...]:
    if architecture.cell == "gru":
        return (0, 1)  # reset, update, candidate
    if architecture.cell == "lstm":
        return (0, 1, 3)  # input, forget, cell, output
    return (0,) if architecture.cell == "rnn" and architecture.activation == "sigmoid" else ()


def _by_gate(matrix: Array, gates: int) -> Array:
    return matrix.reshape(gates, matrix.shape[0] // gates, matrix.shape[1])


def _columns(matrix: Array, scale: Array, width: int, rows: int) -> Array:
    """A weight (G * hidden, I) of torch's as (rows, G * width)."""
    return _columns_of(_by_gate(matrix, len(scale)), scale, width, rows)


def _columns_of(blocks: Array, scale: Array, width: int, rows: int) -> Array:
    gates, hidden, inputs = blocks.shape
    result = np.zeros((rows, gates, width), dtype=np.float32)
    np.multiply(blocks.transpose(2, 0, 1), scale[None, :, None], out=result[:inputs, :, :hidden])
    return result.reshape(rows, gates * width)
