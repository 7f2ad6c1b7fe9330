"""How many threads compute, and that the BLAS library starts none of its own beside them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

BLAS_VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS")


def worker_threads() -> int:
    """Processors that this process may use, at most `OMP_NUM_THREADS` where that is set."""
    try:
        available = len(os.sched_getaffinity(0))
    except AttributeError:  # only Linux tells
        available = os.cpu_count() or 1
    wished = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(available, int(wished))) if wished.isdigit() else available


def keep_blas_to_one_thread() -> None:
    """For a process of our own: must be called before NumPy is first imported."""
    for variable in BLAS_VARIABLES:
        os.environ[variable] = "1"


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """The same for the time of a call, in a process that has NumPy already."""
    if all(os.environ.get(variable) == "1" for variable in BLAS_VARIABLES):
        yield
        return
    try:
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn
    except ImportError:
        yield
        return
    with threadpool_limits(1, user_api="blas"):
        yield
