"""How far charnn has come, on stderr: bars on a terminal that can draw them, elsewhere the lines worth keeping."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from charnn_cli.cli.streams import can_redraw, console, say
from charnn_cli.terminal import number_of, visible

if TYPE_CHECKING:
    from rich.progress import Progress, Task, TaskID

    from charnn_cli.train.fit import EpochReport

FIRST_SECONDS = 1.0
EVERY_SECONDS = 0.25
BAR_CELLS = 20


@contextmanager
def bars(*, quiet: bool) -> Iterator["Bars"]:
    """The bars of one piece of work, which go when it ends."""
    if quiet or not can_redraw(sys.stderr):
        yield Bars(None, quiet=quiet)
        return
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn
    from rich.text import Text

    class Times(ProgressColumn):
        max_refresh = 0.5

        def render(self, task: "Task") -> Text:
            return Text(times(task), style="cyan", no_wrap=True)

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(BAR_CELLS),
        TextColumn("{task.percentage:>3.0f}%", markup=False),
        TextColumn("{task.fields[figures]}", markup=False),
        Times(),
    )
    with Progress(*columns, console=console(sys.stderr), transient=True) as progress:
        yield Bars(progress, quiet=quiet)


def times(task: "Task") -> str:
    """How long a task has taken, and what is left of it where that can be told."""
    elapsed, left = task.finished_time if task.finished else task.elapsed, task.time_remaining
    told = _clock(elapsed or 0.0)
    return told if left is None or task.finished else f"{told}, {_clock(left)} left"


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


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
        return lambda rows, share: progress.update(
            task, completed=share, figures=number_of(rows, "row"), visible=share < 1
        )

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
        self._heading = ""
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
            self._say_figures(figures_of(report, self.epochs))
        elif report.record["step"] % self.report_every < report.record["step"] // report.epoch:  # steps of an epoch
            self._say(lesson_line(report, self.epochs))

    def on_measuring(self) -> None:
        """The last epoch has ended, and the best weights are measured."""
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, description="measuring", figures="")

    def _say_figures(self, figures: "list[Figure]") -> None:
        """A row of a table, as many columns of it as fit into a terminal; elsewhere a line that needs no heading."""
        if self.bar is None:
            self._say("  ".join(f"{figure.heading} {figure.text}".strip() for figure in figures).rstrip())
            return
        heading, row = table_lines(figures, self.bar.console.width)
        if heading != self._heading:
            self._say(heading)
            self._heading = heading
        self._say(row)

    def _say(self, line: str) -> None:
        if self.bar is not None:
            self.bar.console.print(visible(line), markup=False, highlight=False, soft_wrap=True)
        else:
            say(line, quiet=self.quiet)


class Figure(NamedTuple):
    """Something to tell of an epoch; where room is short, those with the highest number are left out first."""

    heading: str
    text: str
    width: int
    leave_out: int = 0


def figures_of(report: "EpochReport", epochs: int) -> list[Figure]:
    """What is told of an epoch."""
    record = report.record

    def figure(heading: str, key: str, form: str, leave_out: int = 0) -> Figure:
        text = "-" if record[key] is None else format(record[key], form)
        return Figure(heading, text, 7, leave_out)

    if "validation_bits_per_letter" in record:
        held_out = [figure("bits per letter", "validation_bits_per_letter", ".3f")]
    else:
        held_out = [
            figure("accuracy", "validation_accuracy", ".3f"),
            figure("macro-F1", "validation_macro_f1", ".3f", 1),
        ]
    notes = ["best so far"] * report.is_best
    if record["skipped_steps"]:
        notes.append(f"{record['skipped_steps']} steps skipped")
    return [
        Figure("epoch", f"{record['epoch']:>{len(str(epochs))}}/{epochs}", 0),
        figure("loss", "train_loss", ".3f", 2),
        figure("validation loss", "validation_loss", ".3f"),
        *held_out,
        figure("gradient", "gradient_norm", ".2f", 4),
        figure("names/s", "names_per_second", ",.0f", 3),
        Figure("", ", ".join(notes), len("best so far")),
    ]


def table_lines(figures: list[Figure], width: int) -> tuple[str, str]:
    """Heading and row of a table no wider than so many cells, as far as columns may be left out for it."""
    widths = {figure.heading: max(len(figure.heading), len(figure.text), figure.width) for figure in figures}
    shown = list(figures)
    while sum(widths[figure.heading] + 2 for figure in shown) - 2 > width:
        last = max(shown, key=lambda figure: figure.leave_out)
        if not last.leave_out:
            break
        shown.remove(last)
    heading = "  ".join(figure.heading.rjust(widths[figure.heading]) for figure in shown)
    cells = (figure.text.rjust(widths[figure.heading]) if figure.heading else figure.text for figure in shown)
    return heading.rstrip(), "  ".join(cells).rstrip()


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
    if not shown or not can_redraw(sys.stderr):
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
            text = f"{number_of(total, 'name')}, {total / (now - started):,.0f} a second" + _left(
                share(), now - started
            )
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
