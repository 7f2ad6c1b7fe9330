"""The lesson's cell: h' = i2h([x, h]), logits = i2o([x_T, h_{T-1}]), with no non-linearity anywhere."""

from collections.abc import Mapping

import numpy as np

from charnn_cli.engine.cells import linear
from charnn_cli.engine.products import Array, Factor, multiply, padded, round_up
from charnn_cli.engine.recurrence import Workspace, longest_first, project, run
from charnn_cli.engine.weights import DirectionWeights
from charnn_cli.text.alphabet import Symbols


def lesson_logits(tensors: Mapping[str, Array], vectors: Array, symbols: Symbols, workspace: Workspace) -> Array:
    """Logits (N, C); a name without symbols has those of zeros, i2o's bias.

    i2o reads the state before the last symbol, so the recurrence stops one symbol short.
    """
    hidden_size, num_labels = len(tensors["i2h.bias"]), len(tensors["i2o.bias"])
    num_symbols = tensors["i2h.weight"].shape[1] - hidden_size
    width = round_up(hidden_size)
    rows = vectors.shape[1]
    weights = DirectionWeights(
        input=Factor(padded(tensors["i2h.weight"][:, :num_symbols].T, rows, width)),
        bias=padded(tensors["i2h.bias"][None], 1, width)[None],
        state=Factor(padded(tensors["i2h.weight"][:, num_symbols:].T, width, width)),
        candidate_bias=np.zeros(width, dtype=np.float32),
    )
    if not len(symbols.ids):
        return np.tile(tensors["i2o.bias"], (len(symbols), 1))
    order = longest_first(symbols.lengths)
    before_last = np.maximum(symbols.lengths[order] - 1, 0)
    first = symbols.offsets[:-1][order]
    states = np.zeros((len(order), width), dtype=np.float32)
    projected = project(vectors, np.arange(len(vectors)), weights, workspace)
    steps = run(
        linear,
        weights,
        projected,
        symbols.ids.astype(np.int64),
        first,
        before_last,
        workspace,
        backward=False,
        shared=True,
    )
    for t, (level, level_states) in enumerate(steps):
        ended = np.flatnonzero(before_last[: len(level.node_of)] == t + 1)
        states[ended] = level_states[level.node_of[ended]]
    last = np.zeros((len(order), rows), dtype=np.float32)
    with_symbols = symbols.lengths[order] > 0
    last[with_symbols] = vectors[symbols.ids[(first + before_last)[with_symbols]]]
    to_labels = Factor(padded(tensors["i2o.weight"][:, :num_symbols].T, rows, num_labels))
    from_state = Factor(padded(tensors["i2o.weight"][:, num_symbols:].T, width, num_labels))
    logits = np.empty((len(order), num_labels), dtype=np.float32)
    logits[order] = multiply(last, to_labels) + multiply(states, from_state)
    logits += tensors["i2o.bias"]
    return logits
