"""How well a model foretells the letters of names: sums over names, divided once by the letters told.

A letter here is a symbol that the model tells: the letters of a name, and its end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.metrics.bootstrap import RESAMPLES, draws

LETTER_METRICS = ("nats_per_letter", "bits_per_letter", "perplexity")


def letter_metrics(nats: float) -> dict[str, float]:
    """What a letter costs in nats, in bits, and the number of equally probable letters that would cost as much."""
    return dict(zip(LETTER_METRICS, (nats, nats / log(2), exp(min(nats, 700.0))), strict=True))


@dataclass(frozen=True, slots=True)
class LetterOutcomes:
    """One row a name: what it cost under its origin, and how many letters were told."""

    nats: NDArray[np.float64]  # (N,)
    letters: NDArray[np.int64]  # (N,)
    origins: NDArray[np.int64]  # (N,)

    def take(self, rows: NDArray[Any]) -> "LetterOutcomes":
        return LetterOutcomes(self.nats[rows], self.letters[rows], self.origins[rows])

    @property
    def mean(self) -> float:
        """Nats a letter."""
        return float(self.nats.sum() / max(self.letters.sum(), 1))

    def metrics(self) -> dict[str, float]:
        return letter_metrics(self.mean)

    def intervals(self) -> dict[str, tuple[float, float]]:
        """95 % bootstrap intervals of `metrics`: names are drawn again, with all their letters."""
        means = _resampled(self)
        low, high = np.quantile(means, (0.025, 0.975))
        lows, highs = letter_metrics(float(min(low, self.mean))), letter_metrics(float(max(high, self.mean)))
        return {metric: (lows[metric], highs[metric]) for metric in LETTER_METRICS}

    def minus(self, other: "LetterOutcomes") -> tuple[float, float, float]:
        """Bits a letter more than another model's on the same names: difference, low and high of its 95 % interval."""
        means = _resampled(self) - _resampled(other)
        low, high = np.quantile(means, (0.025, 0.975)) / log(2)
        return (self.mean - other.mean) / log(2), float(low), float(high)

    def by_origin(self, labels: Sequence[str], ngrams: "LetterOutcomes | None" = None) -> list["OriginLetters"]:
        """A row for each origin that has names here, beside the n-grams where they are told of the same names."""
        rows = []
        for origin in np.unique(self.origins):
            some = self.origins == origin
            own, theirs = self.take(some), None if ngrams is None else ngrams.take(some).mean / log(2)
            span = own.intervals()["bits_per_letter"]
            rows.append(
                OriginLetters(labels[origin], int(some.sum()), int(own.letters.sum()), own.mean / log(2), span, theirs)
            )
        return rows

    def to_json(self, labels: Sequence[str], ngrams: "LetterOutcomes | None" = None) -> dict[str, Any]:
        """Figures of all names and by origin."""
        per_origin = [row.to_json() for row in self.by_origin(labels, ngrams)]
        told = {"n": len(self.nats), "letters": int(self.letters.sum()), "metrics": self.metrics()}
        return {**told, "per_origin": per_origin}


@dataclass(frozen=True, slots=True)
class OriginLetters:
    """What the letters of an origin's names cost, in bits a letter with a 95 % interval."""

    origin: str
    n: int
    letters: int
    bits: float
    interval: tuple[float, float]
    ngram_bits: float | None

    def to_json(self) -> dict[str, Any]:
        told = {"origin": self.origin, "support": self.n, "letters": self.letters, "bits_per_letter": self.bits}
        return {**told, "interval": list(self.interval), "ngram_bits_per_letter": self.ngram_bits}


def _resampled(outcomes: LetterOutcomes) -> NDArray[np.float64]:
    """Nats a letter of each resample; the same names are drawn from any outcomes of one length."""
    parts = [
        weights @ outcomes.nats / np.maximum(weights @ outcomes.letters, 1)
        for weights in draws(len(outcomes.nats), RESAMPLES, seed=0)
    ]
    return np.concatenate(parts)
