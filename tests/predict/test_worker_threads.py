"""How many threads compute."""

import pytest

from charnn_cli.predict.predictor import worker_threads


@pytest.mark.parametrize(
    ("wished", "threads"), [("1", 1), ("1,4", 1), ("0", 1), ("", None), ("²", None), ("many", None), ("9" * 5000, None)]
)
def test_a_wish_that_is_no_number_is_none(wished: str, threads: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS")
    every = worker_threads()
    monkeypatch.setenv("OMP_NUM_THREADS", wished)
    assert worker_threads() == (every if threads is None else threads)
