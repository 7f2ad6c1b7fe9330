"""Smoothed n-grams of each origin against the recursion that they stand for."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from charnn_cli.text.alphabet import Alphabet
from charnn_cli.text.smoothed import SmoothedNgrams, letters_told

NAMES = {0: ["Ivanov", "Petrov", "Vanov"], 1: ["Kim", "Li"]}
ALPHABET = Alphabet.learned([name for names in NAMES.values() for name in names])
SYMBOLS = ALPHABET.encode([name for names in NAMES.values() for name in names], boundaries=True)
ORIGINS = np.array([0, 0, 0, 1, 1])
LETTERS = len(ALPHABET.characters) + 1  # and the end


def cost(names: list[str], name: str, order: int, escape: float) -> float:
    """-log P(name) by interpolated Witten-Bell, letter by letter."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for known in names:
        for end in range(1, len(text := f"<{known}>")):
            for start in range(max(0, end - order + 1), end + 1):
                counts[text[start:end]][text[end]] += 1

    def probability(letter: str, before: str) -> float:
        lower = probability(letter, before[1:]) if before else 1 / LETTERS
        if before not in counts:
            return lower
        kinds = escape * len(counts[before])
        return (counts[before][letter] + kinds * lower) / (counts[before].total() + kinds)

    text = f"<{name}>"
    return -sum(math.log(probability(text[at], text[max(0, at - order + 1) : at])) for at in range(1, len(text)))


@pytest.mark.parametrize(("order", "escape"), [(1, 1.0), (2, 2.0), (4, 0.5)])
def test_costs_are_those_of_the_recursion(order: int, escape: float) -> None:
    model = SmoothedNgrams.counted(SYMBOLS, ORIGINS, order, escape, num_labels=2, letters=LETTERS)
    for name in ("Ivanov", "Kim", "Livan", "ttt"):  # t stands in no name of the second origin
        for origin, names in NAMES.items():
            (nats,) = model.nats(ALPHABET.encode([name], boundaries=True), np.array([origin]))
            assert nats == pytest.approx(cost(names, name, order, escape), rel=1e-5)


def test_the_choice_is_the_one_that_says_most_of_the_validation_names() -> None:
    held_out = ALPHABET.encode(["Ivan", "Petrov", "Lim"], boundaries=True), np.array([0, 0, 1])
    chosen = SmoothedNgrams.chosen((SYMBOLS, ORIGINS), held_out, num_labels=2, letters=LETTERS)
    least = chosen.nats(*held_out).sum()
    for order, escape in ((2, 0.5), (3, 1.0), (7, 2.0)):
        other = SmoothedNgrams.counted(SYMBOLS, ORIGINS, order, escape, num_labels=2, letters=LETTERS)
        assert least <= other.nats(*held_out).sum()


def test_a_letter_that_no_training_name_held_is_none_of_the_told_ones() -> None:
    assert letters_told(ALPHABET.encode(["Kim", "Käm", ""], boundaries=True)).tolist() == [4, 3, 1]
