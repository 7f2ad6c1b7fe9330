"""Matrix products that give a row the same bytes wherever it stands and whatever stands beside it.

BLAS does not promise that. What OpenBLAS's kernels do was measured (0.3.31, float32, every x86-64 kernel):

- With more than one thread a product is cut elsewhere, and sums of another order come of it, even for 8 rows. So the
  engine computes under `one_blas_thread`.
- The kernel of AVX2 (Haswell, Zen) works through 12 rows at a time, and sums even and odd k apart in the first eight
  columns of the upper six of them and the last eight of the lower six; all between is summed alike. So on it a
  `Factor` keeps eight columns on both sides empty, and has so few (320 at most) that they are not cut again.
- A rest of 1 to 11 rows is summed otherwise than 12 are. So rows come in blocks of 12.
- The kernel of AVX-512 sums small products of K > 448 whole and large ones in parts.

None of this is relied on. Of each shape it is asked, when it is first wanted, whether equal rows give equal bytes: in
one block, and in the whole product that is to be made. A whole product is made block by block if it would differ,
and blocks have fewer rows if they would; a block of one row differs from nothing. That holds for other libraries too.

Blocks of 8 rows without empty columns, the other way that held, took half of the products' speed under AVX2; the
empty columns take 5 to 10 %. Other kernels lose nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

MARGIN = 8  # columns that are computed and not read, on either side
MOST_COLUMNS = 320
COLUMN_MULTIPLE = 16
BLOCKS = (12, 8, 4, 1)  # rows; all divide ROW_MULTIPLE
ROW_MULTIPLE = 96


def round_up(count: int, multiple: int = COLUMN_MULTIPLE) -> int:
    return -(-count // multiple) * multiple


def padded(matrix: Array, rows: int, columns: int) -> Array:
    """The matrix with zeros below and on the right, C-contiguous."""
    if matrix.shape == (rows, columns):
        return np.ascontiguousarray(matrix, dtype=np.float32)
    result = np.zeros((rows, columns), dtype=np.float32)
    result[: matrix.shape[0], : matrix.shape[1]] = matrix
    return result


class Factor:
    """The right side of products: `weights` (G, K, H), or (K, H) for one gate."""

    def __init__(self, weights: Array) -> None:
        weights = weights.reshape(-1, *weights.shape[-2:])
        self.gates, self.inner, self.width = weights.shape
        beside = 1  # gates in one matrix
        self._shape = _Shape(self.inner, round_up(self.width), 0)
        if self.block < BLOCKS[0]:
            beside = self.gates if self.gates * self.width + 2 * MARGIN <= MOST_COLUMNS else 1
            self._shape = _Shape(self.inner, round_up(beside * self.width + 2 * MARGIN), MARGIN)
        self._read = slice(self._shape.margin, self._shape.margin + beside * self.width)
        stacks = weights.reshape(-1, beside, self.inner, self.width).transpose(0, 2, 1, 3)
        self._matrices = np.zeros((len(stacks), self.inner, self._shape.columns), dtype=np.float32)
        self._matrices[:, :, self._read] = stacks.reshape(len(stacks), self.inner, -1)

    @property
    def block(self) -> int:
        """Rows that are multiplied together, of which a product has a multiple."""
        return _block(self._shape)

    def rows(self, count: int) -> int:
        """Rows that a product of this many is made with: of few sizes, as each is asked once whether rows are alike."""
        return round_up(max(count, 1), self.block if count <= ROW_MULTIPLE else ROW_MULTIPLE)

    def memory(self, rows: int) -> int:
        """Floats that a product of so many rows takes."""
        return len(self._matrices) * rows * self._shape.columns

    def times(self, left: Array, memory: Array | None = None) -> Array:
        """left (B, K) @ weights as (G, B, H), a view of `memory`, which is fresh where none is given.

        B is a multiple of `block`.
        """
        rows = len(left)
        stacks, columns = len(self._matrices), self._shape.columns
        if memory is None:
            memory = np.empty(self.memory(rows), dtype=np.float32)
        out = memory[: stacks * rows * columns].reshape(stacks, rows, columns)
        if _equals_blocks(self._shape, rows):
            np.matmul(left, self._matrices, out=out)
        else:
            _multiply_blocks(left, self._matrices, out, self.block)
        gates = out[:, :, self._read].reshape(stacks, rows, -1, self.width)
        return gates.transpose(0, 2, 1, 3).reshape(self.gates, rows, self.width)


def multiply(left: Array, right: Factor) -> Array:
    """left (B, K) @ right (K, H), of one gate, for any B; `left` may lack columns, which are then zeros."""
    return right.times(padded(left, right.rows(len(left)), right.inner))[0, : len(left)]


def _multiply_blocks(left: Array, matrices: Array, out: Array, block: int) -> None:
    """out (S, B, N) = left (B, K) @ matrices (S, K, N), one call of the library for each block of rows."""
    stacks, rows, columns = out.shape
    blocks = left.reshape(1, rows // block, block, -1)
    np.matmul(blocks, matrices[:, None], out=out.reshape(stacks, rows // block, block, columns))


@dataclass(frozen=True, slots=True)
class _Shape:
    """Of a matrix that products are made with."""

    inner: int
    columns: int
    margin: int  # columns on either side that are not read

    def equal_rows(self, rows: int) -> Array:
        """So many equal rows times a matrix of this shape, irregular numbers both, without what is not read."""
        row, matrix = _numbers(self.inner, self.columns)
        with one_blas_thread():
            product: Array = np.matmul(np.tile(row, (rows, 1)), matrix)
        return product[:, self.margin : self.columns - self.margin]


@lru_cache(maxsize=4)
def _numbers(inner: int, columns: int) -> tuple[Array, Array]:
    numbers = np.sin(np.arange(1, inner * (columns + 1) + 1, dtype=np.float64) ** 2).astype(np.float32)
    return numbers[:inner], numbers[inner:].reshape(inner, columns)


@cache
def _block(shape: _Shape) -> int:
    """The most rows, of a few numbers, in which equal rows give equal bytes."""
    for rows in BLOCKS:
        product = shape.equal_rows(rows)
        if np.all(product == product[0]):
            break
    return rows


@cache
def _equals_blocks(shape: _Shape, rows: int) -> bool:
    """Whether a product of so many rows gives each the bytes that it has in a block."""
    block = _block(shape)
    return rows == block or bool(np.all(shape.equal_rows(rows) == shape.equal_rows(block)[0]))


class _OneThread:
    """Keeps the BLAS library to one thread while anyone asks for it, from whatever thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asking = 0
        self._libraries: Any = None
        self._limit: Any = None

    def enter(self) -> None:
        with self._lock:
            if not self._asking:
                if self._libraries is None:
                    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

                    self._libraries = ThreadpoolController().select(user_api="blas")
                self._limit = self._libraries.limit(limits=1)
            self._asking += 1

    def leave(self) -> None:
        with self._lock:
            self._asking -= 1
            if not self._asking:
                self._limit.restore_original_limits()


_one_thread = _OneThread()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keeps the BLAS library to one thread for the time of a call; calls may overlap."""
    _one_thread.enter()
    try:
        yield
    finally:
        _one_thread.leave()
