"""Which steps a recurrence has to make, when each distinct beginning is read once.

Read in one direction, names that begin alike have the same states until they part. So the steps are the nodes of a
trie over the inputs: level t holds one node for each distinct sequence of t + 1 inputs. Read forwards, surnames
share about half of their steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


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


def levels(inputs: Rows, first: Rows, lengths: Rows, *, backward: bool, shared: bool) -> Iterator[Level]:
    """The steps of names whose inputs are `inputs[first:first + length]`, longest first.

    `shared=False` gives every name nodes of its own, for inputs that are all distinct anyhow.
    """
    distinct = int(inputs.max(initial=0)) + 1
    at = first + lengths - 1 if backward else first
    step = -1 if backward else 1
    previous: Rows | None = None
    for t, active in enumerate(active_counts(lengths)):
        here = inputs[at[:active] + step * t]
        if not shared:
            everyone = np.arange(active)
            yield Level(None if t == 0 else everyone, here, everyone)
            continue
        keys = here if previous is None else previous[:active] * distinct + here
        nodes, node_of = _distinct(keys)
        yield Level(None if t == 0 else nodes // distinct, nodes % distinct, node_of)
        previous = node_of


def _distinct(keys: Rows) -> tuple[Rows, Rows]:
    """Sorted distinct keys, and the place of each key among them."""
    order = np.argsort(keys)
    ordered = keys[order]
    is_new = np.empty(len(keys), dtype=bool)
    is_new[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    place = np.empty(len(keys), dtype=np.int64)
    place[order] = np.cumsum(is_new) - 1
    return ordered[is_new], place
