"""One layer in one direction over many names: the levels of a plan, tile by tile."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from charnn_cli.engine.cells import Step
from charnn_cli.engine.plan import Level, Rows, levels
from charnn_cli.engine.products import ROW_MULTIPLE, Array, round_up
from charnn_cli.engine.weights import DirectionWeights
from charnn_cli.engine.workspace import Workspace

Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]

TILE_BYTES = 1 << 20  # of gate values, so that a tile stays in the second-level cache


def tile_rows(gates: int, width: int) -> int:
    """Rows of a tile of this many gates."""
    return max(ROW_MULTIPLE, TILE_BYTES // (4 * gates * width) // ROW_MULTIPLE * ROW_MULTIPLE)


def project(
    table: Array, rows: Rows, weights: DirectionWeights, workspace: Workspace, each: Each = map
) -> Array:  # fmt: skip
    """The input's part of the gates (G, U, H) of the input vectors `table[rows]` (U, I); U padded.

    `each` is `map`, or an executor's, to which the tiles are given.
    """
    gates, width = weights.input.gates, weights.width
    rows = _padded_indices(rows, round_up(len(rows), weights.input.block))
    result = workspace.array("projected", gates, len(rows), width)
    tile = tile_rows(gates, width)

    def project_tile(start: int) -> None:
        part = weights.input.times(table[rows[start : start + tile]])
        np.add(part, weights.bias, out=result[:, start : start + tile])

    for _ in each(project_tile, range(0, len(rows), tile)):
        pass
    return result


def run(
    step: Step, weights: DirectionWeights, projected: Array, inputs: Rows, first: Rows, lengths: Rows,
    workspace: Workspace, *, backward: bool, shared: bool,
) -> Iterator[tuple[Level, Array]]:  # fmt: skip
    """Each level with the states (nodes padded, H) of its nodes, which last until the next level but one.

    `projected` (G, U, H) holds the input's part of the gates of each input; `inputs`, `first` and `lengths` are as
    in `levels`.
    """
    gates, _, width = projected.shape
    tile = tile_rows(gates, width)
    gates_buffer = workspace.array("gates", gates * tile * width)
    spare = workspace.array("spare", weights.state.memory(tile))
    block = weights.state.block
    states_of_two_levels = workspace.array("states", 2, weights.parts, round_up(len(lengths), block), width)
    for number, level in enumerate(levels(inputs, first, lengths, backward=backward, shared=shared)):
        nodes = round_up(len(level.inputs), block)
        inputs_of_nodes = _padded_indices(level.inputs, nodes)
        parents = None if level.parents is None else _padded_indices(level.parents, nodes)
        states, previous = states_of_two_levels[number % 2], states_of_two_levels[1 - number % 2]
        for start in range(0, nodes, tile):
            stop = min(start + tile, nodes)
            shape = (gates, stop - start, width)
            gates_here = gates_buffer[: gates * (stop - start) * width].reshape(shape)
            np.take(projected, inputs_of_nodes[start:stop], axis=1, out=gates_here, mode="clip")
            here = tuple(states[:, start:stop])
            for before, now in zip(previous, here, strict=True):
                if parents is None:
                    now.fill(0)
                else:
                    np.take(before, parents[start:stop], axis=0, out=now, mode="clip")
            step(gates_here, here, weights, spare)
        yield level, states[0]


def _padded_indices(indices: Rows, count: int) -> Rows:
    result = np.empty(count, dtype=np.int64)
    result[: len(indices)] = indices
    result[len(indices) :] = indices[0]  # a row that is made; others of the table may hold anything
    return result
