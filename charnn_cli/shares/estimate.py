"""The shares of a list with their intervals, and whether the model fits the list at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from charnn_cli.conformal import KINDS
from charnn_cli.shares.calibration import Calibration, energies
from charnn_cli.shares.mixture import above_zero, expectation_maximisation, variances

FEWEST = 50  # names; fewer say little of shares
PSEUDO_NAMES = 1.0
Z = 1.96  # of the normal distribution, for 95 %
#: How much further validation names are from a list's than from each other. With 1.5, intervals of lists of held-out
#: validation names hold their shares 95 times in a hundred, of two models (`make bench-shares`).
DISTANCE = 1.5
MOST_ODD = 0.16  # of names below the floor; lists of names of people and of surnames have a twentieth to a tenth

Method = Literal["em", "mean"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Shares (C,) of a list's readable names, the ends of their 95 % intervals, and how they were found.

    `em`: estimated from the list. `mean`: the mean of the probabilities under the training shares, where there are too
    few names or the list `fits` not. `odd` is the share of names that look like none that the model has learned, NaN
    where it keeps nothing to tell that by; without it, intervals know nothing of the model's own faults.
    """

    shares: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    method: Method
    names: int
    odd: float

    @property
    def fits(self) -> bool:
        return not self.odd > MOST_ODD

    @property
    def is_calibrated(self) -> bool:
        return self.odd == self.odd


def estimate_shares(
    logits: NDArray[np.floating],
    several: NDArray[np.bool_],
    counts: NDArray[np.integer],
    *,
    priors: NDArray[np.float64],
    temperature: float = 1.0,
    calibrations: Mapping[str, Calibration] | None = None,
    rows: int | None = None,
) -> Estimate:
    """The shares among names with logits (N, C), each in so many rows of the list, counts (N,).

    `several` (N,) are names of several words; they and others have a calibration each, where the model keeps it.
    `priors` (C,) are the shares in training. `rows` is the length of a list of which these names are a sample. Raises
    ValueError where there are no names.
    """
    number = int(counts.sum())
    if not number:
        raise ValueError("an empty list has no shares")
    priors, weights = above_zero(priors), counts / number
    priors = priors / priors.sum()
    fallback = Calibration.none(temperature, len(priors))
    probabilities, floors = np.empty(logits.shape), np.empty(logits.shape)
    calibrated_with = np.zeros(len(priors))
    for kind, chosen in zip(KINDS, (~several, several), strict=True):
        calibration = _of_kind(calibrations or {}, kind) or fallback
        probabilities[chosen] = calibration.probabilities(logits[chosen], priors)
        floors[chosen] = calibration.floor
        if weights[chosen].sum() >= 0.5:
            calibrated_with = calibration.names
    densities = probabilities / priors
    shares = expectation_maximisation(densities, counts.astype(np.float64), priors, PSEUDO_NAMES)
    odd = _odd(densities * shares, floors, energies(logits), weights) if calibrations else np.nan
    if number < FEWEST or odd > MOST_ODD:
        shares = weights @ probabilities
        variance = weights**2 @ (probabilities * (1 - probabilities))
        return Estimate(shares, *_interval(shares, variance, number), "mean", number, odd)
    spread, known = variances(densities, counts.astype(np.float64), shares, PSEUDO_NAMES * priors, calibrated_with)
    drawn = (1 - number / max(rows or 0, number)) * shares * (1 - shares) / number
    return Estimate(shares, *_interval(shares, spread + DISTANCE * known + drawn, number), "em", number, odd)


def _of_kind(calibrations: Mapping[str, Calibration], kind: str) -> Calibration | None:
    """The calibration of a kind of names, or of the other kind where the model has learned that one alone."""
    return calibrations.get(kind) or next(iter(calibrations.values()), None)


def _odd(
    joint: NDArray[np.float64], floors: NDArray[np.float64], energy: NDArray[np.float64], weights: NDArray[np.float64]
) -> float:
    """The share of names whose energy (N,) is below the floor (N, C) of what they are likely to be, joint (N, C)."""
    below = (joint * (energy[:, None] < floors)).sum(axis=1) / joint.sum(axis=1)
    return float(weights @ below)


def _interval(
    shares: NDArray[np.float64], variance: NDArray[np.float64], number: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Low and high (C,), each a name further out, as shares of a list are whole numbers of names."""
    half = Z * np.sqrt(variance) + 1 / number
    low = shares - half
    return np.where(low < 0.5 / number, 0.0, low), np.minimum(shares + half, 1.0)
