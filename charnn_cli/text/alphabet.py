"""Texts → symbols: the integers that a network reads."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

PADDING, UNKNOWN, BEGIN, END = range(4)
FIRST_SYMBOL = 4
BLOCK_NAMES = 1 << 14


@dataclass(frozen=True, slots=True)
class Symbols:
    """The symbols of several names, end to end: name n is `ids[offsets[n]:offsets[n + 1]]`."""

    ids: NDArray[np.integer]  # (total,)
    offsets: NDArray[np.int64]  # (N + 1,)
    block_names: int = BLOCK_NAMES  # names that are worked on at once: memory depends on it alone

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Symbols of each name, begin and end included, (N,)."""
        return np.diff(self.offsets)

    def lengths_of(self, rows: NDArray[np.integer]) -> NDArray[np.int64]:
        """Symbols of some of the names, (B,), in time that does not depend on how many others there are."""
        lengths: NDArray[np.int64] = self.offsets[1:][rows] - self.offsets[:-1][rows]
        return lengths

    @property
    def steps(self) -> NDArray[np.int64]:
        """Position of each symbol in its name, (total,)."""
        return np.arange(len(self.ids)) - np.repeat(self.offsets[:-1], self.lengths)

    def blocks(self) -> "Iterator[Symbols]":
        """All names, some ten thousand at a time."""
        for first in range(0, len(self), self.block_names):
            offsets = self.offsets[first : first + self.block_names + 1]
            yield Symbols(self.ids[offsets[0] : offsets[-1]], offsets - offsets[0], self.block_names)

    def lengths_before(self, ids: NDArray[np.integer]) -> NDArray[np.int64]:
        """Symbols of each name that stand before the first of `ids`, all where it has none of them, (N,)."""
        places = np.append(np.flatnonzero(np.isin(self.ids, ids)), len(self.ids))
        first = places[np.searchsorted(places, self.offsets[:-1])]
        before: NDArray[np.int64] = np.minimum(first - self.offsets[:-1], self.lengths)
        return before

    def holding(self, ids: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Whether each name has one of `ids` among its symbols, (N,)."""
        found: NDArray[np.bool_] = self.lengths_before(ids) < self.lengths
        return found

    def take(self, rows: NDArray[np.integer]) -> "Symbols":
        """The given names, in the given order."""
        lengths = self.lengths_of(rows)
        offsets = np.append(np.int64(0), np.cumsum(lengths))
        ids = np.empty(offsets[-1], dtype=self.ids.dtype)
        for first in range(0, len(rows), self.block_names):  # places take eight times the memory of the symbols
            block = slice(first, first + self.block_names)
            begin, end = offsets[first], offsets[min(first + self.block_names, len(rows))]
            moved = self.offsets[:-1][rows[block]] - offsets[:-1][block]
            ids[begin:end] = self.ids[np.arange(begin, end) + np.repeat(moved, lengths[block])]
        return Symbols(ids, offsets, self.block_names)

    def padded(self, rows: NDArray[np.int64], lengths: NDArray[np.int64] | None = None) -> NDArray[np.int32]:
        """The given names, or their first `lengths` (B,) symbols, as a matrix (B, T), filled up with `PADDING`."""
        if lengths is None:
            lengths = self.lengths_of(rows)
        steps = np.arange(int(lengths.max(initial=1)))
        inside = steps[None, :] < lengths[:, None]  # (B, T)
        matrix = np.full(inside.shape, PADDING, dtype=np.int32)
        matrix[inside] = self.ids[(self.offsets[rows][:, None] + steps)[inside]]
        return matrix


class Alphabet:
    """The characters that a model knows, each with its symbol.

    Symbols 0 to 3 are padding, unknown, begin and end; character i of `characters` is symbol 4 + i.
    """

    def __init__(self, characters: Sequence[str]) -> None:
        self.characters = tuple(characters)
        self._codes = np.array([ord(character) for character in self.characters], dtype=np.uint32)
        self._table = np.full(int(self._codes.max(initial=0)) + 2, UNKNOWN, dtype=np.int32)
        self._table[self._codes] = np.arange(len(self.characters), dtype=np.int32) + FIRST_SYMBOL

    @classmethod
    def learned(cls, texts: Iterable[str]) -> "Alphabet":
        """Every character of these texts, sorted."""
        return cls(sorted(set(chain.from_iterable(texts))))

    @property
    def spaces(self) -> NDArray[np.int32]:
        """The symbol that stands between words, (1,), or none where the alphabet was learned from single words."""
        codes: NDArray[np.int32] = self._table[self._codes[self._codes == ord(" ")]]
        return codes

    def __len__(self) -> int:
        """Number of symbols, the four special ones included."""
        return FIRST_SYMBOL + len(self.characters)

    def encode(self, texts: Sequence[str], *, boundaries: bool, marks: Sequence[str] = ()) -> Symbols:
        """Symbols of normalised texts; a character that is not in the alphabet becomes `UNKNOWN`.

        With `boundaries` marks stand between the end of the text and another end.
        """
        code_points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        ids = self._table[np.minimum(code_points, len(self._table) - 1)]
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        if boundaries and marks:
            is_mark = np.isin(code_points, np.array([ord(mark) for mark in marks], dtype=np.uint32))
            goes_on = np.append(False, is_mark)[: len(is_mark)]
            goes_on[offsets[:-1][lengths > 0]] = False
            first = np.flatnonzero(is_mark & ~goes_on)
            ids = np.insert(ids, first, END)
            offsets = offsets + np.searchsorted(first, offsets)
        if boundaries:
            ids = np.insert(ids, offsets[:-1], BEGIN)
            offsets = offsets + np.arange(len(lengths) + 1)
            ids = np.insert(ids, offsets[1:], END)
            offsets = offsets + np.arange(len(lengths) + 1)
        return Symbols(ids.astype(np.int32, copy=False), offsets)
