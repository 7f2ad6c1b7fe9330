"""What a person sees while a network trains: a bar on a terminal, a line an epoch elsewhere, the lesson's lines."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from charnn_cli.cli.streams import console, is_fancy, printable, say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from charnn_cli.train.fit import EpochReport


class TrainingProgress:
    """Shows reports on stderr as they come; with `quiet`, nothing."""

    def __init__(self, epochs: int, *, report_every: int | None, quiet: bool, bar: "Progress | None") -> None:
        self.epochs = epochs
        self.report_every = report_every
        self.quiet = quiet
        self.bar = bar
        self.task: TaskID | None = None
        self.waiting = None if bar is None else bar.add_task("before the first step", total=None, figures="")

    def on_step(self, epoch: int, seen: int, names: int, loss: float) -> None:
        """Move the bar within an epoch, counted from 1; a resumed training begins with a later one."""
        if self.bar is None:
            return
        if self.waiting is not None:
            self.bar.remove_task(self.waiting)
            self.waiting = None
        if self.task is None:
            self.task = self.bar.add_task("", total=self.epochs, completed=epoch - 1, figures="")
        done, figures = epoch - 1 + seen / names, f"loss {loss:.3f}"
        doing = f"epoch {epoch}" + (", validating" if seen == names else "")
        self.bar.update(self.task, completed=done, description=doing, figures=figures)

    def on_epoch(self, report: "EpochReport") -> None:
        """Say how an epoch went."""
        if self.report_every is None:
            self._say(epoch_line(report, self.epochs))
        elif report.record["step"] % self.report_every < report.record["step"] // report.epoch:  # steps of an epoch
            self._say(lesson_line(report, self.epochs))

    def on_measuring(self) -> None:
        """The last epoch has ended, and the best weights are measured."""
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, description="measuring", figures="")

    def _say(self, line: str) -> None:
        if self.bar is not None:
            self.bar.console.print(printable(line), markup=False, highlight=False, soft_wrap=True)
        else:
            say(line, quiet=self.quiet)


def epoch_line(report: "EpochReport", epochs: int) -> str:
    """An epoch in one line, `*` where it is the best so far."""
    record = report.record

    def show(key: str, form: str) -> str:
        return "-" if record[key] is None else format(record[key], form)

    return (
        f"epoch {record['epoch']:>{len(str(epochs))}}/{epochs}"
        f"  loss {show('train_loss', '.3f')}"
        f"  validation loss {show('validation_loss', '.3f')}"
        f"  accuracy {show('validation_accuracy', '.3f')}"
        f"  macro-F1 {show('validation_macro_f1', '.3f')}{'*' if report.is_best else ' '}"
        f"  lr {record['lr']:.1e}"
        f"  gradient {show('gradient_norm', '.2f')}"
        f"  {record['names_per_second']:,.0f} names/s"
        + (f"  {record['skipped_steps']} steps skipped" if record["skipped_steps"] else "")
    )


def lesson_line(report: "EpochReport", epochs: int) -> str:
    """The lesson's own line: step, percent, time, loss, name / guess, and whether it was right."""
    step, guess = report.record["step"], report.last_guess
    minutes, seconds = divmod(int(report.record["seconds"]), 60)
    verdict = "✓" if guess.guess == guess.origin else f"✗ ({guess.origin})"
    share = 100 * report.epoch // epochs
    return f"{step} {share}% ({minutes}m {seconds}s) {guess.loss:.4f} {guess.name} / {guess.guess} {verdict}"


@contextmanager
def training_progress(epochs: int, *, report_every: int | None, quiet: bool) -> Iterator[TrainingProgress]:
    """A display for one training; the bar stands only on a terminal that can draw it."""
    if quiet or not is_fancy(sys.stderr):
        yield TrainingProgress(epochs, report_every=report_every, quiet=quiet, bar=None)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%", markup=False),
        TextColumn("{task.fields[figures]}", markup=False),
        TimeElapsedColumn(),
        TextColumn("left", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console(sys.stderr), transient=True) as bar:
        yield TrainingProgress(epochs, report_every=report_every, quiet=quiet, bar=bar)
