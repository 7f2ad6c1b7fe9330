"""Several processes give the rows of one, in order, and leave nothing behind."""

import os
import signal

import pytest

from charnn_cli.errors import CharnnError, ModelError
from charnn_cli.render.workers import CAN_FORK, Workers

NAMES = [str(number).encode() for number in range(1000)]


def doubled(names: list[bytes]) -> list[bytes]:
    if b"stop" in names:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"fail" in names:
        raise ModelError("is too large", "take a smaller one")
    return [name * 2 for name in names]


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_rows_in_order(count: int) -> None:
    with Workers(doubled, count, bulk=10) as several:
        for _ in range(3):
            assert several(NAMES) == doubled(NAMES)
        assert several(NAMES[:5]) == doubled(NAMES[:5])
        processes = several.processes
        assert len(processes) == (count - 1 if CAN_FORK else 0)
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_large_rows_do_not_block() -> None:
    with Workers(doubled, 2, bulk=10) as several:
        names = [b"x" * 100_000] * 40
        assert several(names) == doubled(names)


@pytest.mark.skipif(not CAN_FORK, reason="everything is done in one process here")
def test_a_worker_that_is_killed_is_told_of() -> None:
    with Workers(doubled, 3, bulk=10) as several:
        with pytest.raises(CharnnError) as caught:
            several([*NAMES, b"stop"])
        assert several(NAMES) == doubled(NAMES), "another takes its place"
    assert (caught.value.what, type(caught.value)) == (
        "a process that works on names was killed (SIGKILL)",
        CharnnError,
    )
    assert "memory" in caught.value.do


def test_a_fault_is_told_as_where_it_happened() -> None:
    with Workers(doubled, 2, bulk=10) as several:
        with pytest.raises(ModelError, match="is too large"):
            several([*NAMES, b"fail"])
        assert several(NAMES) == doubled(NAMES)
