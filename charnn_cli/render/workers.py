"""Work on names in several processes.

Half of the work on a name is Python's, on texts, which threads cannot share. So the names of a large window are
split between this process and copies of it, which `fork` makes without loading anything again. Where there is no
safe `fork` (it breaks macOS's own libraries), everything is done here.
"""

import os
import signal
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from charnn_cli.errors import CharnnError

CAN_FORK = sys.platform == "linux" and hasattr(os, "fork")
BULK = 4096  # names from which on a share of them is worth sending away
SIZE = struct.Struct("<q")
FAILED = -1  # in place of the number of rows

Work = Callable[[list[bytes]], list[bytes]]


@dataclass(frozen=True, slots=True)
class _Worker:
    """A copy of this process that waits for names."""

    process: int
    requests: BinaryIO
    answers: BinaryIO


class Workers:
    """Does `work`, which gives one row for each name, in `count` processes, this one among them.

    The others are started when they are first needed and ended with the `with` block.
    """

    def __init__(self, work: Work, count: int, bulk: int = BULK) -> None:
        self._work = work
        self._bulk = bulk
        self._others = count - 1 if CAN_FORK else 0
        self._workers: list[_Worker] = []

    def __call__(self, names: list[bytes]) -> list[bytes]:
        """The rows of the names, in order. Raises CharnnError where a worker was killed."""
        if len(names) < self._bulk or not self._others:
            return self._work(names)
        while len(self._workers) < self._others:
            self._workers.append(self._forked())
        size = -(-len(names) // (len(self._workers) + 1))
        shares = [names[start : start + size] for start in range(size, len(names), size)]
        for worker, share in zip(self._workers, shares, strict=False):
            try:
                _send(worker.requests, share)
            except BrokenPipeError:
                raise self._lost(worker) from None  # not to be taken for a reader of the output that has left
        rows = self._work(names[:size])
        for worker, share in zip(self._workers, shares, strict=False):
            try:
                more = _received(worker.answers)
            except EOFError:
                raise self._lost(worker) from None
            rows += self._work(share) if more is None else more  # what failed there is told as it fails here
        return rows

    def _lost(self, worker: _Worker) -> CharnnError:
        """What became of a worker that was not told to end."""
        _, status = os.waitpid(worker.process, 0)
        self._workers.remove(worker)
        worker.requests.close()
        worker.answers.close()
        how = f"was killed ({signal.Signals(os.WTERMSIG(status)).name})" if os.WIFSIGNALED(status) else "has ended"
        do = "see whether the machine ran out of memory; with OMP_NUM_THREADS=1 there is one process alone"
        return CharnnError(f"a process that works on names {how}", do)

    def _forked(self) -> _Worker:
        request_reader, request_writer = os.pipe()
        answer_reader, answer_writer = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(request_writer)
            os.close(answer_reader)
            for worker in self._workers:  # or those before would not see the end of their requests
                os.close(worker.requests.fileno())
                os.close(worker.answers.fileno())
            _serve(self._work, os.fdopen(request_reader, "rb"), os.fdopen(answer_writer, "wb"))
        os.close(request_reader)
        os.close(answer_writer)
        return _Worker(process, os.fdopen(request_writer, "wb", buffering=0), os.fdopen(answer_reader, "rb"))

    @property
    def processes(self) -> list[int]:
        """The ids of the others that run."""
        return [worker.process for worker in self._workers]

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._workers:
            worker.requests.close()
            worker.answers.close()
            os.kill(worker.process, signal.SIGKILL)  # it may be at work that nobody waits for
            os.waitpid(worker.process, 0)
        self._workers = []


def _serve(work: Work, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the requests end, then end this process without running anything that the first one will run."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process tells of it, and its end ends the requests
    try:
        while (names := _received(requests)) is not None:
            try:
                rows = work(names)
            except Exception:
                answers.write(SIZE.pack(FAILED))
                answers.flush()
            else:
                _send(answers, rows)
    finally:
        os._exit(0)


def _send(stream: BinaryIO, values: list[bytes]) -> None:
    """Write how many values follow, their lengths, and then the values end to end."""
    lengths = np.fromiter(map(len, values), dtype=np.int64, count=len(values))
    view = memoryview(SIZE.pack(len(values)) + lengths.tobytes() + b"".join(values))
    while view:
        view = view[stream.write(view) :]
    stream.flush()


def _received(stream: BinaryIO) -> list[bytes] | None:
    """The values that were sent, None where the other side has failed; raises EOFError where it has ended."""
    (count,) = SIZE.unpack(_exactly(stream, SIZE.size))
    if count == FAILED:
        return None
    ends = np.cumsum(np.frombuffer(_exactly(stream, 8 * count), dtype=np.int64)).tolist()
    data = _exactly(stream, ends[-1] if ends else 0)
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
