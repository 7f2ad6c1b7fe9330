"""Prediction sets: as few origins for a name as hold the true one as often as is asked.

The set of a name holds the origins that are at least as probable as a threshold, and the likeliest one in any case. The
threshold for coverage P is the probability that the true origin had in all but a share 1 - P of the validation names:
split conformal prediction with the score 1 - p (Angelopoulos & Bates, A Gentle Introduction to Conformal Prediction,
2021, section 1), whose sets are the smallest on average among all with that coverage (Sadinle, Lei & Wasserman, Least
Ambiguous Set-Valued Classifiers, JASA 2019). It holds for names drawn as the validation names were, over all of them
and not for each; names of one word and of several have thresholds of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import UsageError

KINDS = ("one_word", "several_words")
FEWEST_NAMES = 100  # to validate: of fewer no numbers are fitted but a temperature
SHOWN = (0.8, 0.9, 0.95)  # coverages that are measured
GRID = np.linspace(0, 1, 101) ** 2  # shares of the validation names, dense where few origins are left out
DIGITS = 6


@dataclass(frozen=True, slots=True)
class PredictionSets:
    """How probable the true origins of validation names were, for names of one word and of several.

    `names` (2,) counts them; `quantiles` (2, 101) are their probabilities at the shares `GRID`, in ascending order.
    """

    names: tuple[int, int]
    quantiles: NDArray[np.float64]

    @classmethod
    def fit(
        cls, probabilities: NDArray[np.floating], origins: NDArray[np.integer], several: NDArray[np.bool_]
    ) -> "PredictionSets | None":
        """From probabilities (N, C) and origins (N,) of validation names, of several words or not (N,).

        A kind with too few names has the thresholds of all; None where these are too few.
        """
        if len(origins) < FEWEST_NAMES:
            return None
        true = probabilities[np.arange(len(origins)), origins].astype(np.float64)
        kinds = [true[several == kind] for kind in (False, True)]
        samples = [kind if len(kind) >= FEWEST_NAMES else true for kind in kinds]
        quantiles = np.stack([np.quantile(sample, GRID) for sample in samples])
        return cls((len(samples[0]), len(samples[1])), _rounded(quantiles))

    def thresholds(self, coverage: float) -> NDArray[np.float64]:
        """The least probability (2,) of an origin in a set. Raises UsageError where the names are too few for it."""
        shares = [np.floor((count + 1) * (1 - coverage) + 1e-9) / count for count in self.names]
        if not 0 < min(shares) <= max(shares) < 1:
            few = min(self.names)
            what = f"the {few:,} validation names of the model are too few for sets with a coverage of {coverage:g}"
            raise UsageError(what, f"ask for one from {1 / few:.2g} to {few / (few + 1):.4g}")
        return np.array([np.interp(share, GRID, row) for share, row in zip(shares, self.quantiles, strict=True)])

    def members(
        self, probabilities: NDArray[np.floating], several: NDArray[np.bool_], coverage: float
    ) -> NDArray[np.bool_]:
        """Which origins (N, C) the sets of names with these probabilities hold."""
        held: NDArray[np.bool_] = probabilities >= self.thresholds(coverage)[several.astype(np.intp)][:, None]
        held[np.arange(len(held)), probabilities.argmax(axis=1)] = True
        return held

    @property
    def levels(self) -> list[float]:
        """The coverages that are measured, as far as the validation names allow."""
        return [level for level in SHOWN if level <= min(count / (count + 1) for count in self.names)]

    def tally(
        self,
        probabilities: NDArray[np.floating],  # (N, C)
        origins: NDArray[np.integer],  # (N,), C and above for one that the model lacks
        several: NDArray[np.bool_],  # (N,)
    ) -> NDArray[np.int64]:
        """By level and kind, (levels, 2, 3): names, how many sets hold the origin, the sum of the sets' sizes.

        Tallies of parts add up.
        """
        counts = np.zeros((len(self.levels), len(KINDS), 3), dtype=np.int64)
        rows, known = np.arange(len(origins)), origins < probabilities.shape[1]
        for level, coverage in enumerate(self.levels):
            held = self.members(probabilities, several, coverage)
            right = held[rows, np.where(known, origins, 0)] & known
            for kind in range(len(KINDS)):
                chosen = several == bool(kind)
                counts[level, kind] = chosen.sum(), right[chosen].sum(), held[chosen].sum()
        return counts

    def measured(self, tally: NDArray[np.int64]) -> list[dict[str, Any]]:
        """A row for each level and kind of names, and for both together where there are both."""
        rows = []
        for level, counts in zip(self.levels, tally, strict=True):
            kinds = dict(zip(KINDS, counts, strict=True))
            for kind, (names, held, size) in {"all": counts.sum(axis=0), **kinds}.items():
                if names and (kind == "all" or counts[:, 0].all()):
                    figures = {"measured": float(held / names), "mean_size": float(size / names)}
                    rows.append({"coverage": level, "names": kind, "n": int(names), **figures})
        return rows

    def to_json(self) -> dict[str, Any]:
        return {
            kind: {"names": count, "quantiles": row.tolist()}
            for kind, count, row in zip(KINDS, self.names, self.quantiles, strict=True)
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "PredictionSets":
        """Raises ValueError, TypeError or KeyError where it is not what `to_json` gives."""
        names = tuple(value[kind]["names"] for kind in KINDS)
        quantiles = np.array([value[kind]["quantiles"] for kind in KINDS], dtype=np.float64)
        if not all(type(count) is int and 1 <= count < 2**53 for count in names):
            raise ValueError("prediction sets were fitted on no names")
        if quantiles.shape != (len(KINDS), len(GRID)) or not np.isfinite(quantiles).all():
            raise ValueError("prediction sets lack some of their quantiles")
        if quantiles.min() < 0 or quantiles.max() > 1 or (np.diff(quantiles) < 0).any():
            raise ValueError("quantiles of prediction sets are no rising probabilities")
        return cls((names[0], names[1]), quantiles)


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([[float(f"{value:.{DIGITS}g}") for value in row] for row in values.tolist()])
