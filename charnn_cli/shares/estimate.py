"""The shares of a list with their intervals, and whether the model fits the list at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from charnn_cli.conformal import KINDS
from charnn_cli.scaling import UNSCALED, Scaling
from charnn_cli.shares.calibration import Calibration, energies
from charnn_cli.shares.mixture import above_zero, covariance, expectation_maximisation

FEWEST = 50  # names; fewer say little of shares
PSEUDO_NAMES = 1.0
Z = 1.96  # of the normal distribution, for 95 %
MOST_ODD = 0.14  # of names below the floor; lists of names of people and of surnames have a twentieth to a tenth

Method = Literal["em", "mean"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Shares (C,) of a list's readable names, with the covariance (C, C) of what they are off by.

    `em`: estimated from the list. `mean`: the mean of the probabilities under the training shares, where there are too
    few names or the list does not fit the model. `odd` is the share of names that look like none that the model has
    learned, NaN where it keeps nothing to tell that by; then intervals know nothing of the model's own faults.
    """

    shares: NDArray[np.float64]
    covariance: NDArray[np.float64]
    method: Method
    names: int
    odd: float
    bias: NDArray[np.float64] | None = None  # (C,), of most of its names; see `Calibration`

    @property
    def fits(self) -> bool:
        return not self.odd > MOST_ODD

    @property
    def is_calibrated(self) -> bool:
        return self.odd == self.odd

    @property
    def prior(self) -> NDArray[np.float64]:
        """What the model is to take for prior (C,) so that its answers are those of these shares, unbiased."""
        prior = self.shares if self.bias is None else self.shares * np.exp(self.bias)
        return prior / prior.sum()  # type: ignore[no-any-return]

    def intervals(self, members: NDArray[np.bool_] | None = None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Low and high ends of 95 % intervals, of the origins (C,), or of groups of them (G,) with members (G, C).

        Each end is a name further out, as shares of a list are whole numbers of names.
        """
        sums = np.eye(len(self.shares)) if members is None else members.astype(np.float64)
        shares = sums @ self.shares
        variance = np.einsum("gi,ij,gj->g", sums, self.covariance, sums)
        half = Z * np.sqrt(np.maximum(variance, 0)) + 1 / self.names
        low = shares - half
        return np.where(low < 0.5 / self.names, 0.0, low), np.minimum(shares + half, 1.0)


def estimate_shares(
    logits: NDArray[np.floating],
    several: NDArray[np.bool_],
    counts: NDArray[np.integer],
    *,
    priors: NDArray[np.float64],
    scaling: Scaling = UNSCALED,
    calibrations: Mapping[str, Calibration] | None = None,
    rows: int | None = None,
) -> Estimate:
    """The shares among names with logits (N, C), each in so many rows of the list, counts (N,).

    `several` (N,) are names of several words; they and others have a calibration each, where the model keeps it;
    else its `scaling` stands in. `priors` (C,) are the shares in training. `rows` is the length of a list of which
    these names are a sample. Raises ValueError where there are no names.
    """
    number = int(counts.sum())
    if not number:
        raise ValueError("an empty list has no shares")
    priors, weights = above_zero(priors), counts / number
    priors = priors / priors.sum()
    if not calibrations:
        logits = scaling.logits(logits)
    both = [_of_kind(calibrations or {}, kind) or Calibration.none(len(priors)) for kind in KINDS]
    probabilities, below = np.empty(logits.shape), np.empty(logits.shape, dtype=np.bool_)
    for calibration, chosen in zip(both, (~several, several), strict=True):
        probabilities[chosen] = calibration.probabilities(logits[chosen], priors)
        below[chosen] = energies(logits[chosen])[:, None] < calibration.floor  # the name looks like none of the origin
    densities, numbers = probabilities / priors, counts.astype(np.float64)
    shares = expectation_maximisation(densities, numbers, priors, PSEUDO_NAMES)
    odd = float(weights @ ((densities * below) @ shares / (densities @ shares))) if calibrations else np.nan
    if number < FEWEST or odd > MOST_ODD:
        return _averaged(probabilities, weights, number, odd)
    known = both[int(weights @ several >= 0.5)]
    off = covariance(densities, numbers, shares, PSEUDO_NAMES * priors, known.names)
    drawn = (np.diag(shares) - np.outer(shares, shares)) * (1 / number - 1 / max(rows or 0, number))
    return Estimate(shares, off + drawn, "em", number, odd, known.bias)


def _averaged(probabilities: NDArray[np.float64], weights: NDArray[np.float64], number: int, odd: float) -> Estimate:
    """The mean of the probabilities, as unsure as each name is."""
    doubt = probabilities * (weights**2)[:, None]
    spread = np.diag(doubt.sum(axis=0)) - doubt.T @ probabilities
    return Estimate(weights @ probabilities, spread, "mean", number, odd)


def _of_kind(calibrations: Mapping[str, Calibration], kind: str) -> Calibration | None:
    """The calibration of a kind of names, or of the other kind where the model has learned that one alone."""
    return calibrations.get(kind) or next(iter(calibrations.values()), None)
