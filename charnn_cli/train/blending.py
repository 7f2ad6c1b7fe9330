"""The network and the language model as one set of weights.

A network tells frequent origins apart better, a language model of each origin knows those with few names sooner. Their
logits are added with three numbers fitted on the validation side (a product of experts, Hinton 2002):

    logits = a · network + b · language model / √(number of symbols) + p · log prior

All three parts are linear in weights that the network has anyway: the head's, the wide part's and the head's bias. So
the blend is folded into them, and costs nothing when names are told.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

TYPICAL = (0.6, 0.75, 0.3)  # what validation sides choose, about; stands in where there are too few names to ask
FEWEST_NAMES = 100


@dataclass(frozen=True, slots=True)
class Blend:
    """How much of the network, the language model and the log priors."""

    network: float
    language_model: float
    prior: float

    def logits(
        self, network: NDArray[np.float64], language_model: NDArray[np.float64], log_priors: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Blended logits (N, C) of logits (N, C), (N, C) and (C,)."""
        return self.network * network + self.language_model * language_model + self.prior * log_priors

    def fold(
        self,
        tensors: dict[str, NDArray[np.float32]],
        language_model: NDArray[np.float64],  # (G, C)
        log_priors: NDArray[np.float64],  # (C,)
    ) -> dict[str, NDArray[np.float32]]:
        """Weights of a network that computes the blend by itself."""
        wide = self.network * tensors["wide.weight"].astype(np.float64)
        wide[1:] += self.language_model * language_model
        folded = {
            "head.weight": self.network * tensors["head.weight"],
            "head.bias": self.network * tensors["head.bias"] + self.prior * log_priors,
            "wide.weight": wide,
        }
        return tensors | {name: tensor.astype(np.float32) for name, tensor in folded.items()}


def fit_blend(
    network: NDArray[np.float64],
    language_model: NDArray[np.float64],
    log_priors: NDArray[np.float64],
    origins: NDArray[np.integer],
) -> Blend:
    """The blend with the lowest negative log-likelihood on these validation names, or a typical one for too few."""
    if len(origins) < FEWEST_NAMES:
        return Blend(*TYPICAL)
    parts = np.stack([network, language_model, np.broadcast_to(log_priors, network.shape)])  # (3, N, C)
    rows = np.arange(len(origins))

    def loss_and_gradient(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        log_probabilities = log_softmax(np.tensordot(weights, parts, axes=1), axis=1)
        difference = np.exp(log_probabilities)
        difference[rows, origins] -= 1.0
        gradient = np.tensordot(parts, difference, axes=([1, 2], [0, 1])) / len(origins)
        return float(-log_probabilities[rows, origins].mean()), gradient

    found = minimize(
        loss_and_gradient, TYPICAL, jac=True, method="L-BFGS-B", bounds=[(0.0, None), (0.0, None), (-2, 2)]
    )
    return Blend(*(float(weight) for weight in found.x))
