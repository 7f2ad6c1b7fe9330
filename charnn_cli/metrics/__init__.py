"""Probabilities and true origins in, figures out.

`Outcomes` reduces the probabilities to one row of facts a name; everything else is counted from it. One formula
serves the figure itself and each bootstrap resample, which is the same rows with other weights.
"""

from charnn_cli.metrics.bootstrap import differences, intervals
from charnn_cli.metrics.figures import LOWER_IS_BETTER, METRICS, figures
from charnn_cli.metrics.outcomes import Outcomes
from charnn_cli.metrics.tables import (
    ConfusedPair,
    OriginRow,
    ReliabilityBin,
    confused_pairs,
    confusion,
    per_origin,
    reliability,
)

__all__ = [
    "LOWER_IS_BETTER",
    "METRICS",
    "ConfusedPair",
    "OriginRow",
    "Outcomes",
    "ReliabilityBin",
    "confused_pairs",
    "confusion",
    "differences",
    "figures",
    "intervals",
    "per_origin",
    "reliability",
]
