"""A study for people: a table that lives while its cells are measured, and the tables in the end."""

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from charnn_cli.cli.streams import say
from charnn_cli.cli.tables import sheet_table, show, table
from charnn_cli.study import tables
from charnn_cli.study.measure import is_done
from charnn_cli.study.outcome import Outcome, figures_of
from charnn_cli.study.plan import Cell
from charnn_cli.study.pool import Event
from charnn_cli.study.record import Record
from charnn_cli.terminal import number_of, visible

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

SHOWN = ("accuracy", "macro_f1", "nll", "ece")
SUSPECTS_SHOWN = 10


def print_tables(outcome: Outcome) -> None:
    """Write the study to stdout."""
    sheets = [tables.figures(outcome, SHOWN), tables.differences(outcome, SHOWN), tables.costs(outcome)]
    sheets.append(tables.suspected(outcome, SUSPECTS_SHOWN))
    said = "\n".join(visible(line) for line in [tables.title(outcome), *tables.sentences(outcome)])
    show([said, *(sheet_table(sheet) for sheet in sheets if sheet.rows)], sys.stdout)


class StudyProgress:
    """A table of the recipes with what is known so far, redrawn on a terminal; elsewhere a line for each cell."""

    def __init__(self, cells: Sequence[Cell], record: Record, live: "Live | None", *, quiet: bool) -> None:
        self._cells, self._record, self._live, self._quiet = cells, record, live, quiet
        self._running: dict[Cell, str] = {}
        self._ended = sum(is_done(cell, record) for cell in cells)
        self._began, self._began_with = time.monotonic(), self._ended
        self._draw()

    def take(self, event: Event[Cell]) -> None:
        """Show what has happened."""
        if event.kind in ("begun", "told"):
            self._running[event.task] = f"epoch {event.value['epoch']}" if event.value else "begun"
        else:
            self._ended += 1
            self._running.pop(event.task, None)
            if self._live is None:
                say(f"{self._ended}/{len(self._cells)}  {_line(event)}", quiet=self._quiet)
        self._draw()

    def _draw(self) -> None:
        if self._live is not None:
            self._live.update(self._table(), refresh=True)

    def _table(self) -> "Table":
        labels = list(dict.fromkeys(cell.recipe.label for cell in self._cells))
        rows = []
        for label in labels:
            own = [cell for cell in self._cells if cell.recipe.label == label]
            done = [told for cell in own if (told := figures_of(cell, self._record)) is not None]
            running = [f"{cell.place}: {told}" for cell, told in self._running.items() if cell.recipe.label == label]
            means = [_mean([told["metrics"][metric] for told in done]) for metric in SHOWN[:2]]
            rows.append((visible(label), f"{len(done)}/{len(own)}", *means, ", ".join(running)))
        header = ("recipe", "cells", *SHOWN[:2], "at work")
        return table(f"{self._ended} of {len(self._cells)} cells{self._left()}", header, rows, left=(0, 4))

    def _left(self) -> str:
        measured, left = self._ended - self._began_with, len(self._cells) - self._ended
        if not measured or not left:
            return ""
        seconds = (time.monotonic() - self._began) / measured * left
        return f", about {number_of(max(round(seconds / 60), 1), 'minute')} left"


def _mean(values: Sequence[float]) -> str:
    return f"{sum(values) / len(values):.3f}" if values else "-"


def _line(event: Event[Cell]) -> str:
    told = f"{event.task.recipe.label}, {event.task.place}"
    if event.kind != "done":
        return f"{told}: failed: {event.value}"
    metrics = event.value["metrics"]
    figures = "  ".join(f"{metric} {metrics[metric]:.3f}" for metric in SHOWN[:2])
    return f"{told}: {figures}  {event.value['seconds']:.1f} s"
