"""What validation names teach of the shares of lists; see `charnn_cli.shares.calibration`."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

from charnn_cli.conformal import FEWEST_NAMES, KINDS
from charnn_cli.shares.calibration import EXCEEDED_BY, Calibration, energies

MOST_CELLS = 1 << 20  # names times origins that are looked at
PENALTY = 1e-3  # on squared biases: an origin with few validation names keeps what the model gives it
MOST_STEPS = 60
POOLED_NAMES = 20  # of all origins, that stand beside an origin's own


def calibrations_of(
    logits: NDArray[np.floating],  # (N, C), as prediction gets them, before they are scaled
    origins: NDArray[np.integer],  # (N,)
    several: NDArray[np.bool_],  # (N,) of several words
    priors: NDArray[np.float64],  # (C,)
) -> Mapping[str, Calibration]:
    """A calibration by each kind of validation names of which there are enough."""
    found = {}
    for kind, chosen in zip(KINDS, (~several, several), strict=True):
        rows = _some(np.flatnonzero(chosen), MOST_CELLS // len(priors))
        if len(rows) >= FEWEST_NAMES:
            found[kind] = calibration_of(logits[rows], origins[rows], priors)
    return found


def calibration_of(
    logits: NDArray[np.floating], origins: NDArray[np.integer], priors: NDArray[np.float64]
) -> Calibration:
    """The calibration with the least loss on names, each origin's weighing together what it has in training."""
    names = np.bincount(origins, minlength=len(priors)).astype(np.float64)
    weights = priors[origins] / names[origins]
    weights /= weights.sum()
    floor = _floor(energies(logits), origins, names)
    logits = logits - logits.max(axis=1, keepdims=True).astype(np.float64)
    rows = np.arange(len(origins))

    def loss_and_gradient(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        sharpness, bias = values[0], values[1:]
        logs = log_softmax(sharpness * logits + bias, axis=1)
        difference = np.exp(logs)
        difference[rows, origins] -= 1.0
        difference *= weights[:, None]
        gradient = np.append((difference * logits).sum(), difference.sum(axis=0) + PENALTY * bias)
        return float(-weights @ logs[rows, origins] + PENALTY * (bias @ bias) / 2), gradient

    start = np.append(1.0, np.zeros(len(priors)))
    bounds = [(0.05, 20.0)] + [(-20.0, 20.0)] * len(priors)
    options = {"maxiter": MOST_STEPS}
    found = minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return Calibration(float(found.x[0]), found.x[1:], names, floor)


def _floor(
    energy: NDArray[np.float64], origins: NDArray[np.integer], names: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What the energies (N,) of nearly all names of an origin exceed (C,)."""
    pooled = np.quantile(energy, 1 - EXCEEDED_BY)
    own = np.full(len(names), pooled)
    for origin in np.flatnonzero(names):
        own[origin] = np.quantile(energy[origins == origin], 1 - EXCEEDED_BY)
    floor: NDArray[np.float64] = (names * own + POOLED_NAMES * pooled) / (names + POOLED_NAMES)
    return floor


def _some(rows: NDArray[np.int64], at_most: int) -> NDArray[np.int64]:
    """At most so many of the rows, evenly spread."""
    return rows if len(rows) <= at_most else rows[np.linspace(0, len(rows) - 1, max(at_most, 1)).astype(np.int64)]
