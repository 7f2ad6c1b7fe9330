"""The cells of a study, measured several at once; what is there already is not measured again."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from charnn_cli.engine.products import one_blas_thread
from charnn_cli.study.measure import measure
from charnn_cli.study.plan import Cell
from charnn_cli.study.pool import Event, Pool, Tell
from charnn_cli.study.record import Record, has_answers, save_answers


def is_done(cell: Cell, record: Record) -> bool:
    """Whether a cell has its figures, or has failed in a way that it would again."""
    if cell.key not in record.cells:
        return False
    return "failure" in record.cells[cell.key] or has_answers(record.folder, cell.key)


def run(
    cells: Sequence[Cell], record: Record, *, jobs: int, may_start: Callable[[], bool] = lambda: True
) -> Iterator[Event[Cell]]:
    """Measure the cells that are not done, in their order, so many at once; yields what happens.

    No further one begins once `may_start` says no. What a cell tells are the records of its epochs. Leaving the
    iterator ends the cells that run.
    """
    waiting = {cell.key: cell for cell in reversed(cells) if not is_done(cell, record)}
    _load(waiting.values())
    with Pool(partial(_work, record.folder), record.lock) as pool:
        while waiting or len(pool):
            while waiting and len(pool) < jobs and may_start():
                _, cell = waiting.popitem()
                pool.start(cell)
                yield Event(cell, "begun", None)
            if not len(pool):
                return
            for event in pool.events():
                if event.kind == "done":
                    record.cells.add(event.task.key, {**event.task.about, "figures": event.value})
                elif event.kind == "failed":
                    record.cells.add(event.task.key, {**event.task.about, "failure": event.value})
                yield event


def _load(cells: Collection[Cell]) -> None:
    """Load what the cells need, so that the copies of this process need not, each in its own time."""
    if any(not cell.recipe.linear for cell in cells):
        import charnn_cli.train  # noqa: F401
    if any(cell.recipe.linear for cell in cells):
        import sklearn.feature_extraction.text
        import sklearn.linear_model  # noqa: F401


def _work(folder: Path, cell: Cell, tell: Tell) -> dict[str, Any]:
    with one_blas_thread():  # of this process alone; torch has its own setting
        measured = measure(cell, tell)
    save_answers(folder, cell.key, measured.rows, measured.probabilities)
    return measured.figures
