"""The network and the language models as one set of weights.

A network tells frequent origins apart better, a language model of each origin knows those with few names sooner; one
that reads backward knows endings as the other knows beginnings. Their logits are added with four numbers fitted on the
validation side (a product of experts, Hinton 2002):

    logits = a · network + (b · forward + c · backward) / √(number of symbols) + p · log prior

All parts are linear in weights that the network has anyway: the head's, the wide part's and the head's bias. So the
blend is folded into them, and costs nothing when names are told. The language models that are folded may be counted in
more names than those that the blend was fitted with: counting, unlike training, can make use of the validation names.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

from charnn_cli.text.ngrams import NgramVocabulary
from charnn_cli.train.counting import Counts

TYPICAL = (0.6, 0.35, 0.4, 0.15)  # what validation sides choose, about; stands in where there are too few names to ask
FEWEST_NAMES = 100


@dataclass(frozen=True, slots=True)
class Blend:
    """How much of the network, the two language models and the log priors."""

    network: float
    forward: float
    backward: float
    prior: float

    def logits(
        self, network: NDArray[np.float64], counted: NDArray[np.float64], log_priors: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Blended logits (N, C) of the network's (N, C), the language models' (2, N, C) and log priors (C,)."""
        blended: NDArray[np.float64] = self.network * network + self.prior * log_priors
        blended += self.forward * counted[0] + self.backward * counted[1]
        return blended

    def fold(
        self, tensors: dict[str, NDArray[np.float32]], learned_with: NgramVocabulary, counts: Counts
    ) -> dict[str, NDArray[np.float32]]:
        """Weights of a network that computes the blend by itself.

        `tensors` were learned with the rows of one vocabulary; the result has those of `counts`, which holds it.
        """
        assert counts.ngrams is not None
        assert counts.language_models is not None
        places = 1 + np.searchsorted(counts.ngrams.codes, learned_with.codes)
        wide = np.zeros((len(counts.ngrams) + 1, len(counts.priors)), dtype=np.float32)
        wide[places] = tensors["wide.weight"][1:]
        forward, backward = counts.language_models
        wide *= np.float32(self.network)
        wide[1:] += np.float32(self.forward) * forward + np.float32(self.backward) * backward
        head = np.float32(self.network) * tensors["head.weight"]
        bias = self.network * tensors["head.bias"].astype(np.float64) + self.prior * counts.log_priors
        return tensors | {"wide.weight": wide, "head.weight": head, "head.bias": bias.astype(np.float32)}


def fit_blend(
    network: NDArray[np.float64],
    counted: NDArray[np.float64],
    log_priors: NDArray[np.float64],
    origins: NDArray[np.integer],
) -> Blend:
    """The blend with the lowest negative log-likelihood on these validation names, or a typical one for too few.

    network: (N, C), counted: (2, N, C), log_priors: (C,), origins: (N,).
    """
    if len(origins) < FEWEST_NAMES:
        return Blend(*TYPICAL)
    parts = np.stack([network, *counted, np.broadcast_to(log_priors, network.shape)])  # (4, N, C)
    rows = np.arange(len(origins))

    def loss_and_gradient(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        log_probabilities = log_softmax(np.tensordot(weights, parts, axes=1), axis=1)
        difference = np.exp(log_probabilities)
        difference[rows, origins] -= 1.0
        gradient = np.tensordot(parts, difference, axes=([1, 2], [0, 1])) / len(origins)
        return float(-log_probabilities[rows, origins].mean()), gradient

    bounds = [(0.0, None), (0.0, None), (0.0, None), (-2, 2)]
    found = minimize(loss_and_gradient, TYPICAL, jac=True, method="L-BFGS-B", bounds=bounds)
    return Blend(*(float(weight) for weight in found.x))
