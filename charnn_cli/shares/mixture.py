"""The shares of a mixture, and how far they can be off.

A name's density under an origin is, up to a factor that all origins share, its probability over the prior. With these
densities R (N, C) the shares w that make a list likeliest are found by expectation maximisation (Saerens, Latinne &
Decaestecker, Neural Computation 2002): w ← mean of w R / (R w), here with a few names of the training shares added, the
mode under a Dirichlet prior.
"""

import numpy as np
from numpy.typing import NDArray

STEPS, TOLERANCE = 500, 1e-7


def above_zero(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shares, with half of the least for a label that had no training names."""
    least: float = shares[shares > 0].min()
    positive: NDArray[np.float64] = np.maximum(shares, least / 2)
    return positive


def expectation_maximisation(
    densities: NDArray[np.float64],  # (N, C)
    counts: NDArray[np.float64],  # (N,) rows of the list with the name
    start: NDArray[np.float64],  # (C,)
    pseudo_names: float = 0.0,  # added, with the shares of the start
) -> NDArray[np.float64]:
    """Shares (C,), summing to 1."""
    shares, total = start / start.sum(), counts.sum() + pseudo_names
    added = pseudo_names * shares
    for _ in range(STEPS):
        following = (shares * ((counts / (densities @ shares)) @ densities) + added) / total
        moved = np.abs(following - shares).sum()
        shares = following
        if moved < TOLERANCE:
            break
    result: NDArray[np.float64] = shares / shares.sum()
    return result


def covariances(
    densities: NDArray[np.float64],  # (N, C)
    counts: NDArray[np.float64],  # (N,)
    shares: NDArray[np.float64],  # (C,)
    added: NDArray[np.float64],  # (C,) names that were added in estimating them
    calibrated_with: NDArray[np.float64],  # (C,) validation names of each origin, infinite where all is known
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Covariances (C, C) of estimated shares about those of the list itself: the estimator's, and of what it knows.

    With Q = R / (R w) and the observed information I = mean of QQᵀ, the estimate varies by I⁻¹/n about the shares of
    whatever the list was drawn from, and these by (diag w − wwᵀ)/n about those of the list, which leaves
    (I⁻¹ − diag w)/n. The names that were added inform too, and keep an origin that is not there from blurring others.
    Names that recur count together. What is known of an origin c is known from its n_c validation names alone: the mean
    of Q over it is off by Cov_c(Q)/n_c, which weighs w_c² and is taken from the list itself, each name of it weighing
    as much as it is of c.
    """
    ratios = densities / (densities @ shares)[:, None]  # (N, C)
    weights = counts / counts.sum()
    information = (ratios * weights[:, None]).T @ ratios  # (C, C)
    inverse = np.linalg.pinv(information + np.diag(added / counts.sum() / shares**2))
    spread = (inverse - np.diag(shares)) * (weights @ weights)
    worth = shares**2 / np.maximum(calibrated_with, 1)  # (C,)
    between = (ratios * (weights * (ratios @ worth))[:, None]).T @ ratios - (information * worth) @ information
    return spread, inverse @ between @ inverse
