"""What the first layer reads at each symbol, each distinct input worked out once.

With n-grams, the input at a symbol is the symbol's embedding plus those of the known n-grams that end there. The
longest of them spells all the shorter ones, and the symbol: so its row names the input, and over a window of names
there are 5 to 25 times fewer distinct inputs than symbols.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charnn_cli.engine.plan import Rows, active_counts, longest_first
from charnn_cli.engine.weights import Array, padded, round_up
from charnn_cli.text.alphabet import PADDING, UNKNOWN, Symbols
from charnn_cli.text.ngrams import BULK, NgramIndex, NgramVocabulary, ngram_codes
from charnn_cli.trained import TrainedModel


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of several names: the symbol at place p reads `vectors[ids[p]]`."""

    ids: Rows  # (total,)
    vectors: Array  # (inputs of the model, I), padded columns; rows that no name asked for hold anything
    wide: Array | None  # (N, C), the wide part's share of the logits


class InputTable:
    """Makes `Inputs` of symbols by the embeddings of a model; remembers the sums it made."""

    def __init__(self, trained: TrainedModel) -> None:
        architecture, tensors = trained.architecture, trained.tensors
        num_symbols = len(trained.alphabet)
        self.width = num_symbols if architecture.input == "one_hot" else architecture.embedding_size
        self.padded_width = round_up(self.width)
        if architecture.input == "one_hot":
            vectors = np.eye(num_symbols, dtype=np.float32)
            vectors[[PADDING, UNKNOWN]] = 0
        elif architecture.cell == "lesson":
            vectors = np.zeros((num_symbols, self.width), dtype=np.float32)
        else:
            vectors = tensors["embedding.weight"]
        self._vectors = padded(vectors, num_symbols, self.padded_width)
        self._ngrams = None
        self._reads_ngrams = architecture.input == "ngrams"
        if architecture.uses_ngrams and trained.ngrams is not None:
            self._ngrams = _NgramSums(
                trained.ngrams,
                num_symbols,
                tensors["ngram_embedding.weight"] if self._reads_ngrams else None,
                tensors["wide.weight"] if architecture.wide else None,
                self._vectors,
            )

    def read(self, symbols: Symbols) -> Inputs:
        """The inputs of these names."""
        ids = symbols.ids.astype(np.int64)
        if self._ngrams is None:
            return Inputs(ids, self._vectors, None)
        keys = self._ngrams.keys(symbols)
        wide = None if self._ngrams.wide is None else _sums_by_name(self._ngrams.wide, keys, symbols)
        if self._reads_ngrams:
            return Inputs(keys, self._ngrams.vectors, wide)
        return Inputs(ids, self._vectors, wide)


class _NgramSums:
    """For each input, named V + row of the longest known n-gram or else the symbol, the sums over its n-grams.

    The sums are made when a name first asks for them.
    """

    def __init__(
        self,
        vocabulary: NgramVocabulary,
        num_symbols: int,
        ngram_vectors: Array | None,
        ngram_wide: Array | None,
        symbol_vectors: Array,
    ) -> None:
        size = num_symbols + len(vocabulary) + 1
        self._orders = vocabulary.orders
        self._num_symbols = num_symbols
        self._index = NgramIndex(vocabulary.codes)
        self._ngram_vectors, self._ngram_wide = ngram_vectors, ngram_wide
        self._symbol_vectors = symbol_vectors
        self._is_made = np.zeros(size, dtype=bool)
        self._is_touched = False
        self.vectors = np.empty((size if ngram_vectors is not None else 0, symbol_vectors.shape[1]), dtype=np.float32)
        self.wide = None if ngram_wide is None else np.empty((size, ngram_wide.shape[1]), dtype=np.float32)

    def keys(self, symbols: Symbols) -> Rows:
        """The input at each symbol (total,), its sums made."""
        steps = np.arange(len(symbols.ids)) - np.repeat(symbols.offsets[:-1], symbols.lengths)
        codes = ngram_codes(symbols.ids, steps, self._orders)
        keys = symbols.ids.astype(np.int64)
        unknown = np.arange(len(keys))
        for order in sorted(codes, reverse=True):
            rows = self._index.rows(codes[order][unknown])
            known = rows > 0
            keys[unknown[known]] = self._num_symbols + rows[known]
            unknown = unknown[~known]
        if len(keys) >= BULK and not self._is_touched:
            self._touch()
        new = np.flatnonzero(~self._is_made[keys])
        if len(new):
            made, first = np.unique(keys[new], return_index=True)
            self._make(made, symbols.ids[new[first]], {order: code[new[first]] for order, code in codes.items()})
        return keys

    def _touch(self) -> None:
        """Take the tables' memory at once, so that a long run stands from its first window at what it needs."""
        for table in (self.vectors, self.wide):
            if table is not None and len(table):
                table[~self._is_made] = 0
        self._is_touched = True

    def _make(self, keys: Rows, symbols: NDArray[np.integer], codes: dict[int, NDArray[np.uint64]]) -> None:
        rows = [self._index.rows(codes[order]) for order in self._orders]
        if self._ngram_vectors is not None:
            width = self._ngram_vectors.shape[1]
            vectors = self._symbol_vectors[symbols]
            vectors[:, :width] += _sums(self._ngram_vectors, rows)
            self.vectors[keys] = vectors
        if self.wide is not None and self._ngram_wide is not None:
            self.wide[keys] = _sums(self._ngram_wide, rows)
        self._is_made[keys] = True


def _sums(table: Array, rows: list[Rows]) -> Array:
    """Sum of the table's rows for each input, one order after the other; row 0 is zero."""
    total = np.zeros((len(rows[0]) if rows else 0, table.shape[1]), dtype=np.float32)
    for row in rows:
        known = np.flatnonzero(row)
        total[known] += table[row[known]]
    return total


def _sums_by_name(table: Array, ids: Rows, symbols: Symbols) -> Array:
    """Sum of the table's rows over each name's symbols, divided by the root of their number, (N, C)."""
    order = longest_first(symbols.lengths)
    lengths, first = symbols.lengths[order], symbols.offsets[:-1][order]
    total = np.zeros((len(order), table.shape[1]), dtype=np.float32)
    for t, active in enumerate(active_counts(lengths)):
        total[:active] += table[ids[first[:active] + t]]
    total /= np.sqrt(np.maximum(lengths, 1)).astype(np.float32)[:, None]
    sums = np.empty_like(total)
    sums[order] = total
    return sums


def compact(keys: Rows, size: int) -> tuple[Rows, Rows]:
    """Distinct keys, all below `size`, and the place of each key among them."""
    place_of = np.zeros(size, dtype=np.int64)
    place_of[keys] = 1
    distinct = np.flatnonzero(place_of)
    place_of[distinct] = np.arange(len(distinct))
    return distinct, place_of[keys]
