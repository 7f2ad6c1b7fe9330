"""How many threads compute."""

import os


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
