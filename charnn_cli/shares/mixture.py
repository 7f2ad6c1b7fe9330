"""The shares of a mixture, and how far they can be off.

A name's density under an origin is, up to a factor that all origins share, its probability over the prior. With these
densities R (N, C) the shares w that make a list likeliest are found by expectation maximisation (Saerens, Latinne &
Decaestecker, Neural Computation 2002): w ← mean of w R / (R w), here with a few names of the training shares added, the
mode under a Dirichlet prior.
"""

import numpy as np
from numpy.typing import NDArray

STEPS, TOLERANCE = 500, 1e-7
#: How much more a list's names differ from validation names than these from each other. At 1 the intervals of lists of
#: people held out of validation were a little narrow, those of surnames wide; 1.3 is between.
DISTANCE = 1.3


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


def covariance(
    densities: NDArray[np.float64],  # (N, C)
    counts: NDArray[np.float64],  # (N,)
    shares: NDArray[np.float64],  # (C,)
    added: NDArray[np.float64],  # (C,) names that were added in estimating them
    calibrated_with: NDArray[np.float64],  # (C,) validation names of each origin, infinite where all is known
) -> NDArray[np.float64]:
    """Covariance (C, C) of estimated shares about those of the list itself.

    With Q = R / (R w), the estimate solves mean of Q = 1, and moves by I⁻¹ of what the mean is off by, I being the mean
    of QQᵀ, the observed information; the names that were added inform too, and keep an origin that is not there from
    blurring others. The mean is off, first, by which names the list happens to hold of each origin: by Σ m² (QQᵀ −
    Σ_c r_c q_c q_cᵀ) for names that are shares m of its rows, and of the origin c with probability r_c, where Q is
    q_c = I_c on average. Second, q_c itself is known from n_c validation names alone, and off by Cov_c(Q)/n_c, which
    weighs w_c²; that, too, is taken from the list, each name weighing as much as it is of c.
    """
    ratios = densities / (densities @ shares)[:, None]  # (N, C)
    weights = counts / counts.sum()
    information = (ratios * weights[:, None]).T @ ratios  # (C, C)
    inverse = np.linalg.pinv(information + np.diag(added / counts.sum() / shares**2))
    worth = DISTANCE * shares**2 / np.maximum(calibrated_with, 1)  # (C,)
    of_names = weights**2 + weights * (ratios @ worth)  # (N,)
    of_means = weights**2 @ (ratios * shares) + worth  # (C,)
    off = (ratios * of_names[:, None]).T @ ratios - (information * of_means) @ information
    found: NDArray[np.float64] = inverse @ off @ inverse
    return found
