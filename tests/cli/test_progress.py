"""What is shown while a network trains."""

import io
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from rich.progress import Progress

from charnn_cli.cli.progress import Bars, TrainingProgress, row_counter
from charnn_cli.train import EpochReport, LastAnswer
from charnn_cli.trained import SavedState


def report(epoch: int, step: int, name: str = "Rossi") -> EpochReport:
    record: dict[str, Any] = {"epoch": epoch, "step": step, "seconds": 61.0}
    answer = LastAnswer(name, "Italian", "Russian", 0.5)
    return EpochReport(record, True, 1.0, answer, {}, None, SavedState({"a": np.zeros(1)}, {}))


def test_the_bar_of_a_resumed_training_begins_where_the_training_does() -> None:
    bar = Progress(console=Console(file=io.StringIO()))
    progress = TrainingProgress(Bars(bar, quiet=False), 10, report_every=None)
    assert [task.description for task in bar.tasks] == ["before the first step"]
    progress.on_step(4, 50, 100, 0.7)
    (task,) = bar.tasks
    assert (task.completed, task.total, task.description) == (3.5, 10, "epoch 4")
    assert task.speed is None  # the epochs of the earlier training took no time now
    progress.on_step(4, 100, 100, 0.7)
    assert (task.completed, task.description) == (4, "epoch 4, validating")
    progress.on_measuring()
    assert task.description == "measuring"


def test_every_so_many_steps_whatever_the_steps_of_an_epoch(capsys: Any) -> None:
    progress = TrainingProgress(Bars(None, quiet=False), 6, report_every=10)
    for epoch in range(1, 7):
        progress.on_epoch(report(epoch, 4 * epoch))
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[:2] for line in lines] == [["12", "50%"], ["20", "83%"]]
    assert lines[0] == "12 50% (1m 1s) 0.5000 Rossi / Italian ✗ (Russian)"


def test_a_name_cannot_command_the_terminal() -> None:
    out = io.StringIO()
    bar = Progress(console=Console(file=out, force_terminal=True, width=200))
    TrainingProgress(Bars(bar, quiet=False), 1, report_every=1).on_epoch(report(1, 1, "a\x1b[31mb"))
    assert "a\\u001b[31mb" in out.getvalue()


def test_the_rows_of_a_file_whose_size_is_known_have_a_share_and_a_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    screen.isatty = lambda: True  # type: ignore[method-assign]
    clock = iter([0.0, 30.0, 60.0])
    monkeypatch.setattr("charnn_cli.cli.progress.time.monotonic", lambda: next(clock))
    monkeypatch.setattr("sys.stderr", screen)
    shares = iter([0.25, 1.0])
    with row_counter(shown=True, share=lambda: next(shares)) as count:
        count(3_000)
        count(9_000)
    lines = [line.rstrip() for line in screen.getvalue().split("\r") if line.strip()]
    assert lines == [
        "3,000 names, 100 a second  [#####               ]  25%, 1:30 left",
        "12,000 names, 200 a second  [####################] 100%, 0:00 left",
    ]
