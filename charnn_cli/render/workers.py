"""Work on names in several processes.

Half of the work on a name is Python's, on texts, which threads cannot share. So the names of a large window are
split between this process and copies of it, which `fork` makes without loading anything again. Where there is no
safe `fork` (it breaks macOS's own libraries), everything is done here.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from charnn_cli.errors import CharnnError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess

CAN_FORK = sys.platform == "linux" and hasattr(os, "fork")
BULK = 4096  # names from which on a share of them is worth sending away

Work = Callable[[list[bytes]], list[bytes]]


class Workers:
    """Does `work`, which gives one row for each name, in `count` processes, this one among them.

    The others are started when they are first needed and ended with the `with` block.
    """

    def __init__(self, work: Work, count: int, bulk: int = BULK) -> None:
        self._work = work
        self._bulk = bulk
        self._others = count - 1 if CAN_FORK else 0
        self._workers: list[tuple[ForkProcess, Connection]] = []

    def __call__(self, names: list[bytes]) -> list[bytes]:
        """The rows of the names, in order. Raises CharnnError where a worker was killed."""
        if len(names) < self._bulk or not self._others:
            return self._work(names)
        while len(self._workers) < self._others:
            self._workers.append(_forked(self._work))
        size = -(-len(names) // (len(self._workers) + 1))
        shares = [names[start : start + size] for start in range(size, len(names), size)]
        busy = list(zip(self._workers, shares, strict=False))
        try:
            for worker, share in busy:
                worker[1].send(share)
            rows = self._work(names[:size])
            for worker, share in busy:
                more = worker[1].recv()
                rows += self._work(share) if more is None else more  # what failed there is told as it fails here
        except (EOFError, ConnectionError):
            raise self._lost(worker) from None  # not to be taken for a reader of the output that has left
        return rows

    def _lost(self, worker: "tuple[ForkProcess, Connection]") -> CharnnError:
        """What became of a worker that was not told to end."""
        self._workers.remove(worker)
        worker[0].join()
        worker[1].close()
        code = worker[0].exitcode or 0
        how = f"was killed ({signal.Signals(-code).name})" if code < 0 else "has ended"
        do = "see whether the machine ran out of memory; with OMP_NUM_THREADS=1 there is one process alone"
        return CharnnError(f"a process that works on names {how}", do)

    @property
    def processes(self) -> list[int]:
        """The ids of the others that run."""
        return [process.pid or 0 for process, _ in self._workers]

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *error: object) -> None:
        for process, connection in self._workers:
            process.kill()  # it may be at work that nobody waits for
            process.join()
            connection.close()
        self._workers = []


def _forked(work: Work) -> "tuple[ForkProcess, Connection]":
    from multiprocessing import get_context

    context = get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(work, theirs), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _serve(work: Work, connection: "Connection") -> None:
    """Answer until the other side has left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process tells of it, and its end is that of this one
    while True:
        try:
            names = connection.recv()
        except EOFError:
            return
        try:
            rows = work(names)
        except Exception:
            rows = None
        connection.send(rows)
