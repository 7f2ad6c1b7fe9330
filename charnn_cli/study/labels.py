"""Labels that are likely wrong, by confident learning.

Northcutt, Jiang and Chuang, Confident Learning: Estimating Uncertainty in Dataset Labels, Journal of Artificial
Intelligence Research 70, 2021. Probabilities are those of models that have not seen the names (out of fold). A name
belongs with confidence to a label that it gets at least as probably as, on average, the names that bear this label do:

    t_j = mean of p_j over the names with label j
    guess = the j with the largest p_j among those with p_j >= t_j

How many names with label i have the guess j, scaled to all names with label i, is how many of them are expected to be
j in truth; suspected are so many for which p_i - p_j is least ("prune by noise rate", section 3.2).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROUNDING = 1e-6  # names that are all as probable reach their mean


@dataclass(frozen=True, slots=True)
class Suspects:
    """Rows whose label is likely wrong, the most suspicious first.

    rows: (S,) indices. proposed: (S,) the likeliest other label of each. margins: (S,) the probability of its own label
    minus that of this other, from -1 to 0.
    """

    rows: NDArray[np.int64]
    proposed: NDArray[np.int64]
    margins: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.rows)


def suspects(
    probabilities: NDArray[np.floating], labels: NDArray[np.integer], names: NDArray[Any] | None = None
) -> Suspects:
    """Suspected labels among `labels` (N,), by out-of-fold probabilities (N, C).

    With `names` (N,), equal for rows of one name, a row is never suspected to have another label that its name bears as
    well. Raises ValueError where a probability is no number or the sizes do not fit.
    """
    count, num_labels = probabilities.shape
    if labels.shape != (count,) or not np.isfinite(probabilities).all():
        raise ValueError(f"{labels.shape} labels for probabilities {probabilities.shape}, which must be numbers")
    keys = np.arange(count) if names is None else np.unique(names, return_inverse=True)[1]
    borne = np.zeros((count, num_labels), dtype=np.bool_)  # by name
    borne[keys, labels] = True
    borne = borne[keys]  # (N, C) by row
    margins = probabilities[np.arange(count), labels][:, None] - probabilities.astype(np.float64)
    margins[borne] = np.inf
    is_suspect = np.zeros(count, dtype=np.bool_)
    for given, counts in enumerate(_expected(probabilities, labels, borne)):
        rows = np.flatnonzero(labels == given)
        for true in np.flatnonzero(counts):
            first = rows[np.argsort(margins[rows, true], kind="stable")[: counts[true]]]
            is_suspect[first[margins[first, true] < 0]] = True
    found = np.flatnonzero(is_suspect)
    proposed = margins[found].argmin(axis=1)
    nearest = margins[found, proposed]
    order = np.argsort(nearest, kind="stable")
    return Suspects(found[order], proposed[order], nearest[order])


def _expected(
    probabilities: NDArray[np.floating], labels: NDArray[np.integer], borne: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """How many rows of each label are expected to have each other one in truth, (C, C); 0 on the diagonal."""
    count, num_labels = probabilities.shape
    rows, sizes = np.arange(count), np.bincount(labels, minlength=num_labels)
    totals = np.bincount(labels, weights=probabilities[rows, labels], minlength=num_labels)
    thresholds = np.divide(totals, sizes, out=np.full(num_labels, np.inf), where=sizes > 0)
    confident = np.where(probabilities >= thresholds - ROUNDING, probabilities, -1.0)
    guesses, is_confident = confident.argmax(axis=1), confident.max(axis=1) >= 0
    guesses = np.where(borne[rows, guesses], labels, guesses)
    joint = np.zeros((num_labels, num_labels))
    np.add.at(joint, (labels[is_confident], guesses[is_confident]), 1)
    np.fill_diagonal(joint, np.maximum(joint.diagonal(), 1))
    counts: NDArray[np.int64] = np.rint(joint * (sizes / joint.sum(axis=1))[:, None]).astype(np.int64)
    np.fill_diagonal(counts, 0)
    return counts
