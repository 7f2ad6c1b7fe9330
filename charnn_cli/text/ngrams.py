"""The n-grams that end at each symbol of a name, as rows of a table.

An n-gram is known by a 64-bit code, a polynomial of its symbols modulo 2**64, so that a vocabulary is one
sorted array and a whole batch is looked up at once.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from charnn_cli.text.alphabet import Symbols

BULK = 1 << 15  # codes from which on the index below repays its making
# Two n-grams have one code only where the differences of their symbols, as the coefficients of a polynomial, vanish at
# the multiplier modulo 2**64. Its spectral test (Steele and Vigna 2022, "Computationally easy, spectrally good
# multipliers for congruential pseudorandom number generators") says how large such differences must be: codes of up to
# 4, 5, 6 and 8 symbols are unique in alphabets of up to 33,000, 3,200, 700 and 97. Beyond that a clash is chance: 1e-9
# for a vocabulary of 200,000.
MULTIPLIER = np.uint64(0xD1342543DE82EF95)
INVERSE = np.uint64(pow(int(MULTIPLIER), -1, 2**64))
AT_ONCE = 1 << 12  # names whose codes are sorted at once: memory depends on it, and the processor's cache holds them

Counted = tuple[NDArray[np.uint64], NDArray[np.signedinteger]]  # codes of n-grams (G,), sorted, and their counts


def ngram_codes(
    ids: NDArray[np.integer], steps: NDArray[np.int64], orders: Iterable[int]
) -> dict[int, NDArray[np.uint64]]:
    """Codes of the n-grams of each order that end at each symbol, 0 where the name has too few symbols before it.

    `ids` (total,) are the symbols of names laid end to end, `steps` (total,) each one's position in its name.
    """
    wanted = set(orders)
    values = ids.astype(np.uint64) + np.uint64(1)  # so that no symbol is the absence of one
    codes = np.zeros(len(ids), dtype=np.uint64)
    result: dict[int, NDArray[np.uint64]] = {}
    for order in range(1, max(wanted, default=0) + 1):
        codes = (np.append(np.uint64(0), codes)[: len(ids)] + values) * MULTIPLIER
        if order in wanted:
            result[order] = np.where(steps + 1 >= order, codes, np.uint64(0))
    return result


class NgramIndex:
    """Rows of n-gram codes: 1 to G, or 0 where a code is not in the vocabulary.

    A binary search jumps through the whole vocabulary for every code. The codes are spread evenly over 64 bits, so
    their first bits tell where in the sorted array a code would stand, to within a place or two.
    """

    def __init__(self, codes: NDArray[np.uint64]) -> None:
        self._codes = np.append(codes, np.uint64(2**64 - 1))  # what a search may run into at the end
        self._size = len(codes)
        self.starts: NDArray[np.int64] | None = None
        self._shift = np.uint64(64 - max(1, min(20, self._size.bit_length() + 1)))

    def rows(self, wanted: NDArray[np.uint64]) -> NDArray[np.int64]:
        """(M,) codes → (M,) rows."""
        places = self.below(wanted)
        return np.where((self._codes[places] == wanted) & (places < self._size), places + 1, 0)

    def below(self, wanted: NDArray[np.uint64]) -> NDArray[np.int64]:
        """How many of the vocabulary's codes are smaller than each of these, (M,)."""
        if self.starts is None and len(wanted) < BULK:
            return np.searchsorted(self._codes[:-1], wanted)
        if self.starts is None:
            firsts = np.arange(1 << (64 - int(self._shift)), dtype=np.uint64) << self._shift
            self.starts = np.searchsorted(self._codes[:-1], firsts)
        places: NDArray[np.int64] = self.starts[wanted >> self._shift]
        before = np.flatnonzero(self._codes[places] < wanted)
        while len(before):
            places[before] += 1
            before = before[self._codes[places[before]] < wanted[before]]
        return places


@dataclass(frozen=True)
class NgramVocabulary:
    """The n-grams that a model has weights for."""

    codes: NDArray[np.uint64]  # (G,), sorted
    orders: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def learned(cls, symbols: Symbols, orders: Iterable[int], *, min_count: int, max_size: int) -> "NgramVocabulary":
        """The `most_frequent` n-grams of some names."""
        orders = tuple(orders)
        return cls.most_frequent(_counted(symbols, orders), orders, min_count=min_count, max_size=max_size)

    @classmethod
    def most_frequent(
        cls, counted: Counted, orders: tuple[int, ...], *, min_count: int, max_size: int
    ) -> "NgramVocabulary":
        """The n-grams that stand at least `min_count` times, at most `max_size` of them.

        Where there are more, those that stand fewer times than some number are left out: of an n-gram that is kept,
        every part of a wanted order is kept too, since it stands in the names at least as often.
        """
        codes, counts = counted
        if len(counts) > max_size:
            min_count = max(min_count, int(np.sort(counts)[-max_size - 1]) + 1)
        return cls(codes[counts >= min_count], orders)

    def shorter(self, number: int) -> "NgramVocabulary":
        """Those of the first `number` orders; the vocabulary must hold orders 1 to K and, of each n-gram, its parts."""
        order, _, _ = self.parts()
        return NgramVocabulary(self.codes[order <= number], self.orders[:number])

    def holds(self, other: "NgramVocabulary") -> bool:
        """Whether every n-gram of the other vocabulary is in this one."""
        return bool(np.isin(other.codes, self.codes, assume_unique=True).all())

    def parts(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Of each n-gram, (G,): its order; where its part without the last, and without the first symbol stands.

        For a single symbol that is -1. The vocabulary must hold orders 1 to K and, of each n-gram, its parts.

        A code divided by the multiplier is that of the part without the last symbol, plus the value of that symbol,
        which is small. No other known code is as little below: two n-grams would have one code.
        """
        codes = np.append(np.uint64(0), self.codes)  # with the n-gram of no symbols
        without_last = np.append(0, self.index.below(self.codes * INVERSE))  # whose code is the next one below
        order, first = np.ones(len(codes), np.int64), np.arange(len(codes))
        for _ in self.orders[1:]:
            shorter = without_last[first]
            order += shorter > 0
            first = np.where(shorter > 0, shorter, first)
        without_first = self.index.rows(codes - codes[first] * MULTIPLIER ** (order - 1).astype(np.uint64))
        return order[1:], without_last[1:] - 1, without_first[1:] - 1

    def lookup(self, ids: NDArray[np.integer], steps: NDArray[np.int64]) -> NDArray[np.int32]:
        """Rows (total, orders) of the n-grams that end at each symbol: 1 to G, or 0 for none that is known."""
        if not len(self.codes):
            return np.zeros((len(ids), len(self.orders)), dtype=np.int32)
        by_order = ngram_codes(ids, steps, self.orders)
        wanted = np.stack([by_order[order] for order in self.orders], axis=1).reshape(-1)  # (total · O,)
        return self.index.rows(wanted).astype(np.int32).reshape(len(ids), len(self.orders))

    @cached_property
    def index(self) -> NgramIndex:
        """Where its codes stand; made once."""
        return NgramIndex(self.codes)


@dataclass(frozen=True, slots=True)
class LabelledNgrams:
    """All n-grams of the names of each label, and how often each stands there."""

    orders: tuple[int, ...]
    names: NDArray[np.int64]  # (C,)
    by_label: list[Counted]  # of each label

    @classmethod
    def of(
        cls,
        symbols: Symbols,
        origins: NDArray[np.integer],
        orders: tuple[int, ...],
        *,
        num_labels: int,
        on_progress: Callable[[float], None] = lambda share: None,
    ) -> "LabelledNgrams":
        """Those of names (N,) with their labels; `on_progress` takes the share of the names that are counted."""
        names = np.bincount(origins, minlength=num_labels)
        by_label = []
        for rows in np.split(np.argsort(origins, kind="stable"), np.cumsum(names)[:-1]):
            by_label.append(_counted(symbols.take(rows), orders))
            on_progress(names[: len(by_label)].sum() / max(len(symbols), 1))
        return cls(orders, names, by_label)

    def __add__(self, other: "LabelledNgrams") -> "LabelledNgrams":
        """Of the names of both."""
        pairs = zip(self.by_label, other.by_label, strict=True)
        return LabelledNgrams(self.orders, self.names + other.names, [_added_up(list(pair)) for pair in pairs])

    def vocabulary(self, *, min_count: int, max_size: int) -> NgramVocabulary:
        """The `most_frequent` n-grams, whatever the label."""
        return NgramVocabulary.most_frequent(
            _added_up(self.by_label), self.orders, min_count=min_count, max_size=max_size
        )

    def counts(self, vocabulary: NgramVocabulary) -> NDArray[np.int32]:
        """How often each n-gram of a vocabulary stands in the names of each label, (G, C)."""
        counts = np.zeros((len(vocabulary) + 1, len(self.names)), dtype=np.int32)  # the first row of all others
        for label, (codes, found) in enumerate(self.by_label):
            counts[vocabulary.index.rows(codes), label] = found
        return counts[1:]


def _counted(symbols: Symbols, orders: tuple[int, ...]) -> Counted:
    """Codes of the n-grams of some names, sorted, and how often each stands there.

    Names are counted block by block. Blocks are added up when they hold as many n-grams as are known, so that memory
    goes with the n-grams and not with the names, and time with the names.
    """
    parts: list[Counted] = [(np.empty(0, np.uint64), np.empty(0, np.int32))]
    pending = 0
    for block in replace(symbols, block_names=min(symbols.block_names, AT_ONCE)).blocks():
        by_order = ngram_codes(block.ids, block.steps, orders)
        new = [np.unique(codes, return_counts=True) for codes in by_order.values()]
        parts += new
        pending += sum(len(codes) for codes, _ in new)
        if pending >= len(parts[0][0]):
            parts, pending = [_added_up(parts)], 0
    codes, counts = _added_up(parts)
    return codes[codes != 0], counts[codes != 0]


def _added_up(parts: list[Counted]) -> Counted:
    codes, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(codes)
    codes = codes[order]
    starts = np.flatnonzero(np.append(True, codes[1:] != codes[:-1])[: len(codes)])
    return codes[starts], np.add.reduceat(counts[order], starts, dtype=np.int32)
