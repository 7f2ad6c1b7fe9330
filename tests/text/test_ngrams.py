"""N-grams: codes that never clash, and lookups that equal a dictionary."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.text.alphabet import BLOCK_NAMES, Symbols
from charnn_cli.text.ngrams import MULTIPLIER, LabelledNgrams, NgramVocabulary, ngram_codes

NAMES = st.lists(st.lists(st.integers(0, 5), max_size=7), max_size=8)
ORDERS = st.lists(st.integers(1, 5), min_size=1, max_size=4, unique=True)


def symbols_of(names: list[list[int]], block: int = BLOCK_NAMES) -> tuple[Symbols, np.ndarray]:
    """Names end to end, and the position of each symbol in its name."""
    ids = np.array([symbol for name in names for symbol in name], dtype=np.int32)
    offsets = np.concatenate(([0], np.cumsum([len(name) for name in names], dtype=np.int64)))
    steps = np.array([step for name in names for step in range(len(name))], dtype=np.int64)
    return Symbols(ids, offsets, block), steps


def ending_at_each(names: list[list[int]], order: int) -> list[tuple[int, ...] | None]:
    return [
        tuple(name[step + 1 - order : step + 1]) if step + 1 >= order else None
        for name in names
        for step in range(len(name))
    ]


@given(names=NAMES, orders=ORDERS)
def test_a_code_is_that_of_its_ngram_alone_and_of_no_other(names, orders):
    symbols, steps = symbols_of(names)
    codes = ngram_codes(symbols.ids, steps, orders)
    assert set(codes) == set(orders)
    ngrams = [ngram for order in orders for ngram in ending_at_each(names, order)]
    found = [code for order in orders for code in codes[order].tolist()]
    assert [code == 0 for code in found] == [ngram is None for ngram in ngrams]
    assert len(set(zip(ngrams, found, strict=True))) == len(set(ngrams)) == len(set(found))


@pytest.mark.parametrize(("alphabet", "orders"), [(300, 2), (40, 3), (16, 4), (9, 5), (6, 6), (2, 11)])
def test_codes_of_all_ngrams_of_all_orders_differ(alphabet, orders):
    every = list(product(range(alphabet), repeat=orders))
    symbols, steps = symbols_of(every)
    codes = ngram_codes(symbols.ids, steps, range(1, orders + 1))
    distinct = np.unique(np.concatenate(list(codes.values())))
    assert len(distinct) == 1 + sum(alphabet**order for order in range(1, orders + 1))  # and 0, for no n-gram


def test_codes_are_those_of_the_formula():
    """They stand in trained models, so they never change."""
    symbols, steps = symbols_of([[4, 9]])
    multiplier = int(MULTIPLIER)
    assert multiplier == 0xD1342543DE82EF95
    expected = (5 * multiplier**2 + 10 * multiplier) % 2**64
    assert ngram_codes(symbols.ids, steps, [2])[2].tolist() == [0, expected]


def test_codes_spread_over_the_whole_range():
    symbols, steps = symbols_of(list(product(range(4, 34), repeat=3)))
    codes = ngram_codes(symbols.ids, steps, [3])[3]
    buckets = np.bincount((codes[codes != 0] >> np.uint64(52)).astype(np.int64), minlength=4096)
    assert buckets.max() < 5 * 27_000 / 4096


@pytest.mark.parametrize("block", [BLOCK_NAMES, 2])
@given(names=NAMES, others=NAMES, orders=ORDERS, min_count=st.integers(1, 3), max_size=st.integers(0, 30))
def test_a_vocabulary_equals_a_dictionary(block, names, others, orders, min_count, max_size):
    symbols, _ = symbols_of(names, block)
    vocabulary = NgramVocabulary.learned(symbols, orders, min_count=min_count, max_size=max_size)
    counts = Counter(ngram for order in orders for ngram in ending_at_each(names, order) if ngram)
    falling = sorted(counts.values(), reverse=True)
    least = max(min_count, falling[max_size] + 1 if len(falling) > max_size else 0)
    frequent = [count for count in falling if count >= least]
    assert len(vocabulary) == len(frequent) <= max_size
    assert np.all(np.diff(vocabulary.codes.astype(object)) > 0)
    assert vocabulary.orders == tuple(orders)

    symbols, steps = symbols_of(names + others)
    rows = vocabulary.lookup(symbols.ids, steps)
    assert rows.shape == (len(steps), len(orders))
    assert rows.dtype == np.int32
    row_of: dict[tuple[int, ...], int] = {}
    for column, order in enumerate(orders):
        for ngram, row in zip(ending_at_each(names + others, order), rows[:, column].tolist(), strict=True):
            assert 0 <= row <= len(vocabulary)
            if ngram is None:
                assert row == 0
            else:
                assert row_of.setdefault(ngram, row) == row
    known = [row for row in row_of.values() if row]
    assert len(set(known)) == len(known) == len(vocabulary)
    assert all(bool(row_of[ngram]) == (count >= least) for ngram, count in counts.items())
    assert not any(row_of[ngram] for ngram in row_of if not counts[ngram])


@pytest.mark.parametrize("block", [BLOCK_NAMES, 2])
def test_the_most_frequent_are_kept(block):
    symbols, steps = symbols_of([[4, 5]] * 3 + [[6, 7]] * 2 + [[8, 9]], block)
    vocabulary = NgramVocabulary.learned(symbols, [2], min_count=1, max_size=2)
    assert (vocabulary.lookup(symbols.ids, steps)[1::2, 0] > 0).tolist() == [True] * 5 + [False]


@given(names=NAMES, orders=st.integers(1, 5), max_size=st.integers(0, 30))
def test_parts_are_found_from_the_codes_alone(names, orders, max_size):
    symbols, steps = symbols_of(names)
    vocabulary = NgramVocabulary.learned(symbols, range(1, orders + 1), min_count=1, max_size=max_size)
    rows = vocabulary.lookup(symbols.ids, steps) - 1
    expected = {}
    for place, n in zip(*np.nonzero(rows >= 0), strict=True):
        parts = (-1, -1) if n == 0 else (rows[place - 1, n - 1], rows[place, n - 1])
        expected[int(rows[place, n])] = (n + 1, *parts)
    assert [*zip(*vocabulary.parts(), strict=True)] == [expected[row] for row in range(len(vocabulary))]


@pytest.mark.parametrize("block", [BLOCK_NAMES, 2])
@given(names=NAMES, more=NAMES, orders=ORDERS, seed=st.integers(0, 9))
def test_ngrams_of_labels_are_counted_and_added_up(block, names, more, orders, seed):
    origins = np.random.default_rng(seed).integers(0, 3, len(names) + len(more))
    sides = (more, origins[len(names) :]), (names, origins[: len(names)])
    counted, others = (
        LabelledNgrams.of(symbols_of(side, block)[0], of, tuple(orders), num_labels=3) for side, of in sides
    )
    counted += others
    symbols, steps = symbols_of(names + more)
    vocabulary = counted.vocabulary(min_count=1, max_size=10_000)
    expected = np.zeros((len(vocabulary) + 1, 3), dtype=int)
    places = np.repeat(origins, symbols.lengths)
    for rows in vocabulary.lookup(symbols.ids, steps).T:
        np.add.at(expected, (rows, places), 1)
    assert np.array_equal(counted.counts(vocabulary), expected[1:])
    assert np.array_equal(counted.names, np.bincount(origins, minlength=3))
    every = NgramVocabulary.learned(symbols, orders, min_count=1, max_size=10_000)
    assert np.array_equal(vocabulary.codes, every.codes)
