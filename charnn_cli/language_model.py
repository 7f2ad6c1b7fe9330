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

from collections.abc import Callable

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
    on_progress: Callable[[float], None] = lambda share: None,
) -> NDArray[np.float64]:
    """Weights (G, C) of a vocabulary's n-grams, counted in these names (N,) with their labels.

    The sum of the weights of a name's n-grams is its log-likelihood in nats under each label. The names must be framed
    by begin and end symbols; the vocabulary must hold orders 1 to K and, of each n-gram, its parts. N-grams that are
    not in it count as never seen. `on_progress` takes the share of the names that are counted.
    """
    orders = vocabulary.orders
    assert orders == tuple(range(1, len(orders) + 1)), "orders 1 to K"
    ngrams = _Counted(vocabulary, num_labels, backward=backward)
    first = 0
    for block in symbols.blocks():
        ngrams.add(block, origins[first : first + len(block)])
        first += len(block)
        on_progress(first / len(symbols))
    weights = np.zeros((len(vocabulary), num_labels))
    probability = np.zeros((len(vocabulary), num_labels))  # P_c(w | h) of the n-gram h w
    for n in orders:
        grams = np.flatnonzero(ngrams.order == n)
        counts = ngrams.counts[grams]  # (G_n, C)
        context = ngrams.context[grams]
        lower = np.full((1, num_labels), 1.0 / num_symbols) if n == 1 else probability[ngrams.lower[grams]]
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
    given = np.flatnonzero(ngrams.given)
    weights[given] -= np.log(probability[given])
    return weights


class _Counted:
    """What the names say of each n-gram of a vocabulary, added up name by name."""

    def __init__(self, vocabulary: NgramVocabulary, num_labels: int, *, backward: bool) -> None:
        size = len(vocabulary)
        self.vocabulary = vocabulary
        self.backward = backward
        # How often it stands in the names of each label, the first symbol left out.
        self.counts = np.zeros((size, num_labels))
        self.order = np.zeros(size, dtype=np.int64)  # number of its symbols, 0 where it stands in no name
        self.context = np.zeros(size, dtype=np.int64)  # row of the n-gram without the symbol read last
        self.lower = np.zeros(size, dtype=np.int64)  # row of the n-gram without the symbol read first
        self.given = np.zeros(size, dtype=np.bool_)  # whether it is the symbol that is read first of a name

    def add(self, symbols: Symbols, origins: NDArray[np.integer]) -> None:
        steps = symbols.steps
        rows = self.vocabulary.lookup(symbols.ids, steps) - 1  # (total, K), -1 for none, of those that end at a symbol
        labels = np.repeat(np.asarray(origins, dtype=np.int64), symbols.lengths)
        if self.backward:
            steps = np.repeat(symbols.lengths, symbols.lengths) - 1 - steps
            rows = _starting(rows, steps)
            # Everything in reading order: the last name comes first, and of each name its end.
            steps, rows, labels = steps[::-1], rows[::-1], labels[::-1]
        num_labels = self.counts.shape[1]
        for n in self.vocabulary.orders:
            places = np.flatnonzero(rows[:, n - 1] >= 0)
            grams = rows[places, n - 1]
            self.order[grams] = n
            if n > 1:
                self.context[grams] = rows[places - 1, n - 2]
                self.lower[grams] = rows[places, n - 2]
            predicted = steps[places] > 0
            cells = grams[predicted].astype(np.int64) * num_labels + labels[places[predicted]]
            np.add.at(self.counts.reshape(-1), cells, 1.0)
        given = rows[steps == 0, 0]
        self.given[given[given >= 0]] = True


def _starting(rows: NDArray[np.int32], left: NDArray[np.int64]) -> NDArray[np.int32]:
    """Rows (total, K) of the n-grams that start at a symbol, of those that end there; `left` symbols come after it."""
    starting = np.full_like(rows, -1)
    for column in range(rows.shape[1]):
        starts = np.flatnonzero(left >= column)
        starting[starts, column] = rows[starts + column, column]
    return starting
