"""The split: disjoint by name, stratified by origin, stable."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from charnn_cli.data import TEST, TRAIN, VALIDATION, Dataset, fold_sides, name_hash, name_key, read, split
from charnn_cli.data.dataset import packed
from charnn_cli.data.reading import ReadReport
from charnn_cli.errors import UsageError
from charnn_cli.text import TextRules

TENTHS = {"validation_fraction": 0.1, "test_fraction": 0.1}
PAIRS = st.sets(
    st.tuples(st.integers(0, 30).map(lambda n: f"n{n}x"), st.sampled_from("ABCDEF")), min_size=1, max_size=60
)
FRACTIONS = st.tuples(st.sampled_from([0, 0.01, 0.1, 0.3, 0.5]), st.sampled_from([0, 0.01, 0.1, 0.3, 0.49]))


def dataset_of(pairs) -> Dataset:
    rows = sorted(pairs)
    labels = tuple(sorted({label for _, label in rows}))
    names = [name for name, _ in rows]
    origins = np.array([labels.index(label) for _, label in rows], dtype=np.int32)
    texts = packed(names)
    return Dataset(texts, texts, origins, labels, name_hash(map(name_key, names)), "", ReadReport())


def sides_of_names(dataset: Dataset, sides) -> dict[str, int]:
    """Side of each name; asserts that a name has one."""
    by_name: dict[str, set[int]] = {}
    for text, side in zip(dataset.texts, sides.tolist(), strict=True):
        by_name.setdefault(text.casefold(), set()).add(side)
    assert all(len(found) == 1 for found in by_name.values())
    return {name: found.pop() for name, found in by_name.items()}


@given(pairs=PAIRS, fractions=FRACTIONS, seed=st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
@example(pairs={("a", "A"), ("a", "B"), ("b", "B")}, fractions=(0.1, 0.1), seed=0)
def test_a_split_is_disjoint_by_name_and_leaves_something_of_every_origin_to_train_on(pairs, fractions, seed):
    dataset = dataset_of(pairs)
    validation_fraction, test_fraction = fractions
    sides = split(dataset, seed=seed, validation_fraction=validation_fraction, test_fraction=test_fraction)
    assert sides.dtype == np.int8
    assert sides.shape == (len(dataset),)
    side = sides_of_names(dataset, sides)
    wanted = {TRAIN} | ({VALIDATION} if validation_fraction else set()) | ({TEST} if test_fraction else set())
    assert set(side.values()) <= wanted
    origins_of_name = Counter(name for name, _ in pairs)
    for label in dataset.labels:
        names = {name for name, origin in pairs if origin == label}
        counts = Counter(side[name] for name in names)
        assert counts[TRAIN] >= 1
        alone = {name for name in names if origins_of_name[name] == 1}
        if len(alone) == len(names) >= 3:
            assert all(counts[wanted_side] >= 1 for wanted_side in wanted)
        if len(alone) == len(names) < 3:
            assert counts[TRAIN] == len(names)


@given(size=st.integers(3, 500), fractions=FRACTIONS)
def test_shares_are_exact(size, fractions):
    dataset = dataset_of((f"n{n}x", "A") for n in range(size))
    sides = split(dataset, seed=1, validation_fraction=fractions[0], test_fraction=fractions[1])
    for side, fraction in zip((VALIDATION, TEST), fractions, strict=True):
        assert abs(int((sides == side).sum()) - size * fraction) <= 1


@given(pairs=PAIRS, more=PAIRS, seed=st.integers(0, 99))
@settings(max_examples=300, deadline=None)
def test_new_rows_move_few_old_names(pairs, more, seed):
    """A new row moves at most one name over each of the two boundaries, in its name's old and new home, and in both
    directions; names moved to fill gaps come on top, at most two an origin, before and after."""
    before, after = dataset_of(pairs), dataset_of(pairs | more)
    old = sides_of_names(before, split(before, seed=seed, validation_fraction=0.2, test_fraction=0.2))
    new = sides_of_names(after, split(after, seed=seed, validation_fraction=0.2, test_fraction=0.2))
    moved = sum(old[name] != new[name] for name in old)
    assert moved <= 4 * len(more - pairs) + 4 * len(after.labels)


def test_a_tenth_more_rows_move_few_of_the_lessons_names(tutorial_names):
    dataset = read(tutorial_names, rules=TextRules())
    rows = list(zip(dataset.texts, (dataset.labels[origin] for origin in dataset.origins), strict=True))
    rng = np.random.default_rng(0)
    few = dataset_of(rows[row] for row in rng.permutation(len(rows))[: len(rows) * 9 // 10])
    old = sides_of_names(few, split(few, seed=0, **TENTHS))
    new = sides_of_names(dataset, split(dataset, seed=0, **TENTHS))
    assert sum(old[name] != new[name] for name in old) < 0.02 * len(old)


def test_the_lessons_names_are_split_by_tenths_of_every_origin(tutorial_names):
    dataset = read(tutorial_names, rules=TextRules())
    sides = split(dataset, seed=0, **TENTHS)
    sides_of_names(dataset, sides)
    for side in (VALIDATION, TEST):
        assert (sides == side).mean() == pytest.approx(0.1, abs=0.005)
        shares = np.bincount(dataset.origins[sides == side]) / np.bincount(dataset.origins)
        assert shares.min() > 0.05
        assert shares.max() < 0.16
    assert split(dataset, seed=0, **TENTHS).tolist() == sides.tolist()
    other = split(dataset, seed=1, **TENTHS)
    both = ((sides == TEST) & (other == TEST)).sum() / (sides == TEST).sum()
    assert 0.05 < both < 0.16  # another seed is another draw


def test_case_does_not_part_a_name():
    names = [f"{name}x" for n in range(40) for name in (f"N{n}", f"n{n}")]
    dataset = dataset_of((name, "AB"[len(name) % 2]) for name in names)
    sides_of_names(dataset, split(dataset, seed=0, validation_fraction=0.3, test_fraction=0.3))


def test_no_rows_have_no_sides():
    assert split(dataset_of([]), seed=0, **TENTHS).tolist() == []


@pytest.mark.parametrize("fractions", [(0.5, 0.5), (-0.1, 0.1), (0, 1), (float("nan"), 0.1)])
def test_fractions_that_leave_nothing(fractions):
    with pytest.raises(UsageError, match="leave no training names; give fractions"):
        split(dataset_of([("a", "A")]), seed=0, validation_fraction=fractions[0], test_fraction=fractions[1])


def test_many_origins_are_split_in_linear_time():
    """Gaps are filled for 20,000 origins whose names all count elsewhere."""
    import time

    pairs = [(f"n{n}", f"A{n % 20_000}") for n in range(100_000)] + [(f"n{n}", f"B{n % 20_000}") for n in range(60_000)]
    dataset = dataset_of_many(pairs)
    started = time.process_time()
    sides = split(dataset, seed=0, **TENTHS)
    assert time.process_time() - started < 10
    counts = np.zeros((len(dataset.labels), 3), dtype=int)
    np.add.at(counts, (dataset.origins, sides), 1)
    assert counts[:, TRAIN].min() >= 1
    assert (counts[:, TEST] == 0).mean() < 0.05


def dataset_of_many(pairs) -> Dataset:
    labels = tuple(sorted({label for _, label in pairs}))
    number = {label: n for n, label in enumerate(labels)}
    names = [name for name, _ in pairs]
    origins = np.array([number[label] for _, label in pairs], dtype=np.int32)
    texts = packed(names)
    return Dataset(texts, texts, origins, labels, name_hash(map(name_key, names)), "", ReadReport())


@given(pairs=PAIRS, folds=st.integers(2, 6), seed=st.integers(0, 2**32), fraction=st.sampled_from([0, 0.1, 0.4]))
@settings(max_examples=100, deadline=None)
def test_folds_test_every_name_once_whatever_origins_it_has(pairs, folds, seed, fraction):
    dataset = dataset_of(pairs)
    if len({name for name, _ in pairs}) < folds:
        with pytest.raises(UsageError, match="names make no"):
            fold_sides(dataset, 0, folds=folds, seed=seed, validation_fraction=0.1)
        return
    if fraction * folds / (folds - 1) >= 1:
        fraction = 0.1
    sides = [
        sides_of_names(dataset, fold_sides(dataset, fold, folds=folds, seed=seed, validation_fraction=fraction))
        for fold in range(folds)
    ]
    for name in sides[0]:
        assert [side[name] for side in sides].count(TEST) == 1
    home = {name: min(origin for other, origin in pairs if other == name) for name in sides[0]}
    for names in (set(home), *({name for name in home if home[name] == label} for label in dataset.labels)):
        tested = [sum(side[name] == TEST for name in names) for side in sides]
        assert max(tested) - min(tested) <= 1
    for side in sides:
        for label in dataset.labels:
            learnable = [side[name] for name, origin in pairs if origin == label and side[name] != TEST]
            assert TRAIN in learnable or not learnable
            assert (
                not fraction
                or VALIDATION in learnable
                or len(learnable) < 3
                or any(home[name] != label for name, origin in pairs if origin == label)
            )


def test_a_fold_without_names_to_train_on_is_refused():
    with pytest.raises(UsageError, match="leave no training names"):
        fold_sides(dataset_of({("a", "A"), ("b", "A")}), 0, folds=2, seed=0, validation_fraction=0.5)
