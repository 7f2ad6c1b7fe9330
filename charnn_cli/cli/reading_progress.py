"""How far charnn has come with a large data file, on a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from charnn_cli.cli.streams import console, is_fancy, printable


@contextmanager
def reading_progress(data: Path, *, quiet: bool) -> Iterator[Callable[[int, float], None] | None]:
    """A callback that takes rows read and the share of the data they make up, or None where nobody would see it."""
    if quiet or not is_fancy(sys.stderr):
        yield None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("reading {task.fields[source]}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[rows]} rows", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task("", total=1.0, source=printable(str(data)), rows="0")
        yield lambda rows, share: bar.update(task, completed=share, rows=f"{rows:,}")


@contextmanager
def preparing_progress(*, quiet: bool) -> Iterator[Callable[[float], None]]:
    """A callback that takes the share of what is to be learned of the names before a network is trained on them."""
    if quiet or not is_fancy(sys.stderr):
        yield lambda share: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("counting letters", markup=False), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda share: bar.update(task, completed=share)
