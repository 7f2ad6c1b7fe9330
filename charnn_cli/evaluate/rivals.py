"""Other models on the same names: other runs, and the linear model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from charnn_cli.data import TRAIN, VALIDATION, known_by, name_hash, name_key
from charnn_cli.evaluate import baseline
from charnn_cli.evaluate.names import EvaluationSet, LabelledNames, OnAnswered, answer, renumbered, trained_on
from charnn_cli.metrics import METRICS, Outcomes, compute_metrics, differences, intervals
from charnn_cli.store import Run
from charnn_cli.text import normaliser


@dataclass(frozen=True, slots=True)
class Rival:
    """Another model's metrics, and by how much the run's differ from them (run minus rival, paired)."""

    name: str
    metrics: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    differences: Mapping[str, tuple[float, float, float]]  # difference, low, high
    seen_in_training: int | None
    about: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls, name: str, ours: Outcomes, theirs: Outcomes, seen: int | None, about: Mapping[str, Any] | None = None
    ) -> "Rival":
        return cls(name, compute_metrics(theirs), intervals(theirs), differences(ours, theirs), seen, about or {})

    def to_json(self) -> dict[str, Any]:
        return {
            "metrics": dict(self.metrics),
            "intervals": {metric: list(interval) for metric, interval in self.intervals.items()},
            "differences": {
                metric: {"difference": self.differences[metric][0], "interval": list(self.differences[metric][1:])}
                for metric in METRICS
            },
            "seen_in_training": self.seen_in_training,
            **self.about,
        }


def other_run(run: Run, examples: EvaluationSet, ours: Outcomes, on_progress: OnAnswered | None = None) -> Rival:
    """Another run on these names, by its own text rules and labels; raises ModelError where it cannot be read."""
    origins, _ = renumbered(examples.origins, examples.labels, run.trained.labels)
    unknown = int((origins >= len(run.trained.labels)).sum())
    theirs = answer(run.trained, examples.names, origins, on_progress, name_part=examples.name_part).outcomes
    texts = map(normaliser(known_by(run.trained.rules)), examples.names)  # runs of other rules have other hashes
    seen = trained_on(run, name_hash(map(name_key, texts)))
    about = {"unknown_origins": unknown}
    return Rival.of(run.called, ours, theirs, None if seen is None else int(seen.sum()), about)


def fit_linear(run: Run, own: LabelledNames, on_fit: Callable[[int, int], None] | None = None) -> baseline.Chosen:
    """The linear model of the run's names: fitted on their training side and chosen on their validation side.

    Where the run has counted its validation names too, it is fitted on them as well in the end. `on_fit` takes how
    many settings are fitted, of how many.
    """
    keeps = _keeps_validation(run)
    return baseline.choose_by(own.dataset, own.sides, run.trained.rules, keep_validation=keeps, on_fit=on_fit)


def _keeps_validation(run: Run) -> bool:
    return bool(run.trained.about.get("counts_validation"))


def linear_model(
    run: Run,
    own: LabelledNames,
    examples: EvaluationSet,
    ours: Outcomes,
    on_fit: Callable[[int, int], None] | None = None,  # settings fitted, of how many
) -> Rival:
    """The linear model of the run's own names on others; see `fit_linear`."""
    chosen = fit_linear(run, own, on_fit)
    numbered, _ = renumbered(examples.origins, examples.labels, own.dataset.labels)
    spelled = baseline.spell(examples.names, run.trained.rules)
    theirs = Outcomes.of(chosen.model.probabilities(spelled), numbered)
    sides = [TRAIN, VALIDATION] if _keeps_validation(run) else [TRAIN]
    seen = int(np.isin(examples.keys, own.dataset.hashes[np.isin(own.sides, sides)]).sum())
    about = {"setting": chosen.setting.name, "validation": chosen.validation, "training_seconds": chosen.seconds}
    return Rival.of("linear model", ours, theirs, seen, about)
