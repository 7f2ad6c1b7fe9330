"""One layer in one direction over many names.

Read in one direction, names that begin alike have the same states until they part. So the steps are the nodes of a
trie over the inputs: level t holds one node for each distinct sequence of t + 1 inputs. Read forwards, surnames
share about half of their steps. A level is computed tile by tile.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.engine.cells import Step
from charnn_cli.engine.products import ROW_MULTIPLE, Array
from charnn_cli.engine.weights import DirectionWeights

Rows = NDArray[np.int64]
Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]

MOST_NODES = 0.95  # for each name; to find the same in more of them takes longer than what is spared
TILE_BYTES = 1 << 20  # of gate values, so that a tile stays in the second-level cache


@dataclass(frozen=True, slots=True)
class Level:
    """Step t of every name that has one: `names[:active]` are at the nodes `node_of` (active,)."""

    parents: Rows | None  # (nodes,) the node of level t - 1 that each follows; None in level 0
    inputs: Rows  # (nodes,) the input of each
    node_of: Rows  # (active,)


def longest_first(lengths: Rows) -> Rows:
    """Order in which the names that still have symbols are always the first ones."""
    return np.argsort(-lengths, kind="stable")


def active_counts(lengths: Rows) -> list[int]:
    """How many names, longest first, have more than t symbols, for every t that one has."""
    counts: list[int] = np.searchsorted(-lengths, -np.arange(int(lengths.max(initial=0))), side="left").tolist()
    return counts


def levels(
    inputs: Rows, first: Rows, lengths: Rows, *, backward: bool, shared: bool, most_nodes: float = 1.0
) -> Iterator[Level]:  # fmt: skip
    """The steps of names whose inputs are `inputs[first:first + length]`, longest first.

    `shared=False` gives every name nodes of its own, for inputs that are all distinct anyhow. So do the levels behind
    the first that has more than `most_nodes` for each name.
    """
    distinct = int(inputs.max(initial=0)) + 1
    at = first + lengths - 1 if backward else first
    step = -1 if backward else 1
    previous: Rows | None = None
    for t, active in enumerate(active_counts(lengths)):
        here = inputs[at[:active] + step * t]
        if not shared:
            everyone = np.arange(active)
            yield Level(None if t == 0 else everyone if previous is None else previous[:active], here, everyone)
            previous = None
            continue
        keys = here if previous is None else previous[:active] * distinct + here
        nodes, node_of = distinct_keys(keys)
        yield Level(None if t == 0 else nodes // distinct, nodes % distinct, node_of)
        previous = node_of
        shared = len(nodes) <= most_nodes * active


def distinct_keys(keys: Rows) -> tuple[Rows, Rows]:
    """Sorted distinct keys, and the place of each key among them."""
    order = np.argsort(keys)
    ordered = keys[order]
    is_new = np.empty(len(keys), dtype=bool)
    is_new[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    place = np.empty(len(keys), dtype=np.int64)
    place[order] = np.cumsum(is_new) - 1
    return ordered[is_new], place


class Workspace:
    """Named float32 arrays that keep their memory from one use to the next; for one thread at a time.

    The first touch of fresh memory costs more than what is computed in it.
    """

    def __init__(self) -> None:
        self._memory: dict[str, Array] = {}

    def array(self, name: str, *shape: int) -> Array:
        """An uninitialised array, over the memory of the last one of this name."""
        size = prod(shape)
        memory = self._memory.get(name)
        if memory is None or len(memory) < size:
            memory = self._memory[name] = np.empty(size, dtype=np.float32)
        return memory[:size].reshape(shape)


class Workspaces:
    """As many workspaces as there are threads that want one at the same time."""

    def __init__(self) -> None:
        self._free: list[Workspace] = []

    @contextmanager
    def one(self) -> Iterator[Workspace]:
        try:
            workspace = self._free.pop()
        except IndexError:
            workspace = Workspace()
        try:
            yield workspace
        finally:
            self._free.append(workspace)


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
    rows = padded_indices(rows, weights.input.rows(len(rows)))
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
    spare = workspace.array("spare", weights.state.memory(tile) + tile * width)
    states_of_two_levels = workspace.array("states", 2, weights.parts, weights.state.rows(len(lengths)), width)
    for number, level in enumerate(
        levels(inputs, first, lengths, backward=backward, shared=shared, most_nodes=MOST_NODES)
    ):
        nodes = weights.state.rows(len(level.inputs))
        inputs_of_nodes = padded_indices(level.inputs, nodes)
        parents = None if level.parents is None else padded_indices(level.parents, nodes)
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


def padded_indices(indices: Rows, count: int) -> Rows:
    result = np.empty(count, dtype=np.int64)
    result[: len(indices)] = indices
    result[len(indices) :] = indices[0]  # a row that is made; others of the table may hold anything
    return result
