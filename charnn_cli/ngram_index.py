"""Looking up many n-grams at once."""

import numpy as np
from numpy.typing import NDArray

BULK = 1 << 15  # codes from which on the index below repays its making


class NgramIndex:
    """Rows of n-gram codes: 1 to G, or 0 where a code is not in the vocabulary.

    A binary search jumps through the whole vocabulary for every code. The codes are spread evenly over 64 bits, so
    their first bits tell where in the sorted array a code would stand, to within a place or two.
    """

    def __init__(self, codes: NDArray[np.uint64]) -> None:
        self._codes = np.append(codes, np.uint64(2**64 - 1))  # what a search may run into at the end
        self._size = len(codes)
        self._starts: NDArray[np.int64] | None = None
        self._shift = np.uint64(64 - max(1, min(20, self._size.bit_length() + 1)))

    def rows(self, wanted: NDArray[np.uint64]) -> NDArray[np.int64]:
        """(M,) codes → (M,) rows."""
        if self._starts is None and len(wanted) < BULK:
            places = np.searchsorted(self._codes[:-1], wanted)
        else:
            places = self._places(wanted)
        return np.where((self._codes[places] == wanted) & (places < self._size), places + 1, 0)

    def _places(self, wanted: NDArray[np.uint64]) -> NDArray[np.int64]:
        if self._starts is None:
            firsts = np.arange(1 << (64 - int(self._shift)), dtype=np.uint64) << self._shift
            self._starts = np.searchsorted(self._codes[:-1], firsts)
        places: NDArray[np.int64] = self._starts[wanted >> self._shift]
        before = np.flatnonzero(self._codes[places] < wanted)
        while len(before):
            places[before] += 1
            before = before[self._codes[places[before]] < wanted[before]]
        return places
