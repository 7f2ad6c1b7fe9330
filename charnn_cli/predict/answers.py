"""What a model says about names."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

BELOW_THRESHOLD = "below_threshold"
REASONS = ("empty", "no_letters", "no_name", "unsupported_script", BELOW_THRESHOLD)


@dataclass(frozen=True, slots=True)
class RankedOrigin:
    """An origin that a name may have, and how probable it is."""

    origin: str
    probability: float
    log_probability: float  # natural logarithm


@dataclass(frozen=True, slots=True)
class Prediction:
    """The likeliest origins of a name, or why none is given.

    `reason` is None where the model answers, else one of `REASONS`, and then there are no predictions.
    """

    name: str
    reason: str | None
    predictions: tuple[RankedOrigin, ...]
    read_as: str | None = None  # the part that was read in its place

    @property
    def status(self) -> str:
        return "ok" if self.reason is None else "abstained"

    @property
    def origin(self) -> str | None:
        """The likeliest origin."""
        return self.predictions[0].origin if self.predictions else None

    @property
    def probability(self) -> float | None:
        """The probability of the likeliest origin."""
        return self.predictions[0].probability if self.predictions else None


@dataclass(frozen=True, slots=True)
class Answers:
    """What a model says about N names, as columns."""

    labels: tuple[str, ...]
    reasons: list[str | None]  # (N,)
    origins: NDArray[np.int64]  # (N, k) indices of labels, the likeliest first; anything where there is a reason
    probabilities: NDArray[np.float32]  # (N, k)
    log_probabilities: NDArray[np.float32]  # (N, k), natural logarithms
    shares: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))  # (N, C) of all origins
    texts: Sequence[str] = ()  # (N,) what the network has read
    read_as: list[str | None] | None = None  # (N,) the part of a name that was read in its place; None where none was

    def __len__(self) -> int:
        return len(self.reasons)

    def predictions(self, names: list[str]) -> list[Prediction]:
        """The same as objects."""
        result = []
        columns = (self.origins.tolist(), self.probabilities.tolist(), self.log_probabilities.tolist())
        parts = self.read_as or [None] * len(names)
        for name, reason, origins, probabilities, logs, part in zip(names, self.reasons, *columns, parts, strict=True):
            labels = map(self.labels.__getitem__, origins)
            ranked = () if reason else tuple(map(RankedOrigin, labels, probabilities, logs))
            result.append(Prediction(name, reason, ranked, part))
        return result


def rank(
    probabilities: NDArray[np.float64], reasons: list[str | None], labels: tuple[str, ...], k: int, threshold: float
) -> Answers:
    """The k likeliest origins of each row (N, C); equal probabilities keep the order of the labels.

    Rows whose best probability is below the threshold abstain.
    """
    if k == 1:
        origins = probabilities.argmax(axis=1)[:, None]
    else:
        origins = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    best = np.take_along_axis(probabilities, origins, axis=1)
    with np.errstate(divide="ignore"):
        logs = np.log(best)
    if threshold > 0:
        below = best[:, 0] < threshold
        if below.any():
            reasons = [
                reason or (BELOW_THRESHOLD if is_below else None)
                for reason, is_below in zip(reasons, below.tolist(), strict=True)
            ]
    return Answers(labels, reasons, origins, best.astype(np.float32), logs.astype(np.float32), probabilities)
