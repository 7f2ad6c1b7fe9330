"""Which n-grams tell origins apart: those whose share of the origins is not that of the n-grams within them.

A model that must be small keeps these, and not the most frequent ones: that a name ends in "son" is known from many
thousand names, and "lson" says nothing more, while "zuki" stands in few names and decides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from charnn_cli.text.alphabet import Symbols
from charnn_cli.text.ngrams import NgramVocabulary

#: Names that an n-gram's parts count for beside its own, when the shares of its origins are estimated.
PRIOR_NAMES = 4.0


def most_telling(
    symbols: Symbols,
    origins: NDArray[np.integer],  # (N,)
    weights: NDArray[np.floating],  # (N,), how often each name counts
    vocabulary: NgramVocabulary,
    *,
    num_labels: int,
    size: int,
) -> NgramVocabulary:
    """At most `size` n-grams of a vocabulary, with the parts of each, by what they tell of these N names.

    An n-gram g tells N(g) · KL(P(origin | g) ‖ P(origin | part)) nats, summed over its two parts, g without its first
    symbol and g without its last: what the language models of the origins gain by it, reading forward and backward.
    """
    counts, order, parts = _counted(symbols, origins, weights, vocabulary, num_labels)
    shares = np.zeros_like(counts)
    nats = np.where(order == 1, np.inf, 0.0)
    whole = counts[order == 1].sum(axis=0)
    for n in vocabulary.orders:
        grams = np.flatnonzero(order == n)
        total = counts[grams].sum(axis=1, keepdims=True)
        before = [whole[None] / whole.sum()] if n == 1 else [shares[part[grams]] for part in parts]
        for share in before if n > 1 else ():
            own = (counts[grams] + PRIOR_NAMES * share) / (total + PRIOR_NAMES)
            nats[grams] += total[:, 0] * (own * np.log(own / share)).sum(axis=1)
        shares[grams] = (counts[grams] + PRIOR_NAMES * sum(before) / len(before)) / (total + PRIOR_NAMES)
    for n in reversed(vocabulary.orders[1:]):  # a part is worth as much as what needs it
        grams = np.flatnonzero(order == n)
        for part in parts:
            np.maximum.at(nats, part[grams], nats[grams])
    return NgramVocabulary(vocabulary.codes[nats > np.sort(nats)[max(len(nats) - size - 1, 0)]], vocabulary.orders)


def _counted(
    symbols: Symbols,
    origins: NDArray[np.integer],
    weights: NDArray[np.floating],
    vocabulary: NgramVocabulary,
    num_labels: int,
) -> tuple[NDArray[np.float32], NDArray[np.int64], list[NDArray[np.int64]]]:
    """Of each n-gram the names by origin (G, C), its number of symbols (G,), and the places of its two parts (G,)."""
    counts = np.zeros(len(vocabulary) * num_labels, dtype=np.float32)
    order = np.zeros(len(vocabulary), dtype=np.int64)
    parts = [np.zeros(len(vocabulary), dtype=np.int64) for _ in range(2)]
    first = 0
    for block in symbols.blocks():
        rows = vocabulary.lookup(block.ids, block.steps).astype(np.int64) - 1  # (total, K), -1 for none
        names = np.repeat(np.arange(first, first + len(block)), block.lengths)
        first += len(block)
        for n in vocabulary.orders:
            places = np.flatnonzero(rows[:, n - 1] >= 0)
            grams = rows[places, n - 1]
            order[grams] = n
            if n > 1:
                parts[0][grams], parts[1][grams] = rows[places, n - 2], rows[places - 1, n - 2]
            cells = grams * num_labels + origins[names[places]]
            counts += np.bincount(cells, weights[names[places]], minlength=len(counts)).astype(np.float32)
    return counts.reshape(-1, num_labels), order, parts
