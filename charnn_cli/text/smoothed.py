"""What a network that writes names has to beat: n-grams of each origin's names, counted and smoothed.

The model is that of `language_model`, one for each origin, which has seen the names of that origin alone. Its order,
and how much it keeps back for what it has not seen, are chosen on validation names.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charnn_cli.text.alphabet import BEGIN, END, UNKNOWN, Symbols
from charnn_cli.text.language_model import language_models
from charnn_cli.text.ngrams import LabelledNgrams, NgramVocabulary

ORDERS = (2, 3, 4, 5, 6, 7)
ESCAPES = (0.5, 1.0, 2.0)
UNBOUNDED = 2**62


@dataclass(frozen=True, slots=True)
class _OfOrigin:
    """The model of one origin."""

    ngrams: NgramVocabulary
    weights: NDArray[np.float64]  # (G + 1,), 0 for none
    new_symbol: float  # log-probability of a symbol that none of the origin's names holds, without context

    @classmethod
    def counted(cls, symbols: Symbols, order: int, escape: float, num_symbols: int) -> "_OfOrigin":
        one_label = np.zeros(len(symbols), dtype=np.int64)
        counted = LabelledNgrams.of(symbols, one_label, tuple(range(1, order + 1)), num_labels=1)
        ngrams = counted.vocabulary(min_count=1, max_size=UNBOUNDED)
        models = language_models(counted, ngrams, num_symbols=num_symbols, escape=escape)
        told = symbols.ids[symbols.ids != BEGIN]
        kept_back = escape * len(np.unique(told))
        share = kept_back / (len(told) + kept_back) if len(told) else 1.0
        return cls(ngrams, np.append(0.0, models[0, :, 0]), float(np.log(share / num_symbols)))

    def nats(self, symbols: Symbols) -> NDArray[np.float64]:
        rows = self.ngrams.lookup(symbols.ids, symbols.steps)  # (total, K)
        logs = self.weights[rows].sum(axis=1)
        is_new = (rows[:, 0] == 0) & (symbols.ids >= END)
        logs += np.where(is_new, self.new_symbol, 0.0)
        return -np.add.reduceat(logs, symbols.offsets[:-1])


@dataclass(frozen=True, slots=True)
class SmoothedNgrams:
    """A model of each origin's names."""

    order: int
    escape: float
    by_origin: Sequence[_OfOrigin]

    @classmethod
    def counted(
        cls, symbols: Symbols, origins: NDArray[np.integer], order: int, escape: float, *, num_labels: int, letters: int
    ) -> "SmoothedNgrams":
        """Counted in framed names and their origins (N,); `letters` are those that a name may hold, and the end."""
        rows = (np.flatnonzero(origins == label) for label in range(num_labels))
        return cls(order, escape, [_OfOrigin.counted(symbols.take(some), order, escape, letters) for some in rows])

    @classmethod
    def chosen(
        cls,
        training: tuple[Symbols, NDArray[np.integer]],
        validation: tuple[Symbols, NDArray[np.integer]],
        *,
        num_labels: int,
        letters: int,
    ) -> "SmoothedNgrams":
        """The one that says most of the validation names, counted in the training names; (symbols, origins) each."""
        best: tuple[float, SmoothedNgrams] | None = None
        for order in ORDERS:
            for escape in ESCAPES:
                model = cls.counted(*training, order, escape, num_labels=num_labels, letters=letters)
                nats = float(model.nats(*validation).sum())
                if best is None or nats < best[0]:
                    best = nats, model
        assert best is not None
        return best[1]

    def nats(self, symbols: Symbols, origins: NDArray[np.integer]) -> NDArray[np.float64]:
        """What each name (N,) costs under its origin in nats; symbols that no training name held cost nothing."""
        nats = np.zeros(len(symbols))
        for label in np.unique(origins):
            rows = np.flatnonzero(origins == label)
            nats[rows] = self.by_origin[int(label)].nats(symbols.take(rows))
        return nats


def letters_told(symbols: Symbols) -> NDArray[np.int64]:
    """What a name's cost is the sum over, (N,): its letters that some training name held, and its end."""
    known: NDArray[np.int64] = np.add.reduceat(
        (symbols.ids > UNKNOWN) & (symbols.ids != BEGIN), symbols.offsets[:-1], dtype=np.int64
    )
    return known
