"""What came out for each name: all that the metrics need to know of the probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass

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
        return cls(
            np.concatenate([part.origins for part in parts]),
            np.concatenate([part.predicted for part in parts]),
            np.concatenate([part.in_top_3 for part in parts]),
            np.concatenate([part.nats for part in parts]),
            np.concatenate([part.confidence for part in parts]),
            max(part.num_labels for part in parts),
        )

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> "Outcomes":
        """The outcomes of some of the names; raises DataError where none are left."""
        if not len(self.origins[rows]):
            raise _no_names()
        return Outcomes(
            self.origins[rows],
            self.predicted[rows],
            self.in_top_3[rows],
            self.nats[rows],
            self.confidence[rows],
            self.num_labels,
        )


def _no_names() -> DataError:
    return DataError("there are no names to evaluate", "give a file with labelled names, or choose another split")
