"""How far charnn has come, on stderr: bars on a terminal that can draw them, elsewhere the lines worth keeping."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from charnn_cli.cli.streams import console, is_fancy, say
from charnn_cli.terminal import visible

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from charnn_cli.train.fit import EpochReport

FIRST_SECONDS = 1.0
EVERY_SECONDS = 0.25
BAR_CELLS = 20


@contextmanager
def bars(*, quiet: bool) -> Iterator["Bars"]:
    """The bars of one piece of work, which go when it ends."""
    if quiet or not is_fancy(sys.stderr):
        yield Bars(None, quiet=quiet)
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
    with Progress(*columns, console=console(sys.stderr), transient=True) as progress:
        yield Bars(progress, quiet=quiet)


class Bars:
    """A bar for each thing that is being done; without a `progress` to draw them, lines or nothing."""

    def __init__(self, progress: "Progress | None", *, quiet: bool) -> None:
        self.progress = progress
        self.quiet = quiet
        self._stages: dict[str, TaskID] = {}

    def reading(self, data: Path) -> Callable[[int, float], None] | None:
        """A callback that takes rows read and the share of the data they make up; None where nobody would see it."""
        progress = self.progress
        if progress is None:
            return None
        task = progress.add_task(f"reading {visible(str(data))}", total=1.0, figures="0 rows")
        return lambda rows, share: progress.update(task, completed=share, figures=f"{rows:,} rows", visible=share < 1)

    def counting(self) -> Callable[[float], None]:
        """A callback that takes the share of what is to be learned of the names before a network is trained on them."""
        progress = self.progress
        if progress is None:
            return lambda share: None
        task = progress.add_task("counting letters", total=1.0, figures="")
        return lambda share: progress.update(task, completed=share)

    def on_stage(self, what: str, done: int, total: int) -> None:
        """Take what is being done, how much of it, and of how much; off a terminal, tell what takes a minute."""
        if self.progress is None:
            say(what, quiet=self.quiet or "linear" not in what or done > 0)
            return
        if what not in self._stages:
            self._stages[what] = self.progress.add_task(visible(what), total=total, figures="")
        self.progress.update(self._stages[what], completed=done, total=total)


class TrainingProgress:
    """What a person sees while a network trains: a bar, and a line an epoch or the lesson's lines."""

    def __init__(self, bars: Bars, epochs: int, *, report_every: int | None) -> None:
        self.bar, self.quiet = bars.progress, bars.quiet
        self.epochs = epochs
        self.report_every = report_every
        self.task: TaskID | None = None
        self.waiting: TaskID | None = None
        if self.bar is not None:
            self.waiting = self.bar.add_task("before the first step", total=None, figures="")

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
            self.bar.console.print(visible(line), markup=False, highlight=False, soft_wrap=True)
        else:
            say(line, quiet=self.quiet)


def epoch_line(report: "EpochReport", epochs: int) -> str:
    """An epoch in one line, `*` where it is the best so far."""
    record = report.record

    def show(key: str, form: str) -> str:
        return "-" if record[key] is None else format(record[key], form)

    if "validation_bits_per_letter" in record:
        held_out = f"  bits per letter {show('validation_bits_per_letter', '.3f')}"
    else:
        held_out = f"  accuracy {show('validation_accuracy', '.3f')}  macro-F1 {show('validation_macro_f1', '.3f')}"
    return (
        f"epoch {record['epoch']:>{len(str(epochs))}}/{epochs}"
        f"  loss {show('train_loss', '.3f')}"
        f"  validation loss {show('validation_loss', '.3f')}"
        f"{held_out}{'*' if report.is_best else ' '}"
        f"  lr {record['lr']:.1e}"
        f"  gradient {show('gradient_norm', '.2f')}"
        f"  {record['names_per_second']:,.0f} names/s"
        + (f"  {record['skipped_steps']} steps skipped" if record["skipped_steps"] else "")
    )


def lesson_line(report: "EpochReport", epochs: int) -> str:
    """The lesson's own line: step, percent, time, loss, name / guess, and whether it was right."""
    step, answer = report.record["step"], report.last_answer
    minutes, seconds = divmod(int(report.record["seconds"]), 60)
    begin = f"{step} {100 * report.epoch // epochs}% ({minutes}m {seconds}s)"
    if answer is None:
        return f"{begin} {report.record['train_loss']:.4f}"
    verdict = "✓" if answer.guess == answer.origin else f"✗ ({answer.origin})"
    return f"{begin} {answer.loss:.4f} {answer.name} / {answer.guess} {verdict}"


@contextmanager
def row_counter(*, shown: bool, share: Callable[[], float | None] = lambda: None) -> Iterator[Callable[[int], None]]:
    """A function that is told of finished rows; it writes to stderr where that is a terminal and `shown`.

    `share` tells how much of the input is read, None where its size is not known.
    """
    if not shown or not is_fancy(sys.stderr):
        yield lambda rows: None
        return
    started = time.monotonic()
    total, shown_at = 0, started + FIRST_SECONDS - EVERY_SECONDS
    width = 0

    def count(rows: int) -> None:
        nonlocal total, shown_at, width
        total += rows
        now = time.monotonic()
        if now - shown_at >= EVERY_SECONDS:
            text = f"{total:,} names, {total / (now - started):,.0f} a second" + _left(share(), now - started)
            print(f"\r{text:<{width}}", end="", file=sys.stderr, flush=True)
            shown_at, width = now, len(text)

    try:
        yield count
    finally:
        if width:
            print(f"\r{'':<{width}}\r", end="", file=sys.stderr, flush=True)


def _left(share: float | None, seconds: float) -> str:
    """A bar of the share that is done, and the time that the rest takes at this rate."""
    if not share:
        return ""
    minutes, rest = divmod(round(seconds * (1 - share) / share), 60)
    return f"  [{'#' * round(BAR_CELLS * share):<{BAR_CELLS}}] {share:4.0%}, {minutes}:{rest:02d} left"
