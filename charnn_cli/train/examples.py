"""Labelled names as the tensors that a network trains on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from charnn_cli.config import Config
from charnn_cli.data import TEST, TRAIN, VALIDATION, Dataset, length_buckets
from charnn_cli.data.packed import BLOCK_ROWS, PackedTexts
from charnn_cli.errors import DataError
from charnn_cli.model import NameClassifier, ngram_batch
from charnn_cli.text import TextRules, normaliser
from charnn_cli.text.alphabet import Alphabet, Symbols
from charnn_cli.text.ngrams import NgramVocabulary
from charnn_cli.train.counting import Counts
from charnn_cli.train.limits import check_memory
from charnn_cli.trained import TrainedModel

ENCODED = 0.15  # how much of the work of learning `Examples` is done with symbols


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

    names: Sequence[str]
    symbols: Symbols
    unmarked_lengths: NDArray[np.int64]  # (N,), symbols without the marks behind each name
    origins: NDArray[np.int32]  # (N,)
    sides: NDArray[np.int8]  # (N,)
    labels: tuple[str, ...]
    rules: TextRules
    alphabet: Alphabet
    counts: Counts  # of the training side
    final_counts: Counts  # of the training side, and of the validation side with `model.count_validation`
    network_ngrams: NgramVocabulary | None  # whose weights a network learns: all of the counts', or the shorter ones

    @classmethod
    def learned(
        cls,
        dataset: Dataset,
        sides: NDArray[np.int8],
        config: Config,
        on_progress: Callable[[float], None] = lambda share: None,
    ) -> "Examples":
        """Symbols by the scripts, the marks, the alphabet and the n-grams of the training side.

        `on_progress` takes the share of the work that is done, from 0 to 1. Raises DataError where the training side
        has fewer than two origins, or so many that memory does not hold them.
        """
        on_progress(0.0)
        training = np.flatnonzero(sides == TRAIN)
        if len(np.unique(dataset.origins[training])) < 2:
            raise DataError(
                "training needs names of at least two origins", "add names, or make the held-out shares smaller"
            )
        texts, names = dataset.texts.take(training), dataset.names.take(training)
        marked = names.take(np.flatnonzero(~names.ascii)) if config.text.marks else ()
        rules = config.text.rules().learned([texts.characters], marked)
        as_read = _as_read(dataset, rules)
        alphabet = Alphabet.learned([as_read.take(training).characters])
        symbols = encode(as_read, alphabet, rules)
        on_progress(ENCODED)
        held_out = int(np.bincount(sides, minlength=TEST + 1)[[VALIDATION, TEST]].max())
        check_memory(config.model, num_labels=len(dataset.labels), num_symbols=len(alphabet), held_out=held_out)
        count = partial(Counts.of, config=config.model, num_labels=len(dataset.labels), num_symbols=len(alphabet))
        known = np.flatnonzero((sides == TRAIN) | (sides == VALIDATION))
        again = config.model.language_model and config.model.count_validation and len(known) > len(training)
        first = (1 - ENCODED) * (len(training) / (len(training) + len(known)) if again else 1)

        def on_counted(share: float) -> None:
            on_progress(ENCODED + first * share)

        def on_counted_again(share: float) -> None:
            on_progress(ENCODED + first + (1 - ENCODED - first) * share)

        learned_from = symbols.take(training)
        final = counts = count(learned_from, dataset.origins[training], on_progress=on_counted)
        network_ngrams = counts.ngrams
        if counts.ngrams is not None and counts.language_models is not None:
            network_ngrams = counts.ngrams.shorter(learned_from, config.model.learned_orders)
        if again:
            final = count(symbols.take(known), dataset.origins[known], at_least=counts, on_progress=on_counted_again)
        unmarked_lengths = symbols.lengths_before(alphabet.encode(rules.marks or (), boundaries=False).ids)
        return cls(
            dataset.names,
            symbols,
            unmarked_lengths,
            dataset.origins,
            sides,
            dataset.labels,
            rules,
            alphabet,
            counts,
            final,
            network_ngrams,
        )

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
    def known(self) -> NDArray[np.int64]:
        """Rows of the names that the kept model has learned from or counted."""
        return self.training if self.final_counts is self.counts else np.union1d(self.training, self.validation)

    def lengths(self, rows: NDArray[np.int64], unmarked: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Symbols (B,) of some names; of those that are `unmarked` (B,) without the marks."""
        lengths = self.symbols.lengths_of(rows)
        return lengths if unmarked is None else np.where(unmarked, self.unmarked_lengths[rows], lengths)

    def finished(self) -> "Examples":
        """The same for networks with the n-grams of a trained model."""
        return replace(self, counts=self.final_counts, network_ngrams=self.final_counts.ngrams)

    def batch(self, rows: NDArray[np.int64], device: torch.device, unmarked: NDArray[np.bool_] | None = None) -> Batch:
        """The names of some rows (B,); of those that are `unmarked` (B,) the marks are left out."""
        lengths = self.lengths(rows, unmarked)
        padded = self.symbols.padded(rows, lengths)  # (B, T)
        return Batch(
            rows,
            _moved(torch.from_numpy(padded.astype(np.int64)), device),
            _moved(torch.from_numpy(lengths), device),
            None if self.network_ngrams is None else _moved(ngram_batch(self.network_ngrams, padded), device),
            _moved(torch.from_numpy(self.origins[rows].astype(np.int64)), device),
        )

    def table_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of an n-gram table that these names read, with or without marks: no other has a gradient."""
        if self.network_ngrams is None:
            return np.empty(0, dtype=np.int64)
        return np.unique(ngram_batch(self.network_ngrams, self.symbols.padded(rows)).numpy())

    def network(self, config: Config) -> NameClassifier:
        """A fresh network for these names; its first weights depend on the seed alone."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            return NameClassifier(
                config.model.architecture(),
                num_symbols=len(self.alphabet),
                num_labels=len(self.labels),
                num_ngrams=0 if self.network_ngrams is None else len(self.network_ngrams),
                dropout=config.model.dropout,
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
            ngrams=self.final_counts.ngrams,
            priors=self.final_counts.priors,
            temperature=temperature,
            about=about,
        )


def _moved(tensor: Tensor, device: torch.device) -> Tensor:
    """The tensor on a device; a GPU fetches it by itself, from memory that stays in place."""
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


def _as_read(dataset: Dataset, rules: TextRules) -> PackedTexts:
    """The texts as prediction will read the names: without letters of scripts that training lacks, with its marks."""
    others = np.flatnonzero(~dataset.names.ascii)
    if not len(others):
        return dataset.texts
    texts = PackedTexts.of(map(normaliser(rules), dataset.names.take(others)))
    rows = np.arange(len(dataset))
    rows[others] = np.arange(len(dataset), len(dataset) + len(others))
    return PackedTexts.joined([dataset.texts, texts]).take(rows)


def encode(texts: PackedTexts, alphabet: Alphabet, rules: TextRules) -> Symbols:
    """`Alphabet.encode` in blocks, into as few bytes a symbol as the alphabet needs."""
    dtype = np.min_scalar_type(len(alphabet) - 1)
    ids, lengths = [np.empty(0, dtype)], [np.empty(0, np.int64)]
    for start in range(0, len(texts), BLOCK_ROWS):
        block = texts[start : start + BLOCK_ROWS]
        symbols = alphabet.encode_code_points(
            block.code_points, block.lengths, boundaries=rules.boundaries, marks=rules.marks or ()
        )
        ids.append(symbols.ids.astype(dtype))
        lengths.append(symbols.lengths)
    return Symbols(np.concatenate(ids), np.append(np.int64(0), np.cumsum(np.concatenate(lengths))))


@torch.no_grad()
def logits_of(
    model: NameClassifier, examples: Examples, rows: NDArray[np.int64], device: torch.device, batch_size: int = 1024
) -> NDArray[np.float64]:
    """Logits (N, C) of some names, by a network that is left in the mode it was in; touches no random state."""
    was_training = model.training
    model.eval()
    logits = np.zeros((len(rows), len(examples.labels)))
    for places in length_buckets(examples.symbols.lengths_of(rows), batch_size, None):
        batch = examples.batch(rows[places], device)
        logits[places] = model(batch.symbols, batch.lengths, batch.ngrams).cpu().double().numpy()  # mps has no float64
    model.train(was_training)
    return logits
