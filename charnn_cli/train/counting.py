"""What is counted of labelled names rather than learned: shares, n-grams, and the language models of the origins.

What of a training grows without bound is what the labels multiply: a weight for each of them and every n-gram, a
probability for each of them and every held-out name, and their confusion. So whether it fits into the memory of the
machine is asked here, before it begins. The factors are what trainings were seen to take at their peak.
"""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from charnn_cli.architecture import tensor_shapes
from charnn_cli.config import ModelConfig
from charnn_cli.data import length_buckets
from charnn_cli.errors import DataError
from charnn_cli.model import ngram_batch
from charnn_cli.text.alphabet import Symbols
from charnn_cli.text.language_model import language_models
from charnn_cli.text.ngrams import LabelledNgrams, NgramVocabulary

AT_ONCE = 1024  # names that are told together, when nothing is learned
WEIGHT_BYTES = 50  # itself, its gradient, the optimiser's two moments, and the copies of all that are saved
COUNTED_WEIGHT_BYTES = 55  # more where language models are counted into it, with and without validation names
HELD_OUT_BYTES = 80  # a label's logit of a held-out name, and what calibration and figures make of it
PAIR_BYTES = 32  # two labels that may be taken for each other
GIB = 2**30

OnShare = Callable[[float], None]  # takes the share of the work that is done, from 0 to 1


def stretch(on_progress: OnShare, start: float, end: float) -> OnShare:
    """What tells the share of a part of the work, as the work's from `start` to `end`."""
    return lambda share: on_progress(start + (end - start) * share)


@dataclass(frozen=True, slots=True)
class Counts:
    """Counted in N names: the share of each label (C,), the vocabulary, and two language models (2, G, C).

    The first reads names forward, the second backward; both have float32 weights.
    """

    names: int
    priors: NDArray[np.float64]
    ngrams: NgramVocabulary | None
    language_models: NDArray[np.float32] | None

    @classmethod
    def of(
        cls,
        names: LabelledNgrams,
        config: ModelConfig,
        *,
        num_symbols: int,
        at_least: "Counts | None" = None,
    ) -> "Counts":
        """The counts of names; raises DataError where memory would not hold their weights.

        The vocabulary holds all n-grams of `at_least`: where it would have lost some to `ngram_max_size`, it is theirs.
        """
        number = int(names.names.sum())
        shares = names.names / max(number, 1)
        if not config.wide:
            return cls(number, shares, None, None)
        ngrams = names.vocabulary(min_count=config.ngram_min_count, max_size=config.ngram_max_size)
        if at_least is not None and at_least.ngrams is not None and not ngrams.holds(at_least.ngrams):
            ngrams = at_least.ngrams
        memory, num_labels, num_ngrams = physical_memory(), len(shares), len(ngrams)
        check_memory(config, memory=memory, num_labels=num_labels, num_symbols=num_symbols, num_ngrams=num_ngrams)
        models = language_models(names, ngrams, num_symbols=num_symbols) if config.language_model else None
        return cls(number, shares, ngrams, models)

    @property
    def log_priors(self) -> NDArray[np.float64]:
        """Logarithms of `priors` (C,); a label without names counts as half a name."""
        return np.log(np.maximum(self.priors, 0.5 / max(self.names, 1)))

    def logits(self, symbols: Symbols, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """What each language model says of some names: log-likelihoods / √(number of symbols), (2, N, C).

        Zeros where there is none.
        """
        logits = np.zeros((2, len(rows), len(self.priors)))
        if self.language_models is None or self.ngrams is None:
            return logits
        lengths = symbols.lengths_of(rows)
        for weights, result in zip(self.language_models, logits, strict=True):
            table = torch.from_numpy(np.pad(weights, ((1, 0), (0, 0))))  # (G + 1, C)
            for places in length_buckets(lengths, AT_ONCE, None):
                found = ngram_batch(self.ngrams, symbols.padded(rows[places])).flatten(1)  # (B, T · O)
                result[places] = functional.embedding_bag(found, table, mode="sum", padding_idx=0).numpy()
        return logits / np.sqrt(np.maximum(lengths, 1))[:, None]


def check_memory(
    config: ModelConfig,
    *,
    memory: int | None,
    num_labels: int,
    num_symbols: int,
    num_ngrams: int = 0,
    held_out: int = 0,
) -> None:
    """Raise DataError where a training would take more than `memory` bytes, None for no bound.

    `held_out` is the number of names of the larger held-out side. What is not known yet counts as none.
    """
    shapes = tensor_shapes(config.architecture(), num_symbols=num_symbols, num_labels=num_labels, num_ngrams=num_ngrams)
    per_weight = WEIGHT_BYTES + COUNTED_WEIGHT_BYTES * config.language_model
    needed = {name: per_weight * math.prod(shape) for name, shape in shapes.items()}
    needed |= {"held out": HELD_OUT_BYTES * held_out * num_labels, "pairs": PAIR_BYTES * num_labels**2}
    total = sum(needed.values())
    if memory is None or total <= memory:
        return
    of_labels = {name: needed[name] for name in ("wide.weight", "held out", "pairs") if name in needed}
    weights = sum(map(math.prod, shapes.values()))
    takes = f"{total / GIB:,.0f} GiB of memory to train"
    has = f"(this machine has {memory / GIB:,.0f} GiB)"
    if total - sum(of_labels.values()) > sum(of_labels.values()):
        key = _widest(config, num_labels=num_labels, num_symbols=num_symbols)
        what = f"{key} {getattr(config, key):,} makes {weights:,} weights, and takes {takes}"
        raise DataError(what, f"make model.{key} smaller {has}")
    do = f"group them to fewer {has}"
    if needed.get("wide.weight", 0) > total - memory:
        do += ", or set model.wide and model.language_model false"
    if needed["held out"] > total - memory:
        do += ", or hold fewer names out"
    raise DataError(f"{num_labels:,} origins make {weights:,} weights, and take {takes}", do)


def _widest(config: ModelConfig, *, num_labels: int, num_symbols: int) -> str:
    """The setting of a network's size that at its default would spare most weights."""

    def weights(settings: ModelConfig) -> int:
        shapes = tensor_shapes(settings.architecture(), num_symbols=num_symbols, num_labels=num_labels, num_ngrams=0)
        return sum(map(math.prod, shapes.values()))

    default = ModelConfig()
    sizes = {key: getattr(default, key) for key in ("hidden_size", "embedding_size", "num_layers")}
    return min(sizes, key=lambda key: weights(config.model_copy(update={key: min(getattr(config, key), sizes[key])})))


def physical_memory() -> int | None:
    """Bytes, None where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
