"""States of every symbol → one vector a name. Names come longest first."""

import numpy as np

from charnn_cli.engine.products import Array
from charnn_cli.engine.recurrence import Rows, active_counts


def mean(states: Array, starts: Rows, lengths: Rows, ids: Rows | None = None) -> Array:
    """(total, D) → (N, D); with `ids` (total,) the vector of place p is `states[ids[p]]`."""
    total = np.zeros((len(starts), states.shape[1]), dtype=np.float32)
    for t, active in enumerate(active_counts(lengths)):
        places = starts[:active] + t
        total[:active] += states[places if ids is None else ids[places]]
    total /= np.maximum(lengths, 1)[:, None].astype(np.float32)
    return total


def maximum(states: Array, starts: Rows, lengths: Rows) -> Array:
    """(total, D) → (N, D), the largest value of each column."""
    largest: Array = states[starts]
    for t, active in enumerate(active_counts(lengths)):
        np.maximum(largest[:active], states[starts[:active] + t], out=largest[:active])
    return largest


def attention(states: Array, scores: Array, starts: Rows, lengths: Rows) -> Array:
    """(total, D) and scores (total,) → (N, D): states weighted by the softmax of their scores within the name."""
    columns = scores[:, None]
    highest = maximum(columns, starts, lengths)
    total = np.zeros((len(starts), states.shape[1]), dtype=np.float32)
    shares = np.zeros((len(starts), 1), dtype=np.float32)
    for t, active in enumerate(active_counts(lengths)):
        rows = starts[:active] + t
        share = np.exp(columns[rows] - highest[:active])
        shares[:active] += share
        total[:active] += states[rows] * share
    total /= shares
    return total
