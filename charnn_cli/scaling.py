"""From a model's logits to probabilities that mean what they say: two numbers, fitted on validation names.

With s_c = max(logits) - logit_c, by how much label c falls short of the first, what goes into the softmax is

    -(s_c / temperature) ** power

A power of 1 is temperature scaling (Guo et al., ICML 2017), which makes all names surer or all of them less sure. Where
labels are many, the first may be surer than a softmax has it while what is left over spreads among more of the others:
that is a power below 1. A positive power keeps the order of the labels, so that the answers stay what they are (an
intra order-preserving map: Rahimi et al., NeurIPS 2020).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Scaling:
    """How logits are calibrated; `UNSCALED` leaves them as they are.

    As a text, `f"temperature {scaling:.2f}"`, it is the temperature, and the power where there is one.
    """

    temperature: float = 1.0
    power: float = 1.0

    def logits(self, logits: NDArray[np.floating]) -> NDArray[np.float64]:
        """Calibrated logits (N, C) of logits (N, C)."""
        scaled = logits.astype(np.float64)
        scaled /= self.temperature
        if self.power != 1.0:
            np.subtract(scaled.max(axis=1, keepdims=True), scaled, out=scaled)
            np.power(scaled, self.power, out=scaled)
            np.negative(scaled, out=scaled)
        return scaled

    def probabilities(
        self, logits: NDArray[np.floating], weights: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """softmax of the calibrated logits (N, C), each column times its weight (C,), the rows summing to 1.

        The weights are the ratio of the wanted to the training priors: for classes whose names look as in training but
        are more or less frequent, that is Bayes' rule (Saerens, Latinne & Decaestecker 2002).
        """
        scaled = self.logits(logits)
        if weights is not None:
            with np.errstate(divide="ignore"):  # a weight of 0 rules a label out
                scaled += np.log(weights)
        scaled -= scaled.max(axis=1, keepdims=True)
        np.exp(scaled, out=scaled)
        scaled /= scaled.sum(axis=1, keepdims=True)
        return scaled

    def __format__(self, spec: str) -> str:
        power = "" if self.power == 1.0 else f", power {self.power:{spec}}"
        return f"{self.temperature:{spec}}{power}"


UNSCALED = Scaling()
