"""What is shown while a network trains."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from rich.progress import Progress

from charnn_cli.cli.progress import Bars, TrainingProgress, row_counter, times
from charnn_cli.cli.training_output import summary
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


def epoch(number: int, **changes: Any) -> EpochReport:
    figures = {"train_loss": 1.5, "validation_loss": 0.25, "validation_accuracy": 0.75, "validation_macro_f1": 0.5}
    rest = {"gradient_norm": 2.0, "names_per_second": 12_345.6, "skipped_steps": 0, "lr": 0.0}
    record = {"epoch": number, **figures, **rest, **changes}
    return EpochReport(record, number == 1, 1.0, None, {}, None, SavedState({}, {}))


@pytest.mark.parametrize(
    ("width", "heading"),
    [
        (120, "epoch     loss  validation loss  accuracy  macro-F1  gradient  names/s"),
        (80, "epoch     loss  validation loss  accuracy  macro-F1  names/s"),
        (60, "epoch  validation loss  accuracy  macro-F1"),
        (20, "epoch  validation loss  accuracy"),
    ],
)
def test_epochs_are_rows_of_a_table_that_fits(width: int, heading: str) -> None:
    out = io.StringIO()
    progress = TrainingProgress(
        Bars(Progress(console=Console(file=out, width=width)), quiet=False), 12, report_every=None
    )
    for report in (epoch(1), epoch(2), epoch(12, validation_loss=None, skipped_steps=3)):
        progress.on_epoch(report)
    first, *rows = out.getvalue().splitlines()
    assert first == heading
    assert len(rows) == 3
    assert rows[0].endswith("  best so far")
    assert rows[2].endswith("  3 steps skipped")
    for row, number, loss in zip(rows, (" 1/12", " 2/12", "12/12"), ("0.250", "0.250", "-"), strict=True):
        assert row.startswith(number)
        assert row[: heading.index("validation loss") + len("validation loss")].endswith(f" {loss}")
    assert width < 60 or max(map(len, rows)) <= width


def test_off_a_terminal_an_epoch_is_a_line_that_needs_no_heading(capsys: Any) -> None:
    progress = TrainingProgress(Bars(None, quiet=False), 12, report_every=None)
    progress.on_epoch(epoch(1))
    progress.on_epoch(epoch(2, validation_bits_per_letter=3.5))
    assert capsys.readouterr().err.splitlines() == [
        "epoch  1/12  loss 1.500  validation loss 0.250  accuracy 0.750  macro-F1 0.500  gradient 2.00"
        "  names/s 12,346  best so far",
        "epoch  2/12  loss 1.500  validation loss 0.250  bits per letter 3.500  gradient 2.00  names/s 12,346",
    ]


def test_the_bar_tells_the_time_that_is_gone_and_only_a_known_rest_as_left() -> None:
    def told(**known: float | None) -> str:
        task = {"finished": False, "finished_time": None, "elapsed": 83.2, "time_remaining": None, **known}
        return times(SimpleNamespace(**task))  # type: ignore[arg-type]

    assert told() == "1:23"
    assert told(elapsed=None) == "0:00"
    assert told(time_remaining=3725) == "1:23, 1:02:05 left"
    assert told(finished=True, finished_time=90, time_remaining=0) == "1:30"


@pytest.mark.parametrize(("recalls", "told"), [((1.0, 0.0, 0.0), True), ((0.9, 0.2, 0.0), False)])
def test_a_network_that_learned_nothing_is_told(recalls: tuple[float, ...], told: bool) -> None:
    figures = dict.fromkeys(("accuracy", "macro_f1", "top_3_accuracy", "nll", "ece"), 0.5)
    measured = {
        "n": 9,
        "metrics": figures | {"balanced_accuracy": sum(recalls) / 3},
        "per_origin": [{"support": support} for support in (3, 3, 3, 0)],
    }
    said = summary(Path("run"), {"best_epoch": 1, "training_seconds": 1.0, "validation": measured}, "predict Hinton")
    assert ("no better than one origin for all names" in said) == told
