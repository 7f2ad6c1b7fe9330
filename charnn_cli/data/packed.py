"""Millions of short texts in two arrays.

A Python string of nine letters takes some sixty bytes, and a list eight more to point to it. Here the same text takes
nine bytes and the place where it begins.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise
from typing import SupportsIndex, overload

import numpy as np
from numpy.typing import NDArray

BLOCK_ROWS = 1 << 16  # rows whose strings or places are held at once; nothing else depends on it
WORD_BYTES = 8
_CONTINUATION = 0b10  # the first two bits of a UTF-8 byte that begins no character


class PackedTexts(Sequence[str]):
    """Texts in UTF-8, end to end: text n is `data[offsets[n]:offsets[n + 1]]`. Equal to any sequence of the same texts.

    data: (total,) bytes. offsets: (N + 1,).
    """

    def __init__(self, data: NDArray[np.uint8], offsets: NDArray[np.int64], block_rows: int = BLOCK_ROWS) -> None:
        self.data = data
        self.offsets = offsets
        self.block_rows = block_rows

    @classmethod
    def of(cls, texts: Iterable[str], block_rows: int = BLOCK_ROWS) -> "PackedTexts":
        """Pack texts; those of an iterator are held as strings for one block at a time."""
        remaining = iter(texts)
        parts = []
        while block := list(islice(remaining, block_rows)):
            joined = "".join(block)
            data = joined.encode("utf-8", "surrogatepass")
            lengths = map(len, block) if len(data) == len(joined) else map(_utf8_length, block)
            ends = np.cumsum(np.fromiter(lengths, dtype=np.int64, count=len(block)))
            parts.append(cls(np.frombuffer(data, dtype=np.uint8), np.append(np.int64(0), ends), block_rows))
        return cls.joined(parts, block_rows)

    @classmethod
    def joined(cls, parts: Sequence["PackedTexts"], block_rows: int = BLOCK_ROWS) -> "PackedTexts":
        """The texts of all the parts, in order."""
        starts = np.cumsum([0, *(len(part.data) for part in parts)])
        offsets = [part.offsets[:-1] + start for part, start in zip(parts, starts, strict=False)]
        data = [np.empty(0, dtype=np.uint8), *(part.data for part in parts)]
        return cls(np.concatenate(data), np.concatenate([*offsets, starts[-1:]]), block_rows)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, row: SupportsIndex) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> "PackedTexts": ...
    def __getitem__(self, row: SupportsIndex | slice) -> "str | PackedTexts":
        if isinstance(row, slice):
            first, last, step = row.indices(len(self))
            if step != 1:
                return self.take(np.array(range(first, last, step), dtype=np.int64))
            offsets = self.offsets[first : max(first, last) + 1]
            return PackedTexts(self.data[offsets[0] : offsets[-1]], offsets - offsets[0], self.block_rows)
        start, end = self.offsets[range(len(self))[row]], self.offsets[range(1, len(self) + 1)[row]]
        return self.data[start:end].tobytes().decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(map(self._strings, range(0, len(self), self.block_rows)))

    def _strings(self, start: int) -> Iterator[str]:
        """The texts of the block that starts at a row."""
        offsets = self.offsets[start : start + self.block_rows + 1]
        data = self.data[offsets[0] : offsets[-1]].tobytes()
        places = pairwise((offsets - offsets[0]).tolist())
        if data.isascii():
            text = data.decode("ascii")
            return (text[begin:end] for begin, end in places)
        return (data[begin:end].decode("utf-8", "surrogatepass") for begin, end in places)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PackedTexts):
            return np.array_equal(self.offsets, other.offsets) and np.array_equal(self.data, other.data)
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(str.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"PackedTexts of {len(self):,} texts"

    def take(self, rows: NDArray[np.integer]) -> "PackedTexts":
        """The texts of these rows, (M,), in their order."""
        starts = self.offsets[:-1][rows]
        lengths = self.offsets[1:][rows] - starts
        offsets = np.append(np.int64(0), np.cumsum(lengths))
        data = np.empty(offsets[-1], dtype=np.uint8)
        for first in range(0, len(rows), self.block_rows):  # places take eight times the memory of the bytes
            block = slice(first, first + self.block_rows)
            begin, end = offsets[first], offsets[min(first + self.block_rows, len(rows))]
            places = np.repeat(starts[block] - offsets[:-1][block], lengths[block]) + np.arange(begin, end)
            data[begin:end] = self.data[places]
        return PackedTexts(data, offsets, self.block_rows)

    @property
    def ascii(self) -> NDArray[np.bool_]:
        """Whether each text is all ASCII, (N,)."""
        only_ascii: NDArray[np.bool_] = self._counts(lambda data: data > 0x7F) == 0
        return only_ascii

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Characters of each text, (N,)."""
        return self._counts(lambda data: data >> 6 != _CONTINUATION)

    def _counts(self, wanted: Callable[[NDArray[np.uint8]], NDArray[np.bool_]]) -> NDArray[np.int64]:
        """How many bytes of each text are wanted, (N,)."""
        counts = np.empty(len(self), dtype=np.int64)
        for first in range(0, len(self), self.block_rows):
            offsets = self.offsets[first : first + self.block_rows + 1]
            before = np.append(0, np.cumsum(wanted(self.data[offsets[0] : offsets[-1]]), dtype=np.int64))
            counts[first : first + self.block_rows] = np.diff(before[offsets - offsets[0]])
        return counts

    @property
    def code_points(self) -> NDArray[np.uint32]:
        """The characters of all texts, end to end."""
        text = self.data.tobytes().decode("utf-8", "surrogatepass")
        return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)

    @property
    def characters(self) -> str:
        """Every character that stands in these texts, sorted."""
        seen = np.zeros(0x110000, dtype=np.bool_)
        for start in range(0, len(self), self.block_rows):
            seen[self[start : start + self.block_rows].code_points] = True
        return "".join(map(chr, np.flatnonzero(seen)))

    def order(self, then: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Rows sorted by text as Python sorts strings, then by `then` (N,), then by place.

        With them, for each place of the sorted rows, (N,), whether its text differs from the one before. UTF-8 sorts as
        code points do, so that eight bytes are compared at once; texts hold no NUL.
        """
        order = np.argsort(self._words(np.arange(len(self)), 0), kind="stable")
        words = self._words(order, 0)
        begins = np.ones(len(self), dtype=np.bool_)
        begins[1:] = words[1:] != words[:-1]
        del words
        sizes = np.diff(self.offsets)
        read = WORD_BYTES
        tied = np.arange(len(self))  # places of rows that are not told apart yet, whole groups of them
        while len(tied):
            starts = np.flatnonzero(begins[tied])
            members = np.diff(np.append(starts, len(tied)))
            longest = np.maximum.reduceat(sizes[order[tied]], starts)
            tied = tied[np.repeat((members > 1) & (longest > read), members)]
            rows = order[tied]
            words = self._words(rows, read)
            within = np.lexsort((words, np.cumsum(begins[tied])))
            order[tied], words = rows[within], words[within]
            begins[tied[1:]] |= words[1:] != words[:-1]
            read += WORD_BYTES
        text = np.cumsum(begins)
        several = np.flatnonzero(~begins)
        several = np.union1d(several, several - 1)  # rows whose text stands more than once
        rows = order[several]
        order[several] = rows[np.lexsort((then[rows], text[several]))]
        return order, begins

    def _words(self, rows: NDArray[np.integer], skip: int) -> NDArray[np.uint64]:
        """Eight bytes of each row's text after the first `skip`, as a number that sorts as they do; 0 past its end."""
        starts = self.offsets[:-1][rows] + skip
        left = self.offsets[1:][rows] - starts
        words = np.zeros(len(rows), dtype=np.uint64)
        for place in range(WORD_BYTES):
            inside = left > place
            byte = np.zeros(len(rows), dtype=np.uint64)
            byte[inside] = self.data[starts[inside] + place]
            words = words << np.uint64(8) | byte
        return words


def _utf8_length(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
