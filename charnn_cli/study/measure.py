"""The cells of a study, measured several at once; what is there already is not measured again."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.data import TEST, TRAIN, VALIDATION, Dataset
from charnn_cli.engine.products import one_blas_thread
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


@dataclass(frozen=True, slots=True)
class Measurement:
    """What came out. `figures` hold `metrics` of the test names, `seconds` of training and more."""

    figures: dict[str, Any]
    rows: NDArray[np.int64]  # (T,) of the dataset: the test names
    probabilities: NDArray[np.floating]  # (T, C)


def measure(cell: Cell, tell: Tell = lambda record: None) -> Measurement:
    """Train and test one cell in the process that calls; raises CharnnError where that cannot be.

    `tell` takes the records of the epochs, as in history.jsonl.
    """
    dataset = cell.names.read()
    sides = cell.sides(dataset)
    counts = {name: int((sides == side).sum()) for name, side in _SIDES.items()}
    figures, probabilities = (_linear if cell.recipe.linear else _trained)(cell, dataset, sides, tell)
    return Measurement({**figures, **counts}, np.flatnonzero(sides == TEST), probabilities)


_SIDES = {"n_train": TRAIN, "n_validation": VALIDATION, "n_test": TEST}


def _trained(
    cell: Cell, dataset: Dataset, sides: NDArray[np.int8], tell: Tell
) -> tuple[dict[str, Any], NDArray[np.floating]]:
    from charnn_cli.train import EpochReport, Session

    session = Session.prepare(cell.settings, dataset, cell.path, sides=sides)
    records: list[dict[str, Any]] = []

    def told(report: EpochReport) -> None:
        records.append(report.record)
        tell(report.record)

    measured = session.in_memory(told)
    seconds = records[-1]["seconds"]
    figures = {
        "metrics": measured.metrics("test"),
        "validation": measured.metrics("validation"),
        "seconds": seconds,
        "names_per_second": records[-1]["names_seen"] / max(seconds, 1e-3),
        "weights": sum(tensor.size for tensor in measured.trained.tensors.values()),
        **asdict(measured.scaling),
        "best_epoch": measured.trained.about["epoch"],
    }
    return figures, measured.probabilities


def _linear(
    cell: Cell, dataset: Dataset, sides: NDArray[np.int8], tell: Tell
) -> tuple[dict[str, Any], NDArray[np.floating]]:
    from charnn_cli.evaluate import baseline
    from charnn_cli.metrics import compute_metrics

    text = cell.settings.config.text
    training, test = (np.flatnonzero(sides == side) for side in (TRAIN, TEST))
    rules = text.rules().learned(dataset.texts[training], dataset.names[training] if text.marks else ())
    chosen = baseline.choose_by(dataset, sides, rules, keep_validation=cell.recipe.keeps_validation)
    probabilities = chosen.model.probabilities(baseline.spell(dataset.names[test], rules))
    figures = {
        "metrics": compute_metrics(probabilities, dataset.origins[test]),
        "seconds": chosen.seconds,
        "names_per_second": len(training) / max(chosen.seconds, 1e-3),
        "weights": chosen.model.num_weights,
        "setting": chosen.setting.name,
    }
    return figures, probabilities
