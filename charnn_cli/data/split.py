"""Which names a model learns from, is chosen by and is tested on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charnn_cli.data.dataset import Dataset, distinct
from charnn_cli.errors import UsageError

TRAIN, VALIDATION, TEST = 0, 1, 2
SIDES = ("train", "validation", "test")

MIN_NAMES_TO_SHARE = 3  # an origin with fewer names keeps them all for training


def split(dataset: Dataset, *, seed: int, validation_fraction: float, test_fraction: float) -> NDArray[np.int8]:
    """The side (`TRAIN`, `VALIDATION` or `TEST`) of every row, (N,).

    Names are split, not rows: all rows of one `name_key` go to one side. A name with several origins counts in the
    first of its labels. The names of each origin are ranked by a hash of seed and name; the first share becomes the
    test split, the next one the validation split, so that new rows move few old names.

    An origin with at least three names gives at least one to each split whose fraction is above 0, as long as one is
    left to train on; one with fewer trains on all. Where an origin has no name of its own in a split because its
    names all count in other origins, the first of them is moved there. Shares are rounded to the nearest name.
    Raises UsageError where the fractions leave nothing to train on.
    """
    if not (validation_fraction >= 0 and test_fraction >= 0 and validation_fraction + test_fraction < 1):
        what = (
            f"validation_fraction {validation_fraction:g} and test_fraction {test_fraction:g} leave no training names"
        )
        raise UsageError(what, "give fractions of at least 0 that sum to less than 1")
    if not len(dataset):
        return np.empty(0, dtype=np.int8)
    ranked = _Ranked.of(dataset, seed)
    sizes = np.bincount(ranked.home, minlength=len(dataset.labels))
    first = np.cumsum(sizes) - sizes
    position = np.arange(len(ranked.rank)) - np.repeat(first, sizes)  # of each name among its origin's, by rank
    tests, validations = _shares(sizes, test_fraction, validation_fraction)
    sides = np.empty(len(ranked.rank), dtype=np.int8)
    home = ranked.home[ranked.order]
    sides[ranked.order] = np.select(
        [position < tests[home], position < (tests + validations)[home]], [TEST, VALIDATION], TRAIN
    )
    wanted = [TRAIN, *([TEST] if test_fraction else []), *([VALIDATION] if validation_fraction else [])]
    _fill_gaps(sides, _names_of_origins(dataset, ranked.key), ranked.rank, wanted)
    return sides[ranked.key]


def fold_sides(dataset: Dataset, fold: int, *, folds: int, seed: int, validation_fraction: float) -> NDArray[np.int8]:
    """The sides of one fold of a cross-validation, counted from 0, (N,): every name is tested in exactly one of them.

    Names are ranked as by `split`, and all rows of one go to one side. The names of each origin are dealt out to the
    folds one by one, so that no fold has more than one name more than another, of an origin or in all. Of those that
    are not tested the first share becomes the validation split, which stands for so much of all names. An origin with
    one name is thus tested untrained. Raises UsageError where there are fewer than two folds, or fewer names than
    folds, or nothing would be left to train on.
    """
    names = len(distinct(dataset.hashes))
    if not 2 <= folds <= names:
        what = f"{names:,} names make no {folds} folds"
        raise UsageError(what, "give two or more, and no more than names")
    of_rest = validation_fraction * folds / (folds - 1)
    if of_rest >= 1:
        what = f"validation_fraction {validation_fraction:g} and {folds} folds leave no training names"
        raise UsageError(what, "give a smaller fraction, or more folds")
    ranked = _Ranked.of(dataset, seed)
    place = np.empty(len(ranked.rank), dtype=np.int64)
    place[ranked.order] = np.arange(len(ranked.rank))
    sides = np.where(place % folds == fold, TEST, TRAIN).astype(np.int8)
    rest = ranked.order[sides[ranked.order] == TRAIN]
    home = ranked.home[rest]
    sizes = np.bincount(home, minlength=len(dataset.labels))
    _, validations = _shares(sizes, 0.0, of_rest)
    position = np.arange(len(rest)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    sides[rest[position < validations[home]]] = VALIDATION
    pairs = _names_of_origins(dataset, ranked.key)
    wanted = [TRAIN, *([VALIDATION] if validation_fraction else [])]
    _fill_gaps(sides, pairs[sides[pairs[:, 1]] != TEST], ranked.rank, wanted)
    return sides[ranked.key]


@dataclass(frozen=True, slots=True)
class _Ranked:
    """The names of a dataset, each once; names with the same 64-bit hash are one."""

    key: NDArray[np.int64]  # (N,) of each row its name
    home: NDArray[np.int64]  # of each name the first of its labels
    rank: NDArray[np.uint64]  # of each name, by hash and seed
    order: NDArray[np.int64]  # the names by origin and rank

    @classmethod
    def of(cls, dataset: Dataset, seed: int) -> "_Ranked":
        hashes, key = np.unique(dataset.hashes, return_inverse=True)
        home = np.full(len(hashes), len(dataset.labels), dtype=np.int64)
        np.minimum.at(home, key, dataset.origins)
        rank = _mixed(hashes, seed)
        return cls(key, home, rank, np.lexsort((rank, home)))


def _mixed(hashes: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Hash and seed mixed into one 64-bit number each (splitmix64, Steele, Lea and Flood 2014)."""
    mixed = hashes + np.uint64((seed * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) % 2**64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _shares(
    sizes: NDArray[np.int64], test_fraction: float, validation_fraction: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number of test and of validation names of each origin."""
    shared = sizes >= MIN_NAMES_TO_SHARE
    tests, validations = (
        np.where(shared & (fraction > 0), np.maximum(np.rint(sizes * fraction).astype(np.int64), 1), 0)
        for fraction in (test_fraction, validation_fraction)
    )
    tests = np.minimum(tests, np.maximum(sizes - 1 - (validations > 0), 0))
    return tests, np.minimum(validations, np.maximum(sizes - 1 - tests, 0))


def _names_of_origins(dataset: Dataset, key: NDArray[np.int64]) -> NDArray[np.int64]:
    """The distinct (origin, name) pairs, (P, 2), sorted."""
    names = int(key.max()) + 1
    pairs = distinct(dataset.origins.astype(np.int64) * names + key)
    return np.stack(np.divmod(pairs, names), axis=1)


def _fill_gaps(
    sides: NDArray[np.int8], pairs: NDArray[np.int64], rank: NDArray[np.uint64], wanted: Sequence[int]
) -> None:
    """Move single names, in place, until every origin with enough names has one on every wanted side.

    A name is moved only where none of its origins loses its last one on the side that it leaves. Sides come in order
    of importance: to fill an earlier one, a name may be taken from a later one whatever that costs.
    """
    origins, names = pairs.T
    num_origins = int(origins[-1]) + 1
    sizes = np.bincount(origins, minlength=num_origins)
    ends = np.cumsum(sizes)
    counts = np.zeros((num_origins, len(SIDES)), dtype=np.int64)
    np.add.at(counts, (origins, sides[names]), 1)
    if np.all(counts[sizes >= MIN_NAMES_TO_SHARE][:, list(wanted)]) and np.all(counts[sizes > 0, TRAIN]):
        return
    origins_of = _Groups(names, origins)
    for importance, side in enumerate(wanted):
        least = 1 if side == TRAIN else MIN_NAMES_TO_SHARE
        for origin in np.flatnonzero((counts[:, side] == 0) & (sizes >= least)):
            if counts[origin, side]:
                continue  # filled by a name that another origin shares
            own = names[ends[origin] - sizes[origin] : ends[origin]]
            for name in own[np.argsort(rank[own])]:
                leaves, others = int(sides[name]), origins_of[name]
                if leaves in wanted[importance + 1 :] or np.all(counts[others, leaves] > 1):
                    counts[others, leaves] -= 1
                    counts[others, side] += 1
                    sides[name] = side
                    break


class _Groups:
    """Values by group: `groups[g]` are the values whose group is g."""

    def __init__(self, groups: NDArray[np.int64], values: NDArray[np.int64]) -> None:
        self._values = values[np.argsort(groups, kind="stable")]
        self._ends = np.cumsum(np.bincount(groups))

    def __getitem__(self, group: int) -> NDArray[np.int64]:
        start = self._ends[group - 1] if group else 0
        return self._values[start : self._ends[group]]
