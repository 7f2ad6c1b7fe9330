"""Random trained models for tests of the engine and of prediction."""

import numpy as np

from charnn_cli.architecture import Architecture
from charnn_cli.ngrams import NgramVocabulary
from charnn_cli.text import Alphabet, TextRules, normalise
from charnn_cli.trained import TrainedModel

NAMES = (
    "Hinton Satoshi Dovesky Abe Nakamura O'Neill Müller García Nguyễn Smith Jackson Khoury Kowalski Kim Li Rossi Dubois "
    "Hansen Papadopoulos Ivanov Silva Dimitriou McDonald Vandenberg Johnson Jansen Petrov Tanaka Suzuki Haddad Rahman "
    "Schneider Schmidt Fischer Bauer Lefebvre Moreau Ricci Romano Novak Svoboda Murphy Byrne Walsh"
).split()
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
    if architecture.uses_ngrams:
        symbols = alphabet.encode(texts, boundaries=rules.boundaries)
        vocabulary = NgramVocabulary.learned(symbols, architecture.ngram_orders, min_count=2, max_size=100_000)
    shapes = tensor_shapes(architecture, len(alphabet), len(labels), 0 if vocabulary is None else len(vocabulary))
    generator = np.random.default_rng(seed)
    tensors = {}
    for name, shape in shapes.items():
        fan_in = shape[-1] if len(shape) > 1 else 1
        values = generator.standard_normal(shape) * scale * (2 / np.sqrt(fan_in) if len(shape) > 1 else 1)
        tensors[name] = values.astype(np.float32)
        if name in ("ngram_embedding.weight", "wide.weight"):
            tensors[name][0] = 0
        if name == "embedding.weight":
            tensors[name][:2] = 0
    priors = np.full(len(labels), 1 / len(labels))
    return TrainedModel(labels, rules, alphabet, architecture, tensors, vocabulary, priors, temperature)


def tensor_shapes(
    architecture: Architecture, num_symbols: int, num_labels: int, num_ngrams: int
) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the tensors of a network."""
    size, hidden = architecture.embedding_size, architecture.hidden_size
    shapes: dict[str, tuple[int, ...]] = {}
    if architecture.wide:
        shapes["wide.weight"] = (num_ngrams + 1, num_labels)
    if architecture.cell == "lesson":
        shapes["i2h.weight"] = (hidden, num_symbols + hidden)
        shapes["i2h.bias"] = (hidden,)
        shapes["i2o.weight"] = (num_labels, num_symbols + hidden)
        shapes["i2o.bias"] = (num_labels,)
        return shapes
    if architecture.input != "one_hot":
        shapes["embedding.weight"] = (num_symbols, size)
    if architecture.input == "ngrams":
        shapes["ngram_embedding.weight"] = (num_ngrams + 1, size)
    width = num_symbols if architecture.input == "one_hot" else size
    if architecture.cell == "mlp":
        shapes["layers.0.weight"] = (hidden, width)
        shapes["layers.0.bias"] = (hidden,)
    else:
        rows = architecture.gates * hidden
        for layer in range(architecture.num_layers):
            for direction in architecture.directions:
                prefix = f"layers.{layer}.{direction}."
                shapes[prefix + "weight_ih"] = (rows, width)
                shapes[prefix + "weight_hh"] = (rows, hidden)
                shapes[prefix + "bias_ih"] = (rows,)
                shapes[prefix + "bias_hh"] = (rows,)
            width = architecture.feature_size
        if architecture.pooling == "attention":
            shapes["attention.weight"] = (1, width)
            shapes["attention.bias"] = (1,)
    shapes["head.weight"] = (num_labels, architecture.feature_size)
    shapes["head.bias"] = (num_labels,)
    return shapes
