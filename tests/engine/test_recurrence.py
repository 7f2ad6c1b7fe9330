"""Shared steps: one node for each distinct beginning, and none lost."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.engine.recurrence import levels, longest_first

sequences = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=6), min_size=1, max_size=25)


@given(sequences, st.booleans(), st.booleans(), st.sampled_from([1.0, 0.6]))
def test_every_name_reads_its_own_inputs(
    names: list[list[int]], backward: bool, shared: bool, most_nodes: float
) -> None:
    inputs = np.array([symbol for name in names for symbol in name], dtype=np.int64)
    lengths = np.array([len(name) for name in names])
    first = np.cumsum(lengths) - lengths
    order = longest_first(lengths)
    read: list[list[int]] = [[] for _ in names]
    paths: list[tuple[int, ...]] = []
    nodes = 0
    how = {"backward": backward, "shared": shared, "most_nodes": most_nodes}
    for level in levels(inputs, first[order], lengths[order], **how):
        parents = level.parents.tolist() if level.parents is not None else [None] * len(level.inputs)
        paths = [
            (() if parent is None else paths[parent]) + (symbol,)
            for parent, symbol in zip(parents, level.inputs.tolist(), strict=True)
        ]
        nodes += len(paths)
        for place, node in enumerate(level.node_of.tolist()):
            read[order[place]] = list(paths[node])
    assert read == [name[::-1] if backward else name for name in names]
    texts = {tuple(path[: end + 1]) for path in read for end in range(len(path))}
    if shared and most_nodes < 1:
        assert len(texts) <= nodes <= len(inputs)
    else:
        assert nodes == (len(texts) if shared else len(inputs))
