"""Probabilities and true origins in, metrics out.

`Outcomes` reduces the probabilities to one row of facts a name; everything else is counted from it. One formula
serves the metric itself and each bootstrap resample, which is the same rows with other weights.
"""

from charnn_cli.metrics.bootstrap import differences, intervals
from charnn_cli.metrics.breakdowns import (
    ConfusedPair,
    OriginRow,
    ReliabilityBin,
    confused_pairs,
    confusion,
    per_origin,
    reliability,
    share_interval,
)
from charnn_cli.metrics.scores import LOWER_IS_BETTER, METRICS, Outcomes, compute_metrics

__all__ = [
    "LOWER_IS_BETTER",
    "METRICS",
    "ConfusedPair",
    "OriginRow",
    "Outcomes",
    "ReliabilityBin",
    "compute_metrics",
    "confused_pairs",
    "confusion",
    "differences",
    "intervals",
    "per_origin",
    "reliability",
    "share_interval",
]
