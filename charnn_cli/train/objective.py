"""What a network is trained to do: tell the origin and, beside it, guess how the name goes on.

From the state at each symbol a layer guesses the next one, as a language model does (many to many). A state that is of
use for both tasks holds what names are made of, and not only what tells these few thousand apart (Rei, ACL 2017). The
layers of the second task are left behind when training ends.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from charnn_cli.architecture import Architecture
from charnn_cli.config import Config, TrainingConfig
from charnn_cli.model import NameClassifier
from charnn_cli.model.layers import Layout, Unrolling
from charnn_cli.train.training_data import TrainingData


class Objective(nn.Module):
    """A network and, where the next symbol is guessed, a layer for each direction in which it reads."""

    def __init__(self, classifier: NameClassifier, config: Config) -> None:
        super().__init__()
        self.classifier = classifier
        directions = classifier.architecture.directions if config.training.next_symbol_weight else ()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self.guesses = nn.ModuleList(
                nn.Linear(classifier.architecture.hidden_size, classifier.num_symbols) for _ in directions
            )
        self.to(next(classifier.parameters()).device)

    @property
    def architecture(self) -> Architecture:
        return self.classifier.architecture

    def forward(self, symbols: Tensor, lengths: Tensor, ngrams: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Logits (B, C) of symbols (B, T), lengths (B,) and rows of n-grams (B, T, O), as the network's own; and the
        cross-entropy in nats of each symbol but the first, read in each direction, summed over names and directions.
        """
        if not self.guesses:
            return self.classifier(symbols, lengths, ngrams), lengths.new_zeros((), dtype=torch.float32)
        tensors: list[list[Tensor]] = [[*guess.parameters()] for guess in self.guesses]
        how = Unrolling(every=self.classifier.truncate_every, beside=_nats, tensors=tensors)
        logits = self.classifier.unrolled(symbols, lengths, ngrams, how)
        return logits, sum(how.made, logits.new_zeros((), dtype=torch.float32))


def _nats(states: Tensor, layout: Layout, symbols: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """What it costs a layer to guess from states (L, H) the symbols (L,) that follow, in the order of reading."""
    guessed = functional.linear(states.index_select(0, layout.going_on), weight, bias).float()
    # Packed step by step, the symbols after the first step are those that follow the states that go on.
    return functional.cross_entropy(guessed, symbols[len(layout.names) :], reduction="sum")


class Criterion:
    """The loss: cross-entropy in nats, the mean over names that count by their labels' weights."""

    def __init__(self, data: TrainingData, training: TrainingConfig, device: torch.device) -> None:
        self.origins = data.origins
        self.weights = _class_weights(data, training)  # (C,)
        balanced = training.class_weights == "balanced"
        self.on_device = torch.tensor(self.weights, dtype=torch.float32, device=device) if balanced else None

    def __call__(self, logits: torch.Tensor, origins: torch.Tensor) -> torch.Tensor:
        """Logits (B, C) and labels (B,) → their mean loss."""
        return functional.cross_entropy(logits.float(), origins, weight=self.on_device)

    def part(self, share: NDArray[np.int64], rows: NDArray[np.int64]) -> float:
        """How much the mean loss of some of a batch's rows counts in the mean loss of the batch, from 0 to 1."""
        return float(self.weights[self.origins[share]].sum() / self.weights[self.origins[rows]].sum())


def _class_weights(data: TrainingData, training: TrainingConfig) -> NDArray[np.float64]:
    """Weights (C,) of the labels; balanced ones give each the same say, and 0 to one without training names."""
    priors = data.counts.priors
    if training.class_weights == "none":
        return np.ones_like(priors)
    shares: NDArray[np.float64] = np.divide(1.0, priors, out=np.zeros_like(priors), where=priors > 0)
    shares /= (priors > 0).sum()
    return shares
