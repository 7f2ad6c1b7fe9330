"""Tasks in processes of their own."""

import os
import signal
from collections.abc import Callable

import pytest

from charnn_cli.errors import DataError
from charnn_cli.render.workers import CAN_FORK
from charnn_cli.study.pool import Event, Pool


def work(task: str, tell: Callable[[object], None]) -> str:
    tell("begun")
    if task == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if task == "faulty":
        raise DataError("names are missing", "add some")
    if task == "broken":
        raise OSError("disk full")
    if task == "endless":
        signal.pause()
    return task.upper()


def test_what_becomes_of_one_task_is_told_and_leaves_the_others_alone() -> None:
    events: list[Event[str]] = []
    with Pool(work) as pool:
        for task in ("good", "dies", "faulty", "broken"):
            pool.start(task)
        while len(pool):
            events += pool.events()
    ends = {event.task: (event.kind, event.value) for event in events if event.kind != "told"}
    assert ends.pop("dies")[1].startswith("its process was killed (SIGKILL)")
    assert ends == {
        "good": ("done", "GOOD"),
        "faulty": ("failed", "names are missing"),
        "broken": ("lost", "OSError: disk full"),
    }
    assert sorted(event.task for event in events if event.kind == "told") == ["broken", "dies", "faulty", "good"]


def test_a_task_can_be_stopped_and_none_outlives_the_pool() -> None:
    with Pool(work) as pool:
        tasks = ["endless", "".join(["end", "less"])]
        for task in tasks:
            pool.start(task)
        processes = [process for _, process in pool._running.values()]
        pool.stop(tasks[0])
        assert len(pool) == 1
    assert [process.exitcode for process in processes] == [-signal.SIGKILL] * 2


@pytest.mark.skipif(not CAN_FORK, reason="a process begins otherwise here")
def test_an_interruption_while_a_process_begins_is_not_lost() -> None:
    numbers = [signal.SIGINT]
    os.register_at_fork(before=lambda: signal.raise_signal(numbers.pop()) if numbers else None)
    with pytest.raises(KeyboardInterrupt), Pool(work) as pool:
        pool.start("endless")
    assert not numbers
