"""Random trained models for tests of the engine and of prediction."""

import numpy as np

from charnn_cli.architecture import Architecture, tensor_shapes
from charnn_cli.text import TextRules, normalise
from charnn_cli.text.alphabet import Alphabet
from charnn_cli.text.ngrams import NgramVocabulary
from charnn_cli.trained import TrainedModel

NAMES = [
    "Hinton",
    "Satoshi",
    "Dovesky",
    "Abe",
    "Nakamura",
    "O'Neill",
    "Müller",
    "García",
    "Nguyễn",
    "Smith",
    "Jackson",
    "Khoury",
    "Kowalski",
    "Kim",
    "Li",
    "Rossi",
    "Dubois",
    "Hansen",
    "Papadopoulos",
    "Ivanov",
    "Silva",
    "Dimitriou",
    "McDonald",
    "Vandenberg",
    "Johnson",
    "Jansen",
    "Petrov",
    "Tanaka",
    "Suzuki",
    "Haddad",
    "Rahman",
    "Schneider",
    "Schmidt",
    "Fischer",
    "Bauer",
    "Lefebvre",
    "Moreau",
    "Ricci",
    "Romano",
    "Novak",
    "Svoboda",
    "Murphy",
    "Byrne",
    "Walsh",
]
LABELS = ("Arabic", "Chinese", "Dutch", "English", "Scottish")


def random_model(
    architecture: Architecture, *, seed: int = 0, labels: tuple[str, ...] = LABELS, rules: TextRules | None = None,
    names: list[str] | None = None, scale: float = 0.5, temperature: float = 1.0,
) -> TrainedModel:  # fmt: skip
    """A model of this architecture with normally distributed weights, that knows the n-grams of `names`."""
    rules = rules or TextRules()
    texts = [normalise(name, rules) for name in names or NAMES]
    rules = rules.learned(texts)
    alphabet = Alphabet.learned(texts)
    vocabulary = None
    if architecture.wide:
        symbols = alphabet.encode(texts, boundaries=rules.boundaries)
        vocabulary = NgramVocabulary.learned(symbols, architecture.ngram_orders, min_count=2, max_size=100_000)
    num_ngrams = 0 if vocabulary is None else len(vocabulary)
    shapes = tensor_shapes(architecture, num_symbols=len(alphabet), num_labels=len(labels), num_ngrams=num_ngrams)
    generator = np.random.default_rng(seed)
    tensors = {}
    for name, shape in shapes.items():
        fan_in = shape[-1] if len(shape) > 1 else 1
        values = generator.standard_normal(shape) * scale * (2 / np.sqrt(fan_in) if len(shape) > 1 else 1)
        tensors[name] = values.astype(np.float32)
        if name == "wide.weight":
            tensors[name][0] = 0
        if name == "embedding.weight":
            tensors[name][:2] = 0
    priors = np.full(len(labels), 1 / len(labels))
    return TrainedModel(labels, rules, alphabet, architecture, tensors, vocabulary, priors, temperature)
