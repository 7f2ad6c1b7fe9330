"""The wide part: for each name the sum of its n-grams' weights, a share of its logits.

The longest known n-gram that ends at a symbol spells all the shorter ones that end there. So its row names their sum,
which is made when a name first asks for it: over a window of names there are 5 to 25 times fewer than symbols.
"""

import numpy as np

from charnn_cli.engine.products import Array
from charnn_cli.engine.recurrence import Rows, active_counts, longest_first
from charnn_cli.text.alphabet import Symbols
from charnn_cli.text.ngrams import BULK, NgramVocabulary, ngram_codes

BLOCK = 1024  # names whose sums stay in the processor's cache while they are added up


class WideSums:
    """Weights (G + 1, C) of the n-grams of a vocabulary, row 0 zeros, and the sums made of them so far."""

    def __init__(self, vocabulary: NgramVocabulary, weights: Array) -> None:
        self._orders = vocabulary.orders
        self._index = vocabulary.index
        self._weights = weights
        self._sums = np.empty_like(weights)  # of all known n-grams that end where this, the longest, does
        self._sums[0] = 0
        self._is_made = np.zeros(len(weights), dtype=bool)
        self._is_made[0] = True
        self._is_touched = False

    def logits(self, symbols: Symbols) -> Array:
        """The sum over each name's symbols, divided by the root of their number, (N, C)."""
        longest = self._longest(symbols)
        order = longest_first(symbols.lengths)
        logits = np.empty((len(order), self._weights.shape[1]), dtype=np.float32)
        for start in range(0, len(order), BLOCK):
            rows = order[start : start + BLOCK]
            logits[rows] = self._added_up(longest, symbols.offsets[rows], symbols.lengths_of(rows))
        return logits

    def _added_up(self, longest: Rows, first: Rows, lengths: Rows) -> Array:
        """The logits of names that begin at `first`, longest first."""
        total = np.zeros((len(first), self._weights.shape[1]), dtype=np.float32)
        spare = np.empty_like(total)
        for t, active in enumerate(active_counts(lengths)):
            total[:active] += np.take(self._sums, longest[first[:active] + t], axis=0, out=spare[:active], mode="clip")
        total /= np.sqrt(np.maximum(lengths, 1)).astype(np.float32)[:, None]
        return total

    def _longest(self, symbols: Symbols) -> Rows:
        """Row of the longest known n-gram that ends at each symbol (total,), 0 for none; its sum is made."""
        codes = ngram_codes(symbols.ids, symbols.steps, self._orders)
        longest = np.zeros(len(symbols.ids), dtype=np.int64)
        unknown = np.arange(len(longest))
        for order in sorted(codes, reverse=True):
            rows = self._index.rows(codes[order][unknown])
            longest[unknown] = rows
            unknown = unknown[rows == 0]
        if len(longest) >= BULK and not self._is_touched:
            # Take the table's memory at once, so that a long run stands from its first window at what it needs.
            self._sums[~self._is_made] = 0
            self._is_touched = True
        new = np.flatnonzero(~self._is_made[longest])
        if len(new):
            made, first = np.unique(longest[new], return_index=True)
            sums = np.zeros((len(made), self._weights.shape[1]), dtype=np.float32)
            for order in self._orders:
                rows = self._index.rows(codes[order][new[first]])
                known = np.flatnonzero(rows)
                sums[known] += self._weights[rows[known]]
            self._sums[made] = sums
            self._is_made[made] = True
        return longest
