"""Tasks on the machines of a Ray cluster: what `Pool` does in processes of this one."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from queue import SimpleQueue
from typing import Any, Generic

from charnn_cli.study.pool import Event, Task, Tell, ended
from charnn_cli.version import __version__


class RayPool(Generic[Task]):
    """Does `work(task, tell)` in a Ray task with one processor for each task that is started.

    What `work` holds is sent to every machine once. Raises UsageError where Ray is not installed, CharnnError where no
    cluster answers.
    """

    def __init__(self, work: Callable[[Task, Tell], Any]) -> None:
        self.size = 1  # processors of the cluster
        self._work = work
        self._running: dict[Any, Task] = {}  # by what yields a task's events
        self._open = ExitStack()

    def __len__(self) -> int:
        """How many tasks run, or wait for a processor."""
        return len(self._running)

    def start(self, task: Task) -> None:
        """Begin a task."""
        self._running[self._remote.remote(self._shared, task, __version__)] = task

    def events(self, timeout: float | None = None) -> Iterator[Event[Task]]:
        """What has happened, after waiting at most so many seconds for something to happen."""
        import ray

        for told in ray.wait(list(self._running), timeout=timeout)[0]:
            task = self._running[told]
            try:
                kind, value = ray.get(next(told))
            except StopIteration:
                kind, value = "lost", "its task has ended"
            except Exception as error:  # Ray's errors have no base of their own
                kind, value = "lost", f"its machine or process has ended ({type(error).__name__})"
            if kind != "told":
                del self._running[told]
            yield Event(task, kind, value)

    def stop(self, task: Task) -> None:
        """End a task of which no more is wanted."""
        import ray

        for told in [told for told, running in self._running.items() if running is task]:
            ray.cancel(told, force=True)
            del self._running[told]

    def __enter__(self) -> "RayPool[Task]":
        from charnn_cli.bulk.cluster import cluster

        self._open.enter_context(cluster(0, "training"))
        import ray

        self.size = max(int(ray.cluster_resources().get("CPU", 1)), 1)
        self._shared = ray.put(self._work)
        self._remote = ray.remote(num_cpus=1, num_returns="streaming", max_retries=0)(_events)
        return self

    def __exit__(self, *error: object) -> None:
        self._running = {}
        self._open.close()


def _events(work: Callable[[Any, Tell], Any], task: Any, version: str) -> Iterator[tuple[str, Any]]:
    """Kind and value of each event of a task."""
    if version != __version__:
        yield "lost", f"a node has charnn {__version__}, this one {version}; install the same on every node"
        return
    events: SimpleQueue[tuple[str, Any]] = SimpleQueue()

    def do() -> None:
        events.put(ended(work, task, lambda value: events.put(("told", value))))

    threading.Thread(target=do, daemon=True).start()
    kind = "told"
    while kind == "told":
        kind, value = events.get()
        yield kind, value
