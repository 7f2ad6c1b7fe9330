"""A character language model for each origin, as one linear layer over n-grams.

For each label c the model gives a name the log-probability of its symbols, each one given those before it, with
interpolated Witten-Bell smoothing (Witten & Bell, 1991; Chen & Goodman, 1999, eq. 15, here with the weight of the
unseen multiplied by `ESCAPE`):

    P_c(w | h) = (N_c(h w) + E T_c(h) P_c(w | h')) / (N_c(h) + E T_c(h))

N_c counts in the names of c, T_c(h) is the number of distinct symbols seen after h, and h' is h without its first
symbol. The chain ends at the uniform distribution over the symbols. A context that was never seen in c hands on to h'.

Taken in logarithms, what an n-gram adds to the score does not depend on the rest of the name: seeing h w replaces
the lower order's term, and every context h pays log(E T_c / (N_c + E T_c)) once for the symbol that follows it. So
the whole model is a table of weights (G, C) that is summed over the n-grams of a name. A model that reads names
backward, from the end symbol to the begin symbol, is another table over the same n-grams.
"""

import numpy as np
from numpy.typing import NDArray

from charnn_cli.alphabet import Symbols
from charnn_cli.ngrams import NgramVocabulary

ESCAPE = 2.0


def language_model(
    symbols: Symbols,
    origins: NDArray[np.integer],
    vocabulary: NgramVocabulary,
    *,
    num_labels: int,
    num_symbols: int,
    backward: bool = False,
) -> NDArray[np.float64]:
    """Weights (G, C) of a vocabulary's n-grams, counted in these names (N,) with their labels.

    The sum of the weights of a name's n-grams is its log-likelihood in nats under each label. The names must be framed
    by begin and end symbols; the vocabulary must hold orders 1 to K and, of each n-gram, its parts. N-grams that are
    not in it count as never seen.
    """
    orders = vocabulary.orders
    assert orders == tuple(range(1, len(orders) + 1)), "orders 1 to K"
    steps = symbols.steps
    rows = vocabulary.lookup(symbols.ids, steps) - 1  # (total, K), -1 for none, of the n-grams that end at a symbol
    labels = np.repeat(np.asarray(origins, dtype=np.int64), symbols.lengths)
    if backward:
        steps = np.repeat(symbols.lengths, symbols.lengths) - 1 - steps
        rows = _starting(rows, steps)
        # Everything in reading order: the last name comes first, and of each name its end.
        steps, rows, labels = steps[::-1], rows[::-1], labels[::-1]
    predicted = steps > 0  # the first symbol is given
    weights = np.zeros((len(vocabulary), num_labels))
    probability = np.zeros((len(vocabulary), num_labels))  # P_c(w | h) of the n-gram h w
    for n in orders:
        places = np.flatnonzero(rows[:, n - 1] >= 0)
        grams, example = np.unique(rows[places, n - 1], return_index=True)
        example = places[example]  # a symbol at which each n-gram ends
        counts = _counts(rows[:, n - 1], labels, predicted, len(vocabulary), num_labels)[grams]  # (G_n, C)
        if n == 1:
            context = np.zeros(len(grams), dtype=np.int64)
            lower = np.full((1, num_labels), 1.0 / num_symbols)
        else:
            context = rows[example - 1, n - 2]
            lower = probability[rows[example, n - 2]]
        totals = np.zeros((int(context.max(initial=0)) + 1, num_labels))
        kinds = np.zeros_like(totals)
        np.add.at(totals, context, counts)
        np.add.at(kinds, context, counts > 0)
        below = np.maximum(totals + ESCAPE * kinds, 1e-300)
        kept_back = np.where(totals > 0, ESCAPE * kinds / below, 1.0)  # the share of the lower order
        probability[grams] = counts / below[context] + kept_back[context] * lower
        weights[grams] = np.log(probability[grams])
        if n > 1:
            escape = np.log(kept_back)
            weights[grams] -= np.log(lower) + escape[context]
            followed = np.unique(context)
            weights[followed] += escape[followed]
    given = np.unique(rows[steps == 0, 0])
    weights[given[given >= 0]] -= np.log(probability[given[given >= 0]])
    return weights


def _starting(rows: NDArray[np.int32], left: NDArray[np.int64]) -> NDArray[np.int32]:
    """Rows (total, K) of the n-grams that start at a symbol, of those that end there; `left` symbols come after it."""
    starting = np.full_like(rows, -1)
    for column in range(rows.shape[1]):
        starts = np.flatnonzero(left >= column)
        starting[starts, column] = rows[starts + column, column]
    return starting


def _counts(
    rows: NDArray[np.int32], labels: NDArray[np.int64], among: NDArray[np.bool_], size: int, num_labels: int
) -> NDArray[np.float64]:
    """How often each n-gram stands in the names of each label, (G, C)."""
    places = np.flatnonzero(among & (rows >= 0))
    flat = rows[places].astype(np.int64) * num_labels + labels[places]
    return np.bincount(flat, minlength=size * num_labels).reshape(size, num_labels).astype(np.float64)
