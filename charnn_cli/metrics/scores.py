"""What came out for each name, and the metrics of it, each row with a weight.

With all weights 1 they are the metrics of the data; with the counts of a bootstrap resample as weights, the
metrics of the resample. Every metric is a sum over the names divided once by its total.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import DataError

ABSTAINED = -1  # stands in `predicted` where the model gave no answer


@dataclass(frozen=True, slots=True)
class Outcomes:
    """One row a name; labels are numbers, first the model's own, then those of the data that the model lacks."""

    origins: NDArray[np.int64]  # (N,) the true label
    predicted: NDArray[np.int64]  # (N,) the most probable label, or ABSTAINED
    in_top_3: NDArray[np.bool_]  # (N,) the true label is among the three most probable
    nats: NDArray[np.float64]  # (N,) -log probability of the true label, NaN where the model lacks the label
    confidence: NDArray[np.float64]  # (N,) probability of the predicted label, 0 where the model abstained
    num_labels: int

    def __len__(self) -> int:
        return len(self.origins)

    @property
    def correct(self) -> NDArray[np.bool_]:
        return np.equal(self.origins, self.predicted)

    @classmethod
    def of(
        cls,
        probabilities: NDArray[np.floating],  # (N, C), rows sum to 1
        origins: NDArray[np.integer],  # (N,)
        abstained: NDArray[np.bool_] | None = None,  # (N,)
    ) -> "Outcomes":
        """Reduce the probabilities of C labels.

        An origin of C or above is a label that the model lacks: always a mistake, and left out of the NLL, whose
        logarithm would be infinite. A name that the model abstains on is a mistake too; it has confidence 0 and
        costs what a guess over all labels costs, log C nats. Of equally probable labels the first one counts.

        Raises DataError where there are no names, and ValueError where shapes or values do not fit.
        """
        count, num_known = probabilities.shape
        true = np.asarray(origins, dtype=np.int64)
        if true.shape != (count,):
            raise ValueError(f"{count} rows of probabilities, {true.shape} origins")
        if not count:
            raise _no_names()
        silent = np.zeros(count, dtype=np.bool_) if abstained is None else np.asarray(abstained, dtype=np.bool_)
        if true.min() < 0 or not np.isfinite(probabilities[~silent]).all():
            raise ValueError("origins must be 0 or above and probabilities finite")
        probabilities = np.where(silent[:, None], 1 / num_known, probabilities).astype(np.float64)

        rows = np.arange(count)
        known = true < num_known
        own = probabilities[rows, np.where(known, true, 0)][:, None]  # (N, 1) probability of the true label
        above = probabilities > own  # (N, C)
        above |= (probabilities == own) & (np.arange(num_known) < true[:, None])
        predicted = probabilities.argmax(axis=1)
        smallest = np.finfo(np.float64).tiny
        return cls(
            origins=true,
            predicted=np.where(silent, ABSTAINED, predicted),
            in_top_3=known & ~silent & (above.sum(axis=1) < 3),
            nats=np.where(known, -np.log(np.maximum(own[:, 0], smallest)), np.nan),
            confidence=np.where(silent, 0.0, probabilities[rows, predicted]),
            num_labels=max(num_known, int(true.max()) + 1),
        )

    @classmethod
    def joined(cls, parts: Sequence["Outcomes"]) -> "Outcomes":
        """The outcomes of several sets of names, one after the other."""
        rows = {name: np.concatenate([getattr(part, name) for part in parts]) for name in ROWS}
        return cls(**rows, num_labels=max(part.num_labels for part in parts))

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> "Outcomes":
        """The outcomes of some of the names; raises DataError where none are left."""
        if not len(self.origins[rows]):
            raise _no_names()
        return replace(self, **{name: getattr(self, name)[rows] for name in ROWS})


ROWS = ("origins", "predicted", "in_top_3", "nats", "confidence")  # of `Outcomes`, an entry a name each


def _no_names() -> DataError:
    return DataError("there are no names to evaluate", "give a file with labelled names, or choose another split")


METRICS = ("accuracy", "balanced_accuracy", "macro_f1", "weighted_f1", "top_3_accuracy", "nll", "ece")
LOWER_IS_BETTER = frozenset({"nll", "ece", "nats_per_letter", "bits_per_letter", "perplexity"})
ECE_BINS = 15


def compute_metrics(
    probabilities: NDArray[np.floating] | Outcomes,
    origins: NDArray[np.integer] | None = None,
) -> dict[str, float]:
    """Every metric of `METRICS`, from probabilities (N, C) and true labels (N,), or from `Outcomes`.

    - `accuracy`, `top_3_accuracy`: share of the names whose origin is the most probable label, or among three.
    - `balanced_accuracy`: mean recall over the labels that have names here.
    - `macro_f1`: mean F1 over the labels that have names here, equal to scikit-learn's
      `f1_score(average="macro", labels=labels_with_names, zero_division=0)`; a label without names counts only
      through the names that it takes from others. `weighted_f1`: the same, each label weighing its names.
    - `nll`: mean -log probability of the true label in nats, over the names whose label the model knows; NaN where
      it knows none.
    - `ece`: expected calibration error, the mean over the names of |accuracy - confidence| of the bin, in 15 bins of
      equal mass (Nguyen and O'Connor, EMNLP 2015; Nixon et al., arXiv:1904.01685).

    Raises DataError where there are no names.
    """
    if isinstance(probabilities, Outcomes):
        outcomes = probabilities
    elif origins is not None:
        outcomes = Outcomes.of(probabilities, origins)
    else:
        raise TypeError("probabilities need origins")
    single = Weighing(outcomes)(np.ones((1, len(outcomes))))
    return {metric: float(values[0]) for metric, values in single.items()}


class Weighing:
    """The metrics of one set of outcomes under any number of weightings; sorts the rows once."""

    def __init__(self, outcomes: Outcomes) -> None:
        correct = np.flatnonzero(outcomes.correct)
        answered = np.flatnonzero(outcomes.predicted >= 0)
        self._known = np.flatnonzero(~np.isnan(outcomes.nats))
        self._nats = outcomes.nats[self._known]
        self._in_top_3 = outcomes.in_top_3.astype(np.float64)
        self._support = _SumsBy(np.arange(len(outcomes)), outcomes.origins, outcomes.num_labels)
        self._predicted = _SumsBy(answered, outcomes.predicted[answered], outcomes.num_labels)
        self._hits = _SumsBy(correct, outcomes.origins[correct], outcomes.num_labels)
        self._bins = EqualMassBins(outcomes, ECE_BINS)

    def __call__(self, weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Each metric for each of R weightings (R, N) of the names, (R,)."""
        total = weights.sum(axis=1)  # (R,)
        support, predicted, hits = self._support(weights), self._predicted(weights), self._hits(weights)  # (R, L)
        present = support > 0
        recall = _divided(hits, support)
        f1 = np.where(present, _divided(2 * hits, support + predicted), 0.0)
        all_known = len(self._known) == weights.shape[1]
        known = weights if all_known else weights[:, self._known]
        return {
            "accuracy": hits.sum(axis=1) / total,
            "balanced_accuracy": recall.sum(axis=1) / present.sum(axis=1),
            "macro_f1": f1.sum(axis=1) / present.sum(axis=1),
            "weighted_f1": (f1 * support).sum(axis=1) / total,
            "top_3_accuracy": weights @ self._in_top_3 / total,
            "nll": _divided(known @ self._nats, known.sum(axis=1), otherwise=np.nan),
            "ece": np.abs(self._bins(weights)[1]).sum(axis=1) / total,
        }


class _SumsBy:
    """Sums of the weights of some rows by their labels."""

    def __init__(self, rows: NDArray[np.int64], labels: NDArray[np.int64], num_labels: int) -> None:
        order = np.argsort(labels, kind="stable")
        self._rows = rows[order]
        self._present, self._starts = np.unique(labels[order], return_index=True)
        self._num_labels = num_labels

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums (R, L) of weights (R, N)."""
        sums = np.zeros((len(weights), self._num_labels))
        if len(self._rows):
            sums[:, self._present] = np.add.reduceat(weights.take(self._rows, axis=1), self._starts, axis=1)
        return sums


class EqualMassBins:
    """Bins that hold equal weight each, by rising confidence.

    The names lie by confidence on a line as long as their total weight, cut into equal pieces. Names of one
    confidence are spread evenly over their stretch, so that the result does not depend on the order of the rows.
    """

    def __init__(self, outcomes: Outcomes, num_bins: int) -> None:
        self._order = np.argsort(outcomes.confidence, kind="stable")
        self.confidence, self._starts = np.unique(outcomes.confidence[self._order], return_index=True)  # (G,)
        self._gap = (outcomes.correct - outcomes.confidence)[self._order]
        self._num_bins = num_bins

    def __call__(self, weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Sums of the confidences and of (correct - confidence) in each bin, (R, bins), for weights (R, N)."""
        mass = weights.take(self._order, axis=1)
        gaps = mass * self._gap
        if len(self.confidence) < len(self._order):
            mass, gaps = np.add.reduceat(mass, self._starts, axis=1), np.add.reduceat(gaps, self._starts, axis=1)
        confidences = mass * self.confidence
        sums = np.empty((2, len(weights), self._num_bins))
        for row, stretches in enumerate(mass):
            ends = np.concatenate(([0.0], np.cumsum(stretches)))
            cuts = ends[-1] * np.arange(self._num_bins + 1) / self._num_bins
            for kind, values in enumerate((confidences[row], gaps[row])):
                sums[kind, row] = np.diff(_at(cuts, ends, np.concatenate(([0.0], np.cumsum(values)))))
        return sums[0], sums[1]


def _at(cuts: NDArray[np.float64], ends: NDArray[np.float64], summed: NDArray[np.float64]) -> NDArray[np.float64]:
    """The running sum at each cut, straight between the ends of the stretches."""
    after = np.clip(np.searchsorted(ends, cuts), 1, len(ends) - 1)
    width = ends[after] - ends[after - 1]
    share = np.divide(cuts - ends[after - 1], width, out=np.zeros_like(cuts), where=width > 0)
    return summed[after - 1] + share * (summed[after] - summed[after - 1])


def _divided(above: NDArray[np.float64], below: NDArray[np.float64], otherwise: float = 0.0) -> NDArray[np.float64]:
    return np.divide(above, below, out=np.full_like(above, otherwise), where=below > 0)
