"""Labels that are likely wrong, by confident learning.

Northcutt, Jiang and Chuang, Confident Learning: Estimating Uncertainty in Dataset Labels, Journal of Artificial
Intelligence Research 70, 2021. Probabilities are those of models that have not seen the names (out of fold). A name
belongs with confidence to a label that it gets at least as probably as, on average, the names that bear this label do:

    t_j = mean of p_j over the names with label j
    guess = the j with the largest p_j among those with p_j >= t_j

Names whose guess is another label than their own are the off-diagonal of the paper's confident joint.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROUNDING = 1e-6  # names that are all as probable reach their mean


@dataclass(frozen=True, slots=True)
class Suspects:
    """Rows whose label is likely wrong, the most suspicious first.

    rows: (S,) indices. proposed: (S,) the label that each belongs to with confidence. margins: (S,) the probability of
    its own label minus that of the likeliest other, from -1 to 0.
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

    A row whose own label is the likeliest is none, as in the library cleanlab. With `names` (N,), equal for rows of one
    name, nor is a row whose guess is another label that the same name bears. Raises ValueError where a probability is
    no number or the sizes do not fit.
    """
    count, num_labels = probabilities.shape
    if labels.shape != (count,) or not np.isfinite(probabilities).all():
        raise ValueError(f"{labels.shape} labels for probabilities {probabilities.shape}, which must be numbers")
    rows, sizes = np.arange(count), np.bincount(labels, minlength=num_labels)
    own = probabilities[rows, labels].astype(np.float64)
    totals = np.bincount(labels, weights=own, minlength=num_labels)
    thresholds = np.divide(totals, sizes, out=np.full(num_labels, np.inf), where=sizes > 0)
    confident = np.where(probabilities >= thresholds - ROUNDING, probabilities, -1.0)
    guesses, is_confident = confident.argmax(axis=1), confident.max(axis=1) >= 0
    if names is not None:
        keys = np.unique(names, return_inverse=True)[1] * num_labels
        guesses = np.where(np.isin(keys + guesses, keys + labels), labels, guesses)
    others = probabilities.astype(np.float64)
    others[rows, labels] = -1.0
    margins = own - others.max(axis=1, initial=-1.0)
    found = np.flatnonzero(is_confident & (guesses != labels) & (margins < 0))
    found = found[np.argsort(margins[found], kind="stable")]
    return Suspects(found, guesses[found], margins[found])
