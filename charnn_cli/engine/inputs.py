"""What the first layer reads at each symbol, each distinct input worked out once.

With n-grams, the input at a symbol is the symbol's embedding plus those of the known n-grams that end there. The
longest of them spells all the shorter ones, and the symbol: so its row names the input, and over a window of names
there are 5 to 25 times fewer distinct inputs than symbols.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charnn_cli.engine.ngram_index import NgramIndex
from charnn_cli.engine.plan import Rows, active_counts, longest_first
from charnn_cli.engine.weights import Array, padded, round_up
from charnn_cli.ngrams import ngram_codes
from charnn_cli.text import PADDING, UNKNOWN, Symbols
from charnn_cli.trained import TrainedModel


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of several names: the symbol at place p reads `vectors[ids[p]]`."""

    ids: Rows  # (total,)
    vectors: Array  # (U, I), padded columns
    wide: Array | None  # (N, C), the wide part's share of the logits


class InputTable:
    """Makes `Inputs` of symbols by the embeddings of a model."""

    def __init__(self, trained: TrainedModel) -> None:
        architecture, tensors = trained.architecture, trained.tensors
        self.architecture = architecture
        self.num_symbols = len(trained.alphabet)
        self.ngrams = trained.ngrams if architecture.uses_ngrams else None
        self.index = None if self.ngrams is None else NgramIndex(self.ngrams.codes)
        self._ngram_vectors = tensors["ngram_embedding.weight"] if architecture.input == "ngrams" else None
        self._wide = tensors["wide.weight"] if architecture.wide else None
        self.width = self.num_symbols if architecture.input == "one_hot" else architecture.embedding_size
        self.padded_width = round_up(self.width)
        if architecture.input == "one_hot":
            self._vectors = np.eye(self.num_symbols, dtype=np.float32)
            self._vectors[[PADDING, UNKNOWN]] = 0
        else:
            self._vectors = tensors["embedding.weight"]

    def read(self, symbols: Symbols) -> Inputs:
        """The inputs of these names."""
        if self.ngrams is None or self.index is None:
            distinct, ids = compact(symbols.ids.astype(np.int64), self.num_symbols)
            return Inputs(ids, self._padded(self._vectors[distinct]), None)
        steps = np.arange(len(symbols.ids)) - np.repeat(symbols.offsets[:-1], symbols.lengths)
        orders = self.ngrams.orders
        codes = ngram_codes(symbols.ids, steps, orders)
        keys = self._keys(symbols, codes)
        size = self.num_symbols + len(self.ngrams) + 1
        distinct, ids, place = _representatives(keys, size)
        rows = np.stack([self.index.rows(codes[order][place]) for order in orders], axis=1)  # (U, O)
        wide = None if self._wide is None else self._wide_sums(self._sums(self._wide, rows), ids, symbols)
        if self._ngram_vectors is not None:
            vectors = self._vectors[symbols.ids[place]] + self._sums(self._ngram_vectors, rows)
        else:
            distinct, ids = compact(symbols.ids.astype(np.int64), self.num_symbols)
            vectors = self._vectors[distinct]
        return Inputs(ids, self._padded(vectors), wide)

    def _keys(self, symbols: Symbols, codes: dict[int, NDArray[np.uint64]]) -> Rows:
        """Names of the inputs: V + row of the longest known n-gram that ends at each symbol, else the symbol."""
        keys = symbols.ids.astype(np.int64)
        unknown = np.arange(len(keys))
        for order in sorted(codes, reverse=True):
            rows = self.index.rows(codes[order][unknown])  # type: ignore[union-attr]
            known = rows > 0
            keys[unknown[known]] = self.num_symbols + rows[known]
            unknown = unknown[~known]
        return keys

    def _sums(self, table: Array, rows: Rows) -> Array:
        """Sum of the table's rows for each input (U, O) → (U, columns), one order after the other."""
        total = table[rows[:, 0]] if rows.shape[1] else np.zeros((len(rows), table.shape[1]), dtype=np.float32)
        for order in range(1, rows.shape[1]):
            known = np.flatnonzero(rows[:, order])
            total[known] += table[rows[known, order]]
        return total

    def _wide_sums(self, by_input: Array, ids: Rows, symbols: Symbols) -> Array:
        """Sum over each name's symbols, divided by the root of their number, (N, C)."""
        lengths = symbols.lengths
        order = longest_first(lengths)
        first = symbols.offsets[:-1][order]
        total = np.zeros((len(order), by_input.shape[1]), dtype=np.float32)
        for t, active in enumerate(active_counts(lengths[order])):
            total[:active] += by_input[ids[first[:active] + t]]
        total /= np.sqrt(np.maximum(lengths[order], 1)).astype(np.float32)[:, None]
        sums = np.empty_like(total)
        sums[order] = total
        return sums

    def _padded(self, vectors: Array) -> Array:
        return padded(vectors, len(vectors), self.padded_width)


def compact(keys: Rows, size: int) -> tuple[Rows, Rows]:
    """Distinct keys below `size`, and the place of each key among them."""
    distinct, ids, _ = _representatives(keys, size)
    return distinct, ids


def _representatives(keys: Rows, size: int) -> tuple[Rows, Rows, Rows]:
    """As `compact`, and a place in `keys` where each distinct key stands."""
    place_of = np.full(size, -1, dtype=np.int64)
    place_of[keys] = np.arange(len(keys))
    distinct = np.flatnonzero(place_of >= 0)
    place = place_of[distinct]
    place_of[distinct] = np.arange(len(distinct))
    return distinct, place_of[keys], place
