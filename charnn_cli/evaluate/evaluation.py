"""A run on labelled names: everything that `charnn evaluate` prints and shows on its page."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.choices import NamePart, Split
from charnn_cli.data import ceiling
from charnn_cli.errors import UsageError
from charnn_cli.evaluate.names import EvaluationSet, LabelledNames, ModelOutcomes, answer
from charnn_cli.evaluate.rivals import Rival, linear_model, other_run
from charnn_cli.metrics import (
    LOWER_IS_BETTER,
    METRICS,
    ConfusedPair,
    OriginRow,
    Outcomes,
    ReliabilityBin,
    compute_metrics,
    confused_pairs,
    intervals,
    per_origin,
    reliability,
)
from charnn_cli.scaling import Scaling
from charnn_cli.store import Run

NUM_PAIRS = 20

OnStage = Callable[[str, int, int], None]  # what is being done, how much of it, of how much


@dataclass(frozen=True, slots=True)
class Subset:
    """Figures on some of the names; None where there are no names."""

    n: int
    metrics: Mapping[str, float] | None
    intervals: Mapping[str, tuple[float, float]] | None

    @classmethod
    def of(cls, outcomes: Outcomes, rows: NDArray[np.bool_]) -> "Subset":
        if not rows.any():
            return cls(0, None, None)
        some = outcomes.take(rows)
        return cls(len(some), compute_metrics(some), intervals(some))

    def to_json(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "metrics": None if self.metrics is None else dict(self.metrics),
            "intervals": None if self.intervals is None else _lists(self.intervals),
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came out. `unseen` are the names that the run was not trained on, None where it does not say."""

    run: str
    examples: EvaluationSet
    answers: ModelOutcomes
    metrics: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    ceiling: float
    per_origin: Sequence[OriginRow]
    pairs: Sequence[ConfusedPair]
    bins: Sequence[ReliabilityBin]
    uncalibrated: Mapping[str, float]
    scaling: Scaling
    unseen: Subset | None
    comparisons: Sequence[Rival] = ()
    baseline: Rival | None = None
    notes: Sequence[str] = field(default_factory=tuple)

    @property
    def n(self) -> int:
        return len(self.answers.outcomes)

    @property
    def seen_in_training(self) -> int | None:
        """How many of the names the run was trained on, None where it does not say."""
        return None if self.examples.seen is None else int(self.examples.seen.sum())

    @property
    def abstained(self) -> int:
        return int((self.answers.outcomes.predicted < 0).sum())

    def to_json(self) -> dict[str, Any]:
        """The object that the format `json` prints; metrics that are not defined are None."""
        value = {
            "run": self.run,
            "data": str(self.examples.data),
            "split": self.examples.split,
            "n": self.n,
            "metrics": dict(self.metrics),
            "intervals": _lists(self.intervals),
            "ceiling": self.ceiling,
            "per_origin": list(map(asdict, self.per_origin)),
            "seen_in_training": self.seen_in_training,
            "unseen": None if self.unseen is None else self.unseen.to_json(),
            "abstained": self.abstained,
            "confused_pairs": list(map(asdict, self.pairs)),
            "reliability": list(map(asdict, self.bins)),
            "sets": list(self.answers.sets),
            **asdict(self.scaling),
            "uncalibrated": {metric: self.uncalibrated[metric] for metric in ("nll", "ece")},
            "baseline": None if self.baseline is None else self.baseline.to_json(),
            "comparisons": [{"run": rival.name, **rival.to_json()} for rival in self.comparisons],
            "notes": list(self.notes),
        }
        return _finite(value)  # type: ignore[no-any-return]


def evaluate(
    run: Run,
    *,
    data: Path | None = None,
    split: Split | None = None,
    name_part: NamePart | None = None,
    compare: Sequence[Run] = (),
    with_baseline: bool = False,
    read: Callable[[Run, Path | None], LabelledNames] = LabelledNames.of,
    on_stage: OnStage | None = None,
) -> Evaluation:
    """Measure a run on its test names, or on `data`, beside other runs and the linear model where asked.

    `name_part` says what of each name is read, as `Predictor` has it; None is all of the run's own names, and of others
    what `charnn predict` would read.

    Figures are over all names, a name that the run abstains on or whose origin it does not know being a mistake.
    `read` stands in for `LabelledNames.of` where the caller shows how far the reading has come.
    Raises DataError, ModelError or UsageError where names or runs cannot be read.
    """
    for other in (run, *compare):
        _ = other.trained  # a run that cannot be read is told before any work is done
    source = read(run, data)
    own = source
    if with_baseline and data is not None and not source.unchanged:
        own = read(run, None)
    examples = EvaluationSet.of(run, source, split, own_data=data is None, name_part=name_part)

    def stage(what: str) -> Callable[[int, int], None] | None:
        return None if on_stage is None else lambda done, total: on_stage(what, done, total)

    asking = stage(f"asking {run.called}")
    answers = answer(run.trained, examples.names, examples.origins, asking, name_part=examples.name_part)
    outcomes = answers.outcomes
    rivals = [other_run(other, examples, outcomes, stage(f"asking {other.called}")) for other in compare]
    linear = None
    if with_baseline:
        linear = linear_model(run, own, examples, outcomes, stage("fitting the linear model"))
    seen_by_us = 0 if examples.seen is None else int(examples.seen.sum())
    notes = list(examples.notes)
    notes += [
        f"'{rival.name}' was trained on {rival.seen_in_training:,} of these names, which flatters it; names that "
        "are new to both would compare them"
        for rival in (*rivals, *([linear] if linear else []))
        if rival.seen_in_training is not None and rival.seen_in_training > seen_by_us
    ]
    notes += [
        f"'{rival.name}' does not list the names that it was trained on; these may be among them"
        for rival in rivals
        if rival.seen_in_training is None
    ]
    notes += [
        f"'{rival.name}' does not know the origins of {rival.about['unknown_origins']:,} of these names; they are "
        "mistakes of it, and its nll leaves them out"
        for rival in rivals
        if rival.about["unknown_origins"]
    ]
    metrics, spans = compute_metrics(outcomes), intervals(outcomes)
    unseen = None
    if examples.seen is not None:
        unseen = Subset.of(outcomes, ~examples.seen) if examples.seen.any() else Subset(len(outcomes), metrics, spans)
    return Evaluation(
        run=run.called,
        examples=examples,
        answers=answers,
        metrics=metrics,
        intervals=spans,
        ceiling=ceiling(examples.keys, examples.origins),
        per_origin=per_origin(outcomes, examples.labels),
        pairs=confused_pairs(outcomes, examples.labels, examples.names, count=NUM_PAIRS),
        bins=reliability(outcomes),
        uncalibrated=compute_metrics(answers.uncalibrated),
        scaling=run.trained.scaling,
        unseen=unseen,
        comparisons=rivals,
        baseline=linear,
        notes=notes,
    )


def _lists(spans: Mapping[str, tuple[float, float]]) -> dict[str, list[float]]:
    return {metric: list(span) for metric, span in spans.items()}


def _finite(value: Any) -> Any:
    """The value with None for every NaN, which JSON has no word for."""
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass(frozen=True, slots=True)
class Bound:
    """The worst value that a metric may have: the least one, or the largest of `nll` and `ece`."""

    metric: str
    value: float

    def is_met(self, value: float) -> bool:
        """Whether a value is no worse; NaN never is."""
        return value <= self.value if self.metric in LOWER_IS_BETTER else value >= self.value


def parse_bounds(words: Iterable[str], metrics: Sequence[str] = METRICS) -> list[Bound]:
    """`metric=value` words as bounds; raises UsageError for an unknown metric or something that is no number."""
    bounds = []
    for word in words:
        metric, equals, number = word.partition("=")
        metric = metric.strip().replace("-", "_")
        if not equals:
            raise UsageError(f"the bound '{word}' has no '='", "write it as macro_f1=0.5")
        if metric not in metrics:
            raise UsageError(f"there is no metric '{metric}' to bound", f"use one of {', '.join(metrics)}")
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
