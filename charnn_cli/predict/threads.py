"""How many threads compute, and that the BLAS library starts none of its own beside them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


def worker_threads() -> int:
    """Processors that this process may use, at most `OMP_NUM_THREADS` where that is set."""
    try:
        available = len(os.sched_getaffinity(0))
    except AttributeError:  # only Linux tells
        available = os.cpu_count() or 1
    try:
        wished = int(os.environ["OMP_NUM_THREADS"].partition(",")[0])  # OpenMP's own list: a number for each level
    except (KeyError, ValueError):
        return available
    return max(1, min(available, wished))


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keeps the BLAS library to one thread for the time of a call."""
    try:
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn
    except ImportError:
        yield
        return
    with threadpool_limits(1, user_api="blas"):
        yield
