"""How good the weights of an epoch are, on the validation side, as the model that would be kept."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax

from charnn_cli.metrics import compute_metrics
from charnn_cli.model import NameClassifier
from charnn_cli.processes import ALONE, Processes
from charnn_cli.train.blending import fit_blend
from charnn_cli.train.calibration import fit_temperature
from charnn_cli.train.examples import Examples, logits_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """Figures of a model on the validation side, none where they are not finite, and the model."""

    figures: dict[str, float]
    temperature: float
    tensors: dict[str, NDArray[np.float32]]
    logits: NDArray[np.float64] | None = None  # (N, C), of the validation side
    overflows: bool = False  # the network's logits are not finite, so that nothing could be blended either


class Judge:
    """Blends a network with the language models, fits its temperature, and measures it; all on the validation side.

    What is measured has counted the training names alone; the tensors of the verdict are blended with
    `Examples.final_counts`. Each process computes the logits of its share of the names, and all of them the rest.
    """

    def __init__(self, examples: Examples, device: torch.device, processes: Processes = ALONE) -> None:
        self.examples = examples
        self.device = device
        self.processes = processes
        self.rows = examples.validation
        self.origins = examples.origins[self.rows]
        self.blends = examples.counts.language_models is not None
        self.counted = examples.counts.logits(examples.symbols, self.rows)  # (2, N, C)

    def __call__(self, model: NameClassifier, tensors: dict[str, NDArray[np.float32]]) -> Verdict:
        """Judge a network, whose weights are also given as arrays."""
        own = logits_of(model, self.examples, self.processes.share(self.rows), self.device)
        logits = self.processes.joined(own, len(self.rows))
        if not np.isfinite(logits).all():
            return Verdict({}, 1.0, tensors, overflows=True)
        counts, ngrams = self.examples.counts, self.examples.network_ngrams
        if self.blends and ngrams is not None:
            blend = fit_blend(logits, self.counted, counts.log_priors, self.origins)
            tensors = blend.fold(tensors, ngrams, self.examples.final_counts)
            logits = blend.logits(logits, self.counted, counts.log_priors)
        if not len(self.rows):
            return Verdict({}, 1.0, tensors)
        temperature = fit_temperature(logits, self.origins)
        return Verdict(compute_metrics(softmax(logits, axis=1), self.origins), temperature, tensors, logits)
