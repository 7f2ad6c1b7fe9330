"""Labelled names as the tensors that a network trains on."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from charnn_cli.config import Config
from charnn_cli.data import TEST, TRAIN, VALIDATION, Dataset, length_buckets
from charnn_cli.errors import DataError
from charnn_cli.language_model import language_model
from charnn_cli.model import NameClassifier, ngram_batch
from charnn_cli.ngrams import NgramVocabulary
from charnn_cli.text import Alphabet, Symbols, TextRules, normalise
from charnn_cli.train.limits import check_memory
from charnn_cli.trained import TrainedModel


@dataclass(frozen=True, slots=True)
class Batch:
    """Some names on the device of the network."""

    rows: NDArray[np.int64]  # (B,)
    symbols: Tensor  # (B, T)
    lengths: Tensor  # (B,)
    ngrams: Tensor | None  # (B, T, O)
    origins: Tensor  # (B,)


@dataclass(frozen=True, slots=True)
class Examples:
    """Names in symbols, with their side of the split and all that was learned from the training side."""

    names: list[str]
    symbols: Symbols
    origins: NDArray[np.int32]  # (N,)
    sides: NDArray[np.int8]  # (N,)
    labels: tuple[str, ...]
    rules: TextRules
    alphabet: Alphabet
    ngrams: NgramVocabulary | None
    language_model: NDArray[np.float64] | None  # (G, C)

    @classmethod
    def learned(cls, dataset: Dataset, sides: NDArray[np.int8], config: Config) -> "Examples":
        """Symbols by the scripts, the alphabet and the n-grams of the training side.

        Raises DataError where the training side has fewer than two origins, or so many that memory does not hold them.
        """
        training = np.flatnonzero(sides == TRAIN)
        if len(np.unique(dataset.origins[training])) < 2:
            raise DataError(
                "training needs names of at least two origins", "add names, or make the held-out shares smaller"
            )
        texts = [dataset.texts[row] for row in training]
        rules = config.text.rules().learned(texts)
        alphabet = Alphabet.learned(texts)
        # Held-out names are read as prediction will read them: letters of scripts that training lacks are dropped.
        as_read = [
            text if text.isascii() else normalise(name, rules)
            for text, name in zip(dataset.texts, dataset.names, strict=True)
        ]
        symbols = alphabet.encode(as_read, boundaries=rules.boundaries)
        sizes = {
            "num_labels": len(dataset.labels),
            "num_symbols": len(alphabet),
            "held_out": int(np.bincount(sides, minlength=TRAIN + 1)[TRAIN + 1 :].max(initial=0)),
        }
        check_memory(config, num_ngrams=0, **sizes)
        ngrams, counted = None, None
        if config.model.architecture().uses_ngrams:
            learned_from = alphabet.encode(texts, boundaries=rules.boundaries)
            ngrams = NgramVocabulary.learned(
                learned_from,
                config.model.ngram_orders,
                min_count=config.model.ngram_min_count,
                max_size=config.model.ngram_max_size,
            )
            check_memory(config, num_ngrams=len(ngrams), **sizes)
            if config.model.language_model:
                counted = language_model(
                    learned_from,
                    dataset.origins[training],
                    ngrams,
                    num_labels=len(dataset.labels),
                    num_symbols=len(alphabet),
                )
        return cls(dataset.names, symbols, dataset.origins, sides, dataset.labels, rules, alphabet, ngrams, counted)

    @property
    def training(self) -> NDArray[np.int64]:
        """Rows of the training side."""
        return np.flatnonzero(self.sides == TRAIN)

    @property
    def validation(self) -> NDArray[np.int64]:
        return np.flatnonzero(self.sides == VALIDATION)

    @property
    def test(self) -> NDArray[np.int64]:
        return np.flatnonzero(self.sides == TEST)

    @property
    def priors(self) -> NDArray[np.float64]:
        """Share of each label in the training side, (C,)."""
        counts = np.bincount(self.origins[self.training], minlength=len(self.labels))
        shares: NDArray[np.float64] = counts / counts.sum()
        return shares

    @property
    def log_priors(self) -> NDArray[np.float64]:
        """Logarithms of `priors`; a label without training names counts as half a name."""
        return np.log(np.maximum(self.priors, 0.5 / max(len(self.training), 1)))

    def batch(self, rows: NDArray[np.int64], device: torch.device) -> Batch:
        padded = self.symbols.padded(rows)  # (B, T)
        ngrams = None if self.ngrams is None else ngram_batch(self.ngrams, padded).to(device)
        return Batch(
            rows,
            torch.from_numpy(padded.astype(np.int64)).to(device),
            torch.from_numpy(self.symbols.lengths[rows]).to(device),
            ngrams,
            torch.from_numpy(self.origins[rows].astype(np.int64)).to(device),
        )

    def network(self, config: Config) -> NameClassifier:
        """A fresh network for these names; its first weights depend on the seed alone."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            return NameClassifier(
                config.model.architecture(),
                num_symbols=len(self.alphabet),
                num_labels=len(self.labels),
                num_ngrams=0 if self.ngrams is None else len(self.ngrams),
                dropout=config.model.dropout,
                ngram_dropout=config.model.ngram_dropout,
                wide_dropout=config.model.wide_dropout,
                initialisation=config.model.initialisation,
                forget_bias=config.model.forget_bias,
                truncate_every=config.training.truncate_every,
            )

    def trained(
        self, config: Config, tensors: dict[str, NDArray[np.float32]], temperature: float, about: dict[str, object]
    ) -> TrainedModel:
        """The model that these weights make."""
        return TrainedModel(
            labels=self.labels,
            rules=self.rules,
            alphabet=self.alphabet,
            architecture=config.model.architecture(),
            tensors=tensors,
            ngrams=self.ngrams,
            priors=self.priors,
            temperature=temperature,
            about=about,
        )


@torch.no_grad()
def logits_of(
    model: NameClassifier, examples: Examples, rows: NDArray[np.int64], device: torch.device, batch_size: int = 1024
) -> NDArray[np.float64]:
    """Logits (N, C) of some names, by a network that is left in the mode it was in; touches no random state."""
    was_training = model.training
    model.eval()
    logits = np.zeros((len(rows), len(examples.labels)))
    for places in length_buckets(examples.symbols.lengths[rows], batch_size, None):
        batch = examples.batch(rows[places], device)
        logits[places] = model(batch.symbols, batch.lengths, batch.ngrams).double().cpu().numpy()
    model.train(was_training)
    return logits


def language_model_logits(examples: Examples, rows: NDArray[np.int64], batch_size: int = 1024) -> NDArray[np.float64]:
    """What the language model adds to the logits of some names, (N, C), or zeros where there is none."""
    logits = np.zeros((len(rows), len(examples.labels)))
    if examples.language_model is None or examples.ngrams is None:
        return logits
    table = np.vstack([np.zeros((1, logits.shape[1])), examples.language_model])
    lengths = examples.symbols.lengths[rows]
    for places in length_buckets(lengths, batch_size, None):
        ngrams = ngram_batch(examples.ngrams, examples.symbols.padded(rows[places])).numpy()
        logits[places] = table[ngrams.reshape(len(places), -1)].sum(axis=1)
    return logits / np.sqrt(np.maximum(lengths, 1))[:, None]
