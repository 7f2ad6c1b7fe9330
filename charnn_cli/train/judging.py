"""How good the weights of an epoch are, on the validation side, as the model that would be kept.

That model is the network and the language models as one set of weights. The network tells frequent origins apart
better, a language model of each origin knows those with few names sooner; one that reads backward knows endings as the
other knows beginnings. Their logits are added with four numbers fitted on the validation side (a product of experts,
Hinton 2002):

    logits = a · network + (b · forward + c · backward) / √(number of symbols) + p · log prior

All parts are linear in weights that the network has anyway: the head's, the wide part's and the head's bias. So the
blend is folded into them, and costs nothing when names are told. The language models that are folded may be counted in
more names than those that the blend was fitted with: counting, unlike training, can make use of the validation names.
`Scaling` then makes the probabilities mean what they say: a temperature, and a power where it is worth its number.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax, softmax

from charnn_cli.conformal import FEWEST_NAMES
from charnn_cli.metrics import compute_metrics
from charnn_cli.model import NameClassifier
from charnn_cli.processes import ALONE, Processes
from charnn_cli.scaling import UNSCALED, Scaling
from charnn_cli.text.ngrams import NgramVocabulary
from charnn_cli.train.batching import logits_of
from charnn_cli.train.counting import Counts
from charnn_cli.train.training_data import TrainingData

TYPICAL = (0.6, 0.35, 0.4, 0.15)  # what validation sides choose, about; stands in where there are too few names to ask
COLDEST, HOTTEST = 0.05, 20.0
POWERS = 0.25, 4.0
LEAST_GAIN = 1e-5  # nats; less is the noise of the search


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


def nll(logits: NDArray[np.float64], origins: NDArray[np.integer], temperature: float = 1.0) -> float:
    """Mean negative log-likelihood in nats of origins (N,) under softmax(logits (N, C) / temperature)."""
    log_probabilities = log_softmax(logits / temperature, axis=1)
    return float(-log_probabilities[np.arange(len(origins)), origins].mean())


def fit_temperature(logits: NDArray[np.float64], origins: NDArray[np.integer]) -> float:
    """The temperature that lowers the NLL of these validation names most, or 1.0 where none lowers it."""
    if not len(origins):
        return 1.0
    bounds = (np.log(COLDEST), np.log(HOTTEST))
    found = minimize_scalar(lambda log_t: nll(logits, origins, float(np.exp(log_t))), bounds=bounds, method="bounded")
    temperature = float(np.exp(found.x))
    gain = nll(logits, origins) - nll(logits, origins, temperature)
    return temperature if gain > LEAST_GAIN else 1.0


def fit_scaling(logits: NDArray[np.float64], origins: NDArray[np.integer]) -> Scaling:
    """The temperature for these validation names, and with it the power that together lower their NLL most.

    The power stays 1 unless it saves more nats over all N names than a number costs, log(N) / 2 (Schwarz 1978).
    """
    plain = Scaling(fit_temperature(logits, origins))
    if len(origins) < FEWEST_NAMES:
        return plain
    start, bounds = np.log([plain.temperature, plain.power]), np.log([(COLDEST, HOTTEST), POWERS])
    found = minimize(lambda logs: nll(Scaling(*np.exp(logs)).logits(logits), origins), start, bounds=bounds)
    gain = len(origins) * (nll(plain.logits(logits), origins) - float(found.fun))
    return Scaling(*np.exp(found.x).tolist()) if gain > np.log(len(origins)) / 2 else plain


@dataclass(frozen=True, slots=True)
class Verdict:
    """Metrics of a model on the validation side, none where they are not finite, and the model."""

    metrics: dict[str, float]
    scaling: Scaling
    tensors: dict[str, NDArray[np.float32]]
    logits: NDArray[np.float64] | None = None  # (N, C), of the validation side
    network_nats: float | None = None  # mean loss of the network before it was blended
    overflows: bool = False  # the network's logits are not finite, so that nothing could be blended either


class Judge:
    """Blends a network with the language models, fits its scaling, and measures it; all on the validation side.

    What is measured has counted the training names alone; the tensors of the verdict are blended with
    `TrainingData.final_counts`. Each process computes the logits of its share of the names, and all of them the rest.
    """

    def __init__(self, data: TrainingData, device: torch.device, processes: Processes = ALONE) -> None:
        self.data = data
        self.device = device
        self.processes = processes
        self.rows = data.validation
        self.origins = data.origins[self.rows]
        self.blends = data.counts.language_models is not None
        self.counted = data.counts.logits(data.symbols, self.rows)  # (2, N, C)

    def __call__(self, model: NameClassifier, tensors: dict[str, NDArray[np.float32]]) -> Verdict:
        """Judge a network, whose weights are also given as arrays."""
        own = logits_of(model, self.data, self.processes.share(self.rows), self.device)
        logits = self.processes.joined(own, len(self.rows))
        if not np.isfinite(logits).all():
            return Verdict({}, UNSCALED, tensors, overflows=True)
        network_nats = nll(logits, self.origins) if len(self.rows) else None
        counts, ngrams = self.data.counts, self.data.network_ngrams
        if self.blends and ngrams is not None:
            blend = fit_blend(logits, self.counted, counts.log_priors, self.origins)
            tensors = blend.fold(tensors, ngrams, self.data.final_counts)
            logits = blend.logits(logits, self.counted, counts.log_priors)
        if not len(self.rows):
            return Verdict({}, UNSCALED, tensors)
        metrics = compute_metrics(softmax(logits, axis=1), self.origins)
        return Verdict(metrics, fit_scaling(logits, self.origins), tensors, logits, network_nats)
