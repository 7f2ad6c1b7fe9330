"""A trained model, and a training under way, as arrays: nothing of torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.architecture import Architecture
from charnn_cli.conformal import PredictionSets
from charnn_cli.scaling import Scaling
from charnn_cli.shares import Calibration
from charnn_cli.text import TextRules, normalise
from charnn_cli.text.alphabet import Alphabet, Symbols
from charnn_cli.text.ngrams import NgramVocabulary

FEW = 0.1  # of the training names; of surnames one in twenty has several words


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """Weights, and how names become their input and logits become probabilities.

    `tensors` are float32 arrays under the names of `NameClassifier.state_dict()`; `priors` (C,) are the shares of
    the labels among the names that it has learned from or counted; probabilities are made by `scaling`. Of names of
    one word the logits are multiplied by `one_word` first, where a model of full names was calibrated on both kinds.
    `several_words` is the share of the training names with more than one word, None where nobody counted.
    `sets` says how large sets of origins must be, None where too few names validated it.
    `calibrations` are what the shares of a list are estimated with, by the kind of its names, of those that it has.
    """

    labels: tuple[str, ...]
    rules: TextRules
    alphabet: Alphabet
    architecture: Architecture
    tensors: Mapping[str, NDArray[np.float32]]
    ngrams: NgramVocabulary | None
    priors: NDArray[np.float64]
    temperature: float = 1.0
    power: float = 1.0
    one_word: float = 1.0
    several_words: float | None = None
    sets: PredictionSets | None = None
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def scaling(self) -> Scaling:
        """How its logits become calibrated probabilities."""
        return Scaling(self.temperature, self.power)

    @property
    def knows_single_words(self) -> bool:
        """Whether so few of the training names had several words that it has not learned people's full names."""
        return self.several_words is not None and self.several_words < FEW

    def encode(self, names: Sequence[str]) -> Symbols:
        """Symbols of names as people spell them."""
        return self.encode_texts([normalise(name, self.rules) for name in names])

    def encode_texts(self, texts: Sequence[str]) -> Symbols:
        """Symbols of texts, normalised by `rules`."""
        return self.alphabet.encode(texts, boundaries=self.rules.boundaries, marks=self.rules.marks or ())


@dataclass(frozen=True, slots=True)
class SavedState:
    """What a training needs to go on: every array of the training, and its position."""

    tensors: Mapping[str, np.ndarray]
    progress: Mapping[str, Any]
