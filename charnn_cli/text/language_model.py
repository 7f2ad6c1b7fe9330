"""A character language model for each origin, as one linear layer over n-grams.

For each label c the model gives a name the log-probability of its symbols, each one given those before it, with
interpolated Witten-Bell smoothing (Witten & Bell, 1991; Chen & Goodman, 1999, eq. 15, here with the weight of the
unseen multiplied by E, `ESCAPE` where nothing else is said):

    P_c(w | h) = (N_c(h w) + E T_c(h) P_c(w | h')) / (N_c(h) + E T_c(h))

N_c counts in the names of c, T_c(h) is the number of distinct symbols seen after h, and h' is h without its first
symbol. The chain ends at the uniform distribution over the symbols. A context that was never seen in c hands on to h'.

Taken in logarithms, what an n-gram adds to the score does not depend on the rest of the name: seeing h w replaces
the lower order's term, and every context h pays log(E T_c / (N_c + E T_c)) once for the symbol that follows it. So
the whole model is a table of weights (G, C) that is summed over the n-grams of a name. A model that reads names
backward, from the end symbol to the begin symbol, is another table over the same n-grams, from the same counts: what is
the context of an n-gram to the one is its lower order to the other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charnn_cli.text.alphabet import BEGIN, END
from charnn_cli.text.ngrams import LabelledNgrams, NgramVocabulary

ESCAPE = 2.0


def language_models(
    ngrams: LabelledNgrams, vocabulary: NgramVocabulary, *, num_symbols: int, escape: float = ESCAPE
) -> NDArray[np.float32]:
    """Weights (2, G, C) of a vocabulary's n-grams, from how often they stand in the names of each label.

    The sum of the weights of a name's n-grams is its log-likelihood in nats under each label, read forward and read
    backward. The names must be framed by begin and end symbols; the vocabulary must hold orders 1 to K and, of each
    n-gram, its parts. N-grams that are not in it count as never seen.
    """
    assert vocabulary.orders == tuple(range(1, len(vocabulary.orders) + 1)), "orders 1 to K"
    order, without_last, without_first = vocabulary.parts()
    counted = _Counted(ngrams.counts(vocabulary), ngrams.names, order)
    begin, end = vocabulary.lookup(np.array([BEGIN, END]), np.zeros(2, np.int64))[:, 0] - 1
    models = np.zeros((2, len(vocabulary), len(ngrams.names)), dtype=np.float32)
    _weights(counted, begin, without_last, without_first, num_symbols, escape, models[0])
    _weights(counted, end, without_first, without_last, num_symbols, escape, models[1])
    return models


@dataclass(frozen=True, slots=True)
class _Counted:
    """What the names say of each n-gram of a vocabulary."""

    counts: NDArray[np.int32]  # (G, C), how often it stands in the names of each label
    names: NDArray[np.int64]  # (C,)
    order: NDArray[np.int64]  # (G,), number of its symbols


def _weights(
    ngrams: _Counted,
    given: int,
    contexts: NDArray[np.int64],
    lowers: NDArray[np.int64],
    num_symbols: int,
    escape_weight: float,
    weights: NDArray[np.float32],
) -> None:
    """Make the weights (G, C), zeros at first, of the model that is given the symbol in row `given` and reads on."""
    size, num_labels = ngrams.counts.shape
    probability = np.zeros((size, num_labels), np.float32)  # P_c(w | h) of the n-gram h w
    for n in range(1, ngrams.order.max(initial=0) + 1):
        grams = np.flatnonzero(ngrams.order == n)
        grams = grams[np.argsort(contexts[grams], kind="stable")]
        followed, firsts, sizes = np.unique(contexts[grams], return_index=True, return_counts=True)
        context = np.repeat(np.arange(len(followed)), sizes)  # of each n-gram, its place in `followed` (H,)
        counts = ngrams.counts[grams].astype(np.float32)  # (G_n, C)
        counts[grams == given] -= ngrams.names  # it is not told there, but known
        lower = np.full((1, num_labels), 1.0 / num_symbols, np.float32) if n == 1 else probability[lowers[grams]]
        totals = np.add.reduceat(counts, firsts, axis=0)  # (H, C)
        kinds = np.add.reduceat((counts > 0).astype(np.float32), firsts, axis=0)
        kinds *= np.float32(escape_weight)
        below = np.maximum(totals + kinds, np.float32(1e-30))
        kept_back = np.where(totals > 0, kinds / below, np.float32(1))  # the share of the lower order
        counts /= below[context]
        told = kept_back[context]
        told *= lower
        told += counts
        probability[grams] = told
        if n > 1:
            told /= lower
            escape = np.log(kept_back)
            np.log(told, out=told)
            told -= escape[context]
            weights[grams] = told
            weights[followed] += escape
        else:
            weights[grams] = np.log(told, out=told)
    if given >= 0:
        weights[given] -= np.log(probability[given])
