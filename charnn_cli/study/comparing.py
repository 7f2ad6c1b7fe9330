"""Whether recipes differ: paired differences over splits, with intervals that know that the splits overlap.

The training sides of two random splits share most of their names, so that differences of repeated splits vary less than
those of fresh data would. Nadeau and Bengio (Inference for the Generalization Error, Machine Learning 52, 2003) put
1/J + n_test/n_train in the place of 1/J of the t-test's variance; Bouckaert and Frank (PAKDD 2004) use the same for
repeated cross-validation. Seeds are no further data: the differences of one split are averaged over its seeds first.
Of several comparisons the probabilities are adjusted by Holm's method (Scandinavian Journal of Statistics 6, 1979).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from charnn_cli.metrics import LOWER_IS_BETTER

LEVEL = 0.05
NOT_SHOWN = "no difference shown"
NOT_ASKED = "not told by one split"


@dataclass(frozen=True, slots=True)
class Difference:
    """Of a metric, a recipe minus the one that all are compared with; a 95 % interval, and probabilities.

    All but the difference are None where fewer than two splits were measured. `adjusted` is `p` by Holm's method over
    the recipes that are compared.
    """

    metric: str
    difference: float
    low: float | None
    high: float | None
    p: float | None
    adjusted: float | None
    by_split: tuple[float, ...]

    @property
    def verdict(self) -> str:
        """In a word: better, worse, that no difference is shown, or that none could be."""
        if self.adjusted is None:
            return NOT_ASKED
        if not self.adjusted < LEVEL:
            return NOT_SHOWN
        return "better" if (self.difference < 0) == (self.metric in LOWER_IS_BETTER) else "worse"


def corrected_t(differences: Sequence[float], ratio: float) -> tuple[float, float, float, float]:
    """The mean of the differences (J,) of J ≥ 2 splits, its 95 % interval, and the two-sided probability.

    `ratio` is n_test / n_train. Nadeau and Bengio (2003), section 3: t = mean / sqrt((1/J + ratio) s²), with J - 1
    degrees of freedom.
    """
    from scipy.special import stdtr, stdtrit

    count, mean = len(differences), float(np.mean(differences))
    error = math.sqrt((1 / count + ratio) * float(np.var(differences, ddof=1)))
    reach = float(stdtrit(count - 1, 1 - LEVEL / 2)) * error
    if error == 0:
        return mean, mean, mean, float(mean == 0)
    return mean, mean - reach, mean + reach, 2 * float(stdtr(count - 1, -abs(mean) / error))


def holm(probabilities: Sequence[float]) -> list[float]:
    """The probabilities of several comparisons, each adjusted so that all of them together err as rarely as one."""
    adjusted, least = [0.0] * len(probabilities), 0.0
    for rank, place in enumerate(sorted(range(len(probabilities)), key=lambda place: probabilities[place])):
        least = max(least, min(1.0, (len(probabilities) - rank) * probabilities[place]))
        adjusted[place] = least
    return adjusted


def compare(
    values: Mapping[str, Mapping[int, float]], *, metric: str, reference: str, ratio: float
) -> dict[str, Difference]:
    """Each recipe against `reference`, of the mean of a metric on each split: recipe → split → value."""
    own = values[reference]
    found: dict[str, Difference] = {}
    for recipe, by_split in values.items():
        paired = [value - own[split] for split, value in by_split.items() if split in own]
        if recipe == reference or not paired:
            continue
        if len(paired) > 1 and math.isfinite(sum(paired)):
            mean, low, high, p = corrected_t(paired, ratio)
            found[recipe] = Difference(metric, mean, low, high, p, p, tuple(paired))
        else:
            found[recipe] = Difference(metric, float(np.mean(paired)), None, None, None, None, tuple(paired))
    asked = {recipe: told.p for recipe, told in found.items() if told.p is not None}
    for recipe, adjusted in zip(asked, holm(list(asked.values())), strict=True):
        found[recipe] = replace(found[recipe], adjusted=adjusted)
    return found
