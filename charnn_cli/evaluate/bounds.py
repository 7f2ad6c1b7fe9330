"""Bounds that a metric must meet, for a check that runs unattended."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from charnn_cli.errors import UsageError
from charnn_cli.metrics import LOWER_IS_BETTER, METRICS


@dataclass(frozen=True, slots=True)
class Bound:
    """The worst value that a metric may have: the least one, or the largest of `nll` and `ece`."""

    metric: str
    value: float

    def is_met(self, value: float) -> bool:
        """Whether a value is no worse; NaN never is."""
        return value <= self.value if self.metric in LOWER_IS_BETTER else value >= self.value


def parse_bounds(words: Iterable[str]) -> list[Bound]:
    """`metric=value` words as bounds; raises UsageError for an unknown metric or something that is no number."""
    bounds = []
    for word in words:
        metric, equals, number = word.partition("=")
        metric = metric.strip().replace("-", "_")
        if not equals:
            raise UsageError(f"the bound '{word}' has no '='", "write it as macro_f1=0.5")
        if metric not in METRICS:
            raise UsageError(f"there is no metric '{metric}' to bound", f"use one of {', '.join(METRICS)}")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise UsageError(f"the bound of {metric}, '{number}', is no number", f"write it as {metric}=0.5")
        bounds.append(Bound(metric, value))
    return bounds


def missed(bounds: Iterable[Bound], metrics: Mapping[str, float]) -> list[str]:
    """A line for each bound that the metrics do not meet."""
    return [
        f"{bound.metric} is {metrics[bound.metric]:.6g}, "
        f"{'above' if bound.metric in LOWER_IS_BETTER else 'under'} its bound {bound.value:.6g}"
        for bound in bounds
        if not bound.is_met(metrics[bound.metric])
    ]
