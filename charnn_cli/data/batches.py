"""The order in which rows are trained on."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def length_buckets(
    lengths: NDArray[np.integer], batch_size: int, rng: np.random.Generator | None
) -> Iterator[NDArray[np.int64]]:
    """Rows of each batch of an epoch: every row once, rows of like length together, so that little is padded.

    lengths: (N,). With `rng` rows of equal length are shuffled, and so are the batches; without it rows come from the
    shortest to the longest. Every batch has `batch_size` rows but for one, which has the rest. An epoch's batches hold
    at most `batch_size` · (longest − shortest) padding symbols in all.
    """
    rows = np.arange(len(lengths)) if rng is None else rng.permutation(len(lengths))
    rows = rows[np.argsort(np.asarray(lengths)[rows], kind="stable")]
    starts = np.arange(0, len(rows), batch_size)
    if rng is not None:
        rng.shuffle(starts)
    for start in starts:
        yield rows[start : start + batch_size]


def balanced_picks(origins: NDArray[np.integer], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """`count` rows drawn with replacement, (count,): an origin uniformly, then one of its rows, as the lesson samples.

    origins: (N,), of which only those that have rows are drawn.
    """
    order = np.argsort(origins, kind="stable")
    sizes = np.bincount(origins)
    sizes = sizes[sizes > 0]
    picked = rng.integers(len(sizes), size=count) if len(sizes) else np.empty(0, dtype=np.int64)
    within = rng.integers(sizes[picked])
    picks: NDArray[np.int64] = order[(np.cumsum(sizes) - sizes)[picked] + within]
    return picks


def shuffled_stretch(size: int, first: int, count: int, seed: int) -> NDArray[np.int64]:
    """`count` of the rows 0 to `size` - 1, from place `first` on of endless passes, each shuffled anew, (count,).

    So every row comes once before any comes again, and a stretch can be had without those before it.
    """
    parts = [np.empty(0, dtype=np.int64)]
    while size and count:
        number, place = divmod(first, size)
        part = np.random.default_rng([seed, number, 1]).permutation(size)[place : place + count]
        parts.append(part)
        first, count = first + len(part), count - len(part)
    return np.concatenate(parts)
