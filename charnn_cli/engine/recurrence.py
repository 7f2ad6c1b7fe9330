"""One layer in one direction over many names: the levels of a plan, tile by tile."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from charnn_cli.engine.cells import Step, lstm
from charnn_cli.engine.plan import Level, Rows, levels
from charnn_cli.engine.weights import Array, DirectionWeights, padded_rows

Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]

TILE_BYTES = 1 << 20  # of gate values, so that a tile stays in the second-level cache


def tile_rows(gates: int, width: int) -> int:
    """Rows of a tile of this many gates."""
    return padded_rows(TILE_BYTES // (4 * gates * width))


def project(table: Array, rows: Rows, weights: DirectionWeights, each: Each = map) -> Array:
    """The input's part of the gates (G, U, H) of the input vectors `table[rows]` (U, I); U padded.

    `each` is `map`, or an executor's, to which the tiles are given.
    """
    gates, _, width = weights.input.shape
    rows = _padded_indices(rows, padded_rows(len(rows)))
    result = np.empty((gates, len(rows), width), dtype=np.float32)
    tile = tile_rows(gates, width)

    def project_tile(start: int) -> None:
        out = result[:, start : start + tile]
        np.matmul(table[rows[start : start + tile]], weights.input, out=out)
        out += weights.bias

    for _ in each(project_tile, range(0, len(rows), tile)):
        pass
    return result


def run(
    step: Step, weights: DirectionWeights, projected: Array, inputs: Rows, first: Rows, lengths: Rows,
    *, backward: bool, shared: bool,
) -> Iterator[tuple[Level, Array]]:  # fmt: skip
    """Each level with the states (nodes padded, H) of its nodes, which the caller must not change.

    `projected` (G, U, H) holds the input's part of the gates of each input; `inputs`, `first` and `lengths` are as
    in `levels`.
    """
    gates, _, width = projected.shape
    tile = tile_rows(gates, width)
    buffers = np.empty((2, gates * tile * width), dtype=np.float32)
    previous: list[Array] = []
    for level in levels(inputs, first, lengths, backward=backward, shared=shared):
        nodes = padded_rows(len(level.inputs))
        inputs_of_nodes = _padded_indices(level.inputs, nodes)
        parents = None if level.parents is None else _padded_indices(level.parents, nodes)
        states = [np.empty((nodes, width), dtype=np.float32) for _ in range(2 if step is lstm else 1)]
        for start in range(0, nodes, tile):
            stop = min(start + tile, nodes)
            gates_here, spare = (
                buffer[: gates * (stop - start) * width].reshape(gates, stop - start, width) for buffer in buffers
            )
            np.take(projected, inputs_of_nodes[start:stop], axis=1, out=gates_here, mode="clip")
            here = tuple(array[start:stop] for array in states)
            for index, now in enumerate(here):
                if parents is None:
                    now.fill(0)
                else:
                    np.take(previous[index], parents[start:stop], axis=0, out=now, mode="clip")
            step(gates_here, here, weights, spare)
        yield level, states[0]
        previous = states


def _padded_indices(indices: Rows, count: int) -> Rows:
    result = np.zeros(count, dtype=np.int64)
    result[: len(indices)] = indices
    return result
