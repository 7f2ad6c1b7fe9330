"""What is enough to measure speed with: networks of random weights, and names that nobody has."""

import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from charnn_cli.architecture import tensor_shapes
from charnn_cli.config import load_settings
from charnn_cli.store import save_trained
from charnn_cli.text import normalise
from charnn_cli.text.alphabet import Alphabet
from charnn_cli.text.ngrams import NgramVocabulary
from charnn_cli.trained import TrainedModel


def random_run(folder: Path, recipe: str, names: list[str], labels: tuple[str, ...]) -> Path:
    """A run folder with a network of the recipe's shape and random weights."""
    config = load_settings(recipe).config
    architecture = config.model.architecture()
    rules = config.text.rules()
    texts = [normalise(name, rules) for name in names]
    rules = rules.learned(texts)
    alphabet = Alphabet.learned(texts)
    vocabulary = None
    if architecture.wide:
        vocabulary = NgramVocabulary.learned(
            alphabet.encode(texts, boundaries=rules.boundaries),
            architecture.ngram_orders,
            min_count=config.model.ngram_min_count,
            max_size=config.model.ngram_max_size,
        )
    generator = np.random.default_rng(0)
    shapes = tensor_shapes(
        architecture,
        num_symbols=len(alphabet),
        num_labels=len(labels),
        num_ngrams=0 if vocabulary is None else len(vocabulary),
    )
    tensors = {name: 0.1 * generator.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    folder.mkdir()
    priors = np.full(len(labels), 1 / len(labels))
    save_trained(folder, TrainedModel(labels, rules, alphabet, architecture, tensors, vocabulary, priors))
    return folder


def invent(names: list[str], count: int, generator: random.Random) -> Iterator[str]:
    """Distinct names whose letters follow each other as in these: a Markov chain of order 3."""
    following: dict[str, list[str]] = defaultdict(list)
    for name in names:
        text = f"\n\n\n{name}\n"
        for at in range(3, len(text)):
            following[text[at - 3 : at]].append(text[at])
    seen: set[str] = set()
    while len(seen) < count:
        text = "\n\n\n"
        while (letter := generator.choice(following[text[-3:]])) != "\n" and len(text) < 40:
            text += letter
        name = text[3:]
        if len(name) > 1 and name not in seen:
            seen.add(name)
            yield name
