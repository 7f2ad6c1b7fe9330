"""The language model as a table of weights against the recursion that it stands for."""

import math
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charnn_cli.text.alphabet import BEGIN, BLOCK_NAMES, END, Alphabet, Symbols
from charnn_cli.text.language_model import ESCAPE, language_models
from charnn_cli.text.ngrams import LabelledNgrams, NgramVocabulary

Words = list[tuple[str, int]]
ALPHABET = Alphabet("abc")


in_blocks = pytest.mark.parametrize("block", [BLOCK_NAMES, 2])


def encoded(words: Words, block: int) -> Symbols:
    return replace(ALPHABET.encode([word for word, _ in words], boundaries=True), block_names=block)


def vocabulary_of(words: Words, order: int, max_size: int = 10_000, block: int = BLOCK_NAMES) -> NgramVocabulary:
    symbols = encoded(words, block)
    return NgramVocabulary.learned(symbols, range(1, order + 1), min_count=1, max_size=max_size)


def scores(
    words: Words, order: int, asked: list[str], block: int, max_size: int = 10_000, *, backward: bool = False
) -> np.ndarray:
    """Log-likelihoods (N, 2) of the names asked for, by summing the weights counted in `words`."""
    vocabulary = vocabulary_of(words, order, max_size, block)
    symbols = encoded(words, block)
    origins = np.array([label for _, label in words])
    counted = LabelledNgrams.of(symbols, origins, vocabulary.orders, num_labels=2)
    models = language_models(counted, vocabulary, num_symbols=len(ALPHABET))
    weights = models[int(backward)].astype(np.float64)
    symbols = ALPHABET.encode(asked, boundaries=True)
    rows = vocabulary.lookup(symbols.ids, symbols.steps)
    return np.add.reduceat(np.vstack([np.zeros((1, 2)), weights])[rows].sum(axis=1), symbols.offsets[:-1])


def naive(words: Words, order: int, word: str, label: int) -> float:
    """The recursion of the docstring, symbol by symbol."""
    after: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
    for text, origin in words:
        if origin == label:
            ids = ALPHABET.encode([text], boundaries=True).ids.tolist()
            for place in range(1, len(ids)):
                for n in range(order):
                    if place - n >= 0:
                        after[tuple(ids[place - n : place])][ids[place]] += 1

    def probability(symbol: int, context: tuple[int, ...]) -> float:
        lower = probability(symbol, context[1:]) if context else 1 / len(ALPHABET)
        seen = after.get(context)
        if not seen:
            return lower
        kinds = ESCAPE * len(seen)
        return (seen[symbol] + kinds * lower) / (sum(seen.values()) + kinds)

    ids = ALPHABET.encode([word], boundaries=True).ids.tolist()
    assert (ids[0], ids[-1]) == (BEGIN, END)
    return sum(
        math.log(probability(ids[place], tuple(ids[max(0, place - order + 1) : place]))) for place in range(1, len(ids))
    )


labelled = st.lists(st.tuples(st.text("abc", max_size=6), st.integers(0, 1)), min_size=1, max_size=12)


@in_blocks
@settings(max_examples=60)
@given(words=labelled, order=st.integers(1, 4), word=st.text("abc", max_size=7))
def test_summed_weights_are_the_log_likelihood(block: int, words: Words, order: int, word: str) -> None:
    known = {symbol for text, _ in words for symbol in text}
    word = "".join(letter for letter in word if letter in known)  # a symbol without weights says nothing
    expected = [naive(words, order, word, label) for label in (0, 1)]
    assert scores(words, order, [word], block)[0] == pytest.approx(expected, abs=1e-4)


@in_blocks
@settings(max_examples=60)
@given(words=labelled, order=st.integers(1, 4), word=st.text("abc", max_size=7))
def test_backward_is_forward_over_mirrored_names(block: int, words: Words, order: int, word: str) -> None:
    known = {symbol for text, _ in words for symbol in text}
    word = "".join(letter for letter in word if letter in known)
    mirrored = [(text[::-1], label) for text, label in words]
    backward = scores(words, order, [word], block, backward=True)
    assert backward == pytest.approx(scores(mirrored, order, [word[::-1]], block), abs=1e-4)


def test_the_names_of_an_origin_share_one_unit_of_probability() -> None:
    words = [("abca", 0), ("bb", 0), ("cab", 1)]
    upto = [["".join(letters) for n in range(length) for letters in product("abc", repeat=n)] for length in (3, 6)]
    few, many = (np.exp(scores(words, 3, asked, BLOCK_NAMES)).sum(axis=0) for asked in upto)
    assert (few < many).all()
    assert (many < 1).all()


def test_the_likelier_origin_scores_higher() -> None:
    words = [("abab", 0), ("ab", 0), ("cccc", 1), ("cc", 1)]
    first, second = scores(words, 3, ["abab", "ccc"], BLOCK_NAMES)
    assert first[0] > first[1] + 2
    assert second[1] > second[0] + 2


def test_a_pruned_vocabulary_keeps_the_parts_of_what_it_keeps() -> None:
    words = [("abc" * 3, 0), ("cba", 1), ("aab", 1)]
    whole, pruned = vocabulary_of(words, 4), vocabulary_of(words, 4, max_size=15)
    assert 5 < len(pruned.codes) <= 15 < len(whole.codes)
    symbols = ALPHABET.encode([word for word, _ in words], boundaries=True)
    rows = pruned.lookup(symbols.ids, symbols.steps)  # (total, 4)
    longer = rows[1:, 1:] > 0
    assert (rows[1:, :-1][longer] > 0).all()
    assert (rows[:-1, :-1][longer] > 0).all()
    assert np.isfinite(scores(words, 4, ["abcabc", "cba", ""], BLOCK_NAMES, max_size=15)).all()
