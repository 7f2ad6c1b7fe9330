"""How far the metrics would move had other names been drawn.

The names are drawn again with replacement, as many as there are, and the metrics counted anew (Efron and Tibshirani,
An Introduction to the Bootstrap, 1993). Two models are compared on the same draws.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from charnn_cli.metrics.scores import METRICS, Outcomes, Weighing, compute_metrics

RESAMPLES = 1000
CELLS_AT_ONCE = 1 << 20  # weights held in memory at a time: 8 MB
_QUANTILES = (0.025, 0.975)


def intervals(
    outcomes: Outcomes, *, resamples: int = RESAMPLES, seed: int = 0, cells_at_once: int = CELLS_AT_ONCE
) -> dict[str, tuple[float, float]]:
    """The 95 % bootstrap interval of each metric, always around the metric itself.

    The quantiles of the resampled metrics; for `ece` they are reflected at the metric, since an absolute value grows
    with every resampling and its plain quantiles would lie above the metric.
    """
    single = compute_metrics(outcomes)
    result = {}
    for metric, values in resampled(outcomes, resamples=resamples, seed=seed, cells_at_once=cells_at_once).items():
        low, high = np.nanquantile(values, _QUANTILES) if not np.isnan(values).all() else (np.nan, np.nan)
        if metric == "ece":
            low, high = max(0.0, 2 * single[metric] - high), min(1.0, 2 * single[metric] - low)
        result[metric] = (float(min(low, single[metric])), float(max(high, single[metric])))
    return result


def differences(
    first: Outcomes, second: Outcomes, *, resamples: int = RESAMPLES
) -> dict[str, tuple[float, float, float]]:
    """First minus second of each metric, with its paired 95 % bootstrap interval: (difference, low, high).

    Row n must be the same name in both. Raises ValueError where the rows do not fit.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} outcomes against {len(second)}")
    ours, theirs = compute_metrics(first), compute_metrics(second)
    our_draws, their_draws = (resampled(outcomes, resamples=resamples) for outcomes in (first, second))
    result = {}
    for metric in METRICS:
        draws = our_draws[metric] - their_draws[metric]
        low, high = np.nanquantile(draws, _QUANTILES) if not np.isnan(draws).all() else (np.nan, np.nan)
        result[metric] = (ours[metric] - theirs[metric], float(low), float(high))
    return result


def resampled(
    outcomes: Outcomes, *, resamples: int = RESAMPLES, seed: int = 0, cells_at_once: int = CELLS_AT_ONCE
) -> dict[str, NDArray[np.float64]]:
    """Each metric of each resample, (R,); one seed draws the same rows from any outcomes of one length."""
    weigh = Weighing(outcomes)
    parts = [weigh(weights) for weights in draws(len(outcomes), resamples, seed, cells_at_once)]
    return {metric: np.concatenate([part[metric] for part in parts]) for metric in METRICS}


def draws(count: int, resamples: int, seed: int, cells_at_once: int = CELLS_AT_ONCE) -> Iterator[NDArray[np.float64]]:
    """How often each of `count` rows was drawn, a few resamples (R, N) at a time."""
    random = np.random.default_rng(seed)
    at_once = max(1, cells_at_once // count)
    for start in range(0, resamples, at_once):
        weights = np.empty((min(at_once, resamples - start), count))
        for row in weights:
            row[:] = np.bincount(random.integers(count, size=count, dtype=np.int32), minlength=count)
        yield weights
