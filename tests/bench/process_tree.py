"""Processor time and memory of a command and of all the processes that it starts (Linux)."""

import contextlib
import resource
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
SECONDS_BETWEEN_LOOKS = 0.1


def run_measured(command: list[str]) -> tuple[float, float, float]:
    """Processor seconds, elapsed seconds, and the most MiB that stood at once; raises SystemExit where it fails.

    A page that several of the processes share counts once (proportional set size, `proc_pid_smaps(5)`).
    """
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(command)
    peak = 0.0
    ended = threading.Event()

    def look() -> None:
        nonlocal peak
        while not ended.wait(SECONDS_BETWEEN_LOOKS):
            peak = max(peak, sum(map(_proportional, _tree(process.pid))) / 1024)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        code = process.wait()
    finally:
        ended.set()
        watcher.join()
    elapsed = time.perf_counter() - started
    if code:
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, elapsed, peak


def _tree(process: int) -> Iterator[int]:
    yield process
    with contextlib.suppress(OSError):
        for children in (PROC / str(process) / "task").glob("*/children"):
            for child in children.read_text().split():
                yield from _tree(int(child))


def _proportional(process: int) -> int:
    """KiB of a process; 0 for one that has ended."""
    with contextlib.suppress(OSError):
        for line in (PROC / str(process) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
