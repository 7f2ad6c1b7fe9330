"""Tasks in processes of their own, several at once: one that dies takes none of the others with it.

Where `fork` is safe, a process begins as a copy of this one, with all that it has loaded and read. Elsewhere it begins
anew, and `work` and tasks must survive being sent there.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection, get_context
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from charnn_cli.errors import CharnnError
from charnn_cli.predict.predictor import worker_threads
from charnn_cli.render.workers import CAN_FORK
from charnn_cli.store.writer import uninterrupted

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Task = TypeVar("Task")
Tell = Callable[[Any], None]
Kind = Literal["begun", "told", "done", "failed", "lost"]
LOOK_SECONDS = 1.0  # how often a process looks whether the one that began it is still there


@dataclass(frozen=True, slots=True)
class Event(Generic[Task]):
    """What a task came to: it has `begun`, has `told` something, is `done` with a result, has `failed` by its own
    fault, which would come again, or was `lost` by the machine's; of these the value is the reason.
    """

    task: Task
    kind: Kind
    value: Any


class Pool(Generic[Task]):
    """Does `work(task, tell)` in a process for each task that is started; ends all of them with the `with` block.

    The descriptor `lock` is not handed on: a copy would keep a folder from others when this process is killed. `size`
    are processors.
    """

    def __init__(self, work: Callable[[Task, Tell], Any], lock: int | None = None) -> None:
        self.size = worker_threads()
        self._work = work
        self._lock = lock if CAN_FORK else None
        self._context: Any = get_context("fork" if CAN_FORK else "spawn")
        self._running: dict[Connection, tuple[Task, BaseProcess]] = {}

    def __len__(self) -> int:
        """How many tasks run."""
        return len(self._running)

    def start(self, task: Task) -> None:
        """Begin a task."""
        with uninterrupted():  # what is raised within a fork is lost
            ours, theirs = self._context.Pipe(duplex=False)
            arguments = (self._work, task, theirs, os.getpid(), self._lock)
            process = self._context.Process(target=_serve, args=arguments, daemon=True)
            process.start()
            theirs.close()
            self._running[ours] = (task, process)

    def events(self, timeout: float | None = None) -> Iterator[Event[Task]]:
        """What has happened, after waiting at most so many seconds for something to happen."""
        ready = connection.wait(list(self._running), timeout)
        for ours in [ours for ours in self._running if ours in ready]:
            task, process = self._running[ours]
            kind: Kind
            try:
                kind, value = ours.recv()
            except (EOFError, OSError):
                process.join()
                kind, value = "lost", _how(process.exitcode or 0)
            if kind != "told":
                self._end(ours)
            yield Event(task, kind, value)

    def stop(self, task: Task) -> None:
        """End a task of which no more is wanted."""
        for ours in [ours for ours, (running, _) in self._running.items() if running is task]:
            self._end(ours)

    def _end(self, ours: "Connection") -> None:
        _, process = self._running.pop(ours)
        process.kill()  # it has nothing more to tell, or nobody listens
        process.join()
        ours.close()

    def __enter__(self) -> "Pool[Task]":
        return self

    def __exit__(self, *error: object) -> None:
        for ours in list(self._running):
            self._end(ours)


def _how(code: int) -> str:
    if code >= 0:
        return "its process has ended"
    return f"its process was killed ({signal.Signals(-code).name}); was there too little memory?"


def ended(work: Callable[[Any, Tell], Any], task: Any, tell: Tell) -> tuple[Kind, Any]:
    """Do the work; kind and value of the event that tells what it came to."""
    try:
        return "done", work(task, tell)
    except CharnnError as error:
        return "failed", error.what
    except Exception as error:
        return "lost", f"{type(error).__name__}: {error}"


def _serve(work: Callable[[Any, Tell], Any], task: Any, theirs: "Connection", parent: int, lock: int | None) -> None:
    if lock is not None:
        os.close(lock)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that began this one tells of it, and ends this one
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    with suppress(BrokenPipeError):  # nobody listens any more
        theirs.send(ended(work, task, lambda value: theirs.send(("told", value))))


def _end_with(parent: int) -> None:
    """Let this process not go on for hours when the one that began it was killed."""
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os._exit(1)
