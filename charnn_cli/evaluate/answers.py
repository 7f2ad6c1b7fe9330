"""What a model says of labelled names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charnn_cli.engine import Engine, probabilities
from charnn_cli.metrics import Outcomes
from charnn_cli.text import undecidable
from charnn_cli.trained import TrainedModel

NAMES_AT_ONCE = 8192
LEADING = 3

OnAnswered = Callable[[int, int], None]  # names answered, of how many


@dataclass(frozen=True, slots=True)
class Answers:
    """A model's answers to N names, rows in the order of the names."""

    outcomes: Outcomes
    uncalibrated: Outcomes  # the same at temperature 1
    leading: NDArray[np.int64]  # (N, 3 or fewer) labels, the most probable first
    shares: NDArray[np.float64]  # (N, 3 or fewer) their probabilities


def answer(
    trained: TrainedModel,
    names: Sequence[str],
    origins: NDArray[np.int64],  # (N,) the model's labels, then others
    on_progress: OnAnswered | None = None,
) -> Answers:
    """Ask the model for every name; it abstains where `charnn predict` would. Raises DataError without names."""
    engine = Engine(trained)
    parts = []
    for start in range(0, max(len(names), 1), NAMES_AT_ONCE):
        part = names[start : start + NAMES_AT_ONCE]
        silent = np.array([_abstains(trained, name) for name in part], dtype=np.bool_)
        logits = engine.logits(trained.encode(part))
        calibrated = probabilities(logits, trained.temperature)
        leading = np.argsort(-calibrated, axis=1, kind="stable")[:, :LEADING]
        true = origins[start : start + NAMES_AT_ONCE]
        outcomes = Outcomes.of(calibrated, true, silent)
        parts.append(
            (
                outcomes,
                outcomes if trained.temperature == 1 else Outcomes.of(probabilities(logits), true, silent),
                leading,
                np.take_along_axis(calibrated, leading, axis=1),
            )
        )
        if on_progress is not None:
            on_progress(start + len(part), len(names))
    calibrated_parts, uncalibrated_parts, leading_parts, share_parts = zip(*parts, strict=True)
    return Answers(
        Outcomes.joined(calibrated_parts),
        Outcomes.joined(uncalibrated_parts),
        np.concatenate(leading_parts),
        np.concatenate(share_parts),
    )


def _abstains(trained: TrainedModel, name: str) -> bool:
    return not (name.isascii() and name.isalpha()) and undecidable(name, trained.rules) is not None
