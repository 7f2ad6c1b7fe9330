"""Labelled names in symbols, and all that a training learns or counts of them before its first step."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from charnn_cli.config import Config
from charnn_cli.data import TEST, TRAIN, VALIDATION, Dataset
from charnn_cli.data.dataset import Texts, packed
from charnn_cli.errors import DataError
from charnn_cli.text import TextRules, normaliser, script_of
from charnn_cli.text.alphabet import BLOCK_NAMES, Alphabet, Symbols
from charnn_cli.text.ngrams import LabelledNgrams, NgramVocabulary
from charnn_cli.train.counting import Counts, OnShare, check_memory, physical_memory, stretch
from charnn_cli.trained import TrainedModel

MARKED, READ, ENCODED, COUNTED, WEIGHED = 0.1, 0.4, 0.5, 0.7, 0.85  # shares of the work of `learn_from`


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Names in symbols, with their side of the split and all that was learned from the training side."""

    names: Texts
    symbols: Symbols
    unmarked_lengths: NDArray[np.int64]  # (N,), symbols without the marks behind each name
    origins: NDArray[np.int32]  # (N,)
    sides: NDArray[np.int8]  # (N,)
    labels: tuple[str, ...]
    rules: TextRules
    alphabet: Alphabet
    counts: Counts  # of the training side
    final_counts: Counts  # of the training side, and of the validation side with `model.count_validation`
    several_words: float  # the share of the training names with more than one word
    network_ngrams: NgramVocabulary | None  # whose weights a network learns: all of the counts', or the shorter ones
    start: TrainedModel | None = None  # whose network the training begins with

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

    def have_several_words(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of some names (B,) have more than one word."""
        return self.symbols.take(rows).holding(self.alphabet.spaces)

    @property
    def known(self) -> NDArray[np.int64]:
        """Rows of the names that the kept model has learned from or counted."""
        counts_validation = self.final_counts is not self.counts
        return np.flatnonzero((self.sides == TRAIN) | ((self.sides == VALIDATION) & counts_validation))


def learn_from(
    dataset: Dataset,
    sides: NDArray[np.int8],
    config: Config,
    on_progress: OnShare = lambda share: None,
    start: TrainedModel | None = None,
) -> TrainingData:
    """Symbols by the scripts, the marks, the alphabet and the n-grams of the training side.

    With `start`, a model whose network the training will begin with, letters and marks that it knows are read too.
    `on_progress` takes the share of the work that is done, from 0 to 1. Raises DataError where the training side
    has fewer than two origins, or so many that memory does not hold them.
    """
    on_progress(0.0)
    training = np.flatnonzero(sides == TRAIN)
    if np.count_nonzero(np.bincount(dataset.origins[training])) < 2:
        raise DataError(
            "training needs names of at least two origins", "add names, or make the held-out shares smaller"
        )
    rules = config.text.rules().learned(dataset.texts[training], dataset.names[training] if config.text.marks else ())
    if start is not None:
        rules = with_marks_of(start, rules)
    on_progress(MARKED)
    as_read = _as_read(dataset, rules)
    on_progress(READ)
    alphabet = Alphabet.learned(as_read[training])
    num_own_symbols = len(alphabet)
    if start is not None:
        alphabet = with_letters_of(start, alphabet, rules)
    symbols = encode(as_read, alphabet, rules)
    on_progress(ENCODED)
    held_out = int(np.bincount(sides, minlength=TEST + 1)[[VALIDATION, TEST]].max())
    num_labels, num_symbols, memory = len(dataset.labels), len(alphabet), physical_memory()
    check_memory(config.model, memory=memory, num_labels=num_labels, num_symbols=num_symbols, held_out=held_out)
    again = config.model.language_model and config.model.count_validation and bool(np.any(sides == VALIDATION))
    orders = config.model.ngram_orders if config.model.wide else ()
    count = partial(LabelledNgrams.of, orders=orders, num_labels=num_labels)
    learned_from = symbols.take(training)
    counted = count(learned_from, dataset.origins[training], on_progress=stretch(on_progress, ENCODED, COUNTED))
    final = counts = Counts.of(counted, config.model, num_symbols=num_own_symbols)
    network_ngrams = counts.ngrams
    if counts.ngrams is not None and counts.language_models is not None:
        network_ngrams = counts.ngrams.shorter(config.model.learned_orders)
    on_progress(WEIGHED)
    if again:
        validation = np.flatnonzero(sides == VALIDATION)
        counted += count(symbols.take(validation), dataset.origins[validation])
        final = Counts.of(counted, config.model, num_symbols=num_own_symbols, at_least=counts)
    on_progress(1.0)
    space = alphabet.encode([" "] if " " in alphabet.characters else [], boundaries=False).ids
    unmarked_lengths = symbols.lengths_before(alphabet.encode(rules.marks or (), boundaries=False).ids)
    return TrainingData(
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
        float(np.mean(learned_from.lengths_before(space) < learned_from.lengths)) if len(space) else 0.0,
        network_ngrams,
        start,
    )


def _as_read(dataset: Dataset, rules: TextRules) -> Texts:
    """The texts as prediction will read the names: without letters of scripts that training lacks, with its marks."""
    others = np.flatnonzero(~np.fromiter(map(str.isascii, dataset.names), dtype=np.bool_, count=len(dataset)))
    texts = dataset.texts.copy()
    texts[others] = packed(map(normaliser(rules), dataset.names[others]))
    return texts


def encode(texts: Texts, alphabet: Alphabet, rules: TextRules) -> Symbols:
    """`Alphabet.encode` in blocks, into as few bytes a symbol as the alphabet needs."""
    dtype = np.min_scalar_type(len(alphabet) - 1)
    ids, lengths = [np.empty(0, dtype)], [np.empty(0, np.int64)]
    for start in range(0, len(texts), BLOCK_NAMES):
        block = texts[start : start + BLOCK_NAMES].tolist()
        symbols = alphabet.encode(block, boundaries=rules.boundaries, marks=rules.marks or ())
        ids.append(symbols.ids.astype(dtype))
        lengths.append(symbols.lengths)
    return Symbols(np.concatenate(ids), np.append(np.int64(0), np.cumsum(np.concatenate(lengths))))


def with_marks_of(start: TrainedModel, rules: TextRules) -> TextRules:
    """The rules that new names were read by, with the marks of an earlier model, where they read marks."""
    return replace(rules, marks=tuple(sorted({*rules.marks, *(start.rules.marks or ())}))) if rules.marks else rules


def with_letters_of(start: TrainedModel, alphabet: Alphabet, rules: TextRules) -> Alphabet:
    """The alphabet of new names, with the letters of an earlier model that their rules can read."""
    readable = {letter for letter in start.alphabet.characters if _can_be_read(letter, rules)}
    return Alphabet(sorted(readable.union(alphabet.characters)))


def _can_be_read(letter: str, rules: TextRules) -> bool:
    return letter.isascii() or letter in (rules.marks or ()) or script_of(letter) in (rules.scripts or ())
