"""One layer in one direction over many names: the levels of a plan, tile by tile."""

from collections.abc import Iterator

import numpy as np

from charnn_cli.engine.cells import Step
from charnn_cli.engine.plan import Level, Rows, levels
from charnn_cli.engine.weights import Array, DirectionWeights, padded_rows

TILE_BYTES = 1 << 20  # of gate values, so that a tile stays in the second-level cache


def affine(vectors: Array, matrix: Array, bias: Array) -> Array:
    """vectors (U, I) @ matrix (I, G) + bias, as rows (U padded, G)."""
    rows = padded_rows(len(vectors))
    result = np.empty((rows, matrix.shape[1]), dtype=np.float32)
    tile = tile_rows(matrix.shape[1])
    for start in range(0, rows, tile):
        part, out = vectors[start : start + tile], result[start : start + tile]
        if len(part) < len(out):
            part = np.concatenate((part, np.zeros((len(out) - len(part), part.shape[1]), dtype=np.float32)))
        np.matmul(part, matrix, out=out)
        out += bias
    return result


def tile_rows(columns: int) -> int:
    """Rows of a tile of this many float32 columns."""
    return padded_rows(TILE_BYTES // (4 * columns))


def run(
    step: Step, weights: DirectionWeights, projected: Array, inputs: Rows, first: Rows, lengths: Rows,
    *, backward: bool, shared: bool,
) -> Iterator[tuple[Level, Array]]:  # fmt: skip
    """Each level with the states (nodes padded, H) of its nodes, which the caller must not change.

    `projected` (U, G * H) holds the input's part of the gates of each input; `inputs`, `first` and `lengths` are as
    in `levels`.
    """
    tile = tile_rows(projected.shape[1])
    gates_of_tile = np.empty((tile, projected.shape[1]), dtype=np.float32)
    previous: list[Array] = []
    for level in levels(inputs, first, lengths, backward=backward, shared=shared):
        nodes = padded_rows(len(level.inputs))
        gate_rows = _padded_indices(level.inputs, nodes)
        parents = None if level.parents is None else _padded_indices(level.parents, nodes)
        arrays = 2 if step.__name__ == "lstm" else 1
        states = [np.empty((nodes, weights.width), dtype=np.float32) for _ in range(arrays)]
        for start in range(0, nodes, tile):
            stop = min(start + tile, nodes)
            gates = gates_of_tile[: stop - start]
            np.take(projected, gate_rows[start:stop], axis=0, out=gates, mode="clip")
            state = tuple(array[start:stop] for array in states)
            for before, now in zip(previous, state, strict=False):
                np.take(before, parents[start:stop], axis=0, out=now, mode="clip")  # type: ignore[index]
            if parents is None:
                for now in state:
                    now.fill(0)
            for now, after in zip(state, step(gates, state, weights), strict=True):
                if after is not now:
                    now[:] = after
        yield level, states[0]
        previous = states


def _padded_indices(indices: Rows, count: int) -> Rows:
    result = np.zeros(count, dtype=np.int64)
    result[: len(indices)] = indices
    return result
