"""Batches: every row once an epoch, little padding; balanced picks."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.data import balanced_picks, length_buckets, shuffled_stretch

LENGTHS = st.lists(st.integers(1, 40), max_size=200).map(lambda lengths: np.array(lengths, dtype=np.int64))


@given(lengths=LENGTHS, batch_size=st.integers(1, 70), seed=st.one_of(st.none(), st.integers(0, 99)))
def test_every_row_once_with_bounded_padding(lengths, batch_size, seed):
    def batches():
        return list(length_buckets(lengths, batch_size, None if seed is None else np.random.default_rng(seed)))

    found = batches()
    assert sorted(row for batch in found for row in batch.tolist()) == list(range(len(lengths)))
    assert sorted((len(batch) for batch in found), reverse=True)[:-1] == [batch_size] * (len(found) - 1)
    padding = sum(int(lengths[batch].max() * len(batch) - lengths[batch].sum()) for batch in found)
    if len(lengths):
        assert padding <= batch_size * int(lengths.max() - lengths.min())
    assert [batch.tolist() for batch in batches()] == [batch.tolist() for batch in found]
    if seed is None:
        order = [int(lengths[row]) for batch in found for row in batch]
        assert order == sorted(order)


def test_an_epoch_differs_from_the_next_in_its_batches_and_in_their_order():
    lengths = np.repeat([3, 5, 9], 40)
    rng = np.random.default_rng(0)
    first, second = (list(length_buckets(lengths, 10, rng)) for _ in range(2))
    assert {frozenset(batch.tolist()) for batch in first} != {frozenset(batch.tolist()) for batch in second}
    assert [int(lengths[batch[0]]) for batch in first] != sorted(int(lengths[batch[0]]) for batch in first)


@given(
    origins=st.lists(st.integers(0, 6), min_size=1, max_size=50).map(np.array),
    count=st.integers(0, 200),
    seed=st.integers(0, 99),
)
def test_picks_are_rows_and_repeat_with_the_seed(origins, count, seed):
    picks = balanced_picks(origins, count, np.random.default_rng(seed))
    assert picks.shape == (count,)
    assert np.all((picks >= 0) & (picks < len(origins)))
    assert picks.tolist() == balanced_picks(origins, count, np.random.default_rng(seed)).tolist()


def test_picks_are_uniform_over_origins_and_over_the_names_of_one():
    origins = np.array([2] * 97 + [0] * 2 + [5])  # origins 1, 3 and 4 have no rows
    picks = balanced_picks(origins, 60_000, np.random.default_rng(0))
    shares = np.bincount(origins[picks], minlength=6) / len(picks)
    assert np.allclose(shares, [1 / 3, 0, 1 / 3, 0, 0, 1 / 3], atol=0.01)
    names = np.bincount(picks[origins[picks] == 2], minlength=100)[:97]
    assert names.min() > 130
    assert names.max() < 290


@given(size=st.integers(1, 20), first=st.integers(0, 60), count=st.integers(0, 60), seed=st.integers(0, 9))
def test_a_stretch_is_part_of_endless_shuffled_passes(size, first, count, seed):
    whole = shuffled_stretch(size, 0, 120, seed).tolist()
    assert shuffled_stretch(size, first, count, seed).tolist() == whole[first : first + count]
    passes = [whole[start : start + size] for start in range(0, 120 - size, size)]
    assert all(sorted(rows) == list(range(size)) for rows in passes)


def test_passes_differ_from_each_other_and_between_seeds():
    first, second, other = (
        shuffled_stretch(50, *of, 50, seed).tolist() for of, seed in (((0,), 0), ((50,), 0), ((0,), 1))
    )
    assert len({tuple(rows) for rows in (first, second, other)}) == 3


def test_there_is_no_stretch_of_nothing():
    assert not len(shuffled_stretch(0, 5, 10, 0))
