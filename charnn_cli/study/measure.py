"""One cell of a study, measured in the process that calls: its figures, and what it says of its test names."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.data import TEST, TRAIN, VALIDATION, Dataset
from charnn_cli.study.plan import Cell

OnEpoch = Callable[[dict[str, Any]], None]  # takes a line of history.jsonl


@dataclass(frozen=True, slots=True)
class Measurement:
    """What came out. `figures` hold `metrics` of the test names, `seconds` of training and more."""

    figures: dict[str, Any]
    rows: NDArray[np.int64]  # (T,) of the dataset: the test names
    probabilities: NDArray[np.floating]  # (T, C)


def measure(cell: Cell, on_epoch: OnEpoch = lambda record: None) -> Measurement:
    """Train and test one cell; raises CharnnError where that cannot be."""
    dataset = cell.names.read()
    sides = cell.sides(dataset)
    counts = {name: int((sides == side).sum()) for name, side in _SIDES.items()}
    figures, probabilities = (_linear if cell.recipe.linear else _trained)(cell, dataset, sides, on_epoch)
    return Measurement({**figures, **counts}, np.flatnonzero(sides == TEST), probabilities)


_SIDES = {"n_train": TRAIN, "n_validation": VALIDATION, "n_test": TEST}


def _trained(
    cell: Cell, dataset: Dataset, sides: NDArray[np.int8], on_epoch: OnEpoch
) -> tuple[dict[str, Any], NDArray[np.floating]]:
    from charnn_cli.train import EpochReport, Session

    session = Session.prepare(cell.settings, dataset, cell.path, sides=sides)
    records: list[dict[str, Any]] = []

    def told(report: EpochReport) -> None:
        records.append(report.record)
        on_epoch(report.record)

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
    cell: Cell, dataset: Dataset, sides: NDArray[np.int8], on_epoch: OnEpoch
) -> tuple[dict[str, Any], NDArray[np.floating]]:
    from charnn_cli.evaluate import baseline
    from charnn_cli.metrics import compute_metrics

    text = cell.settings.config.text
    training, validation, test = (np.flatnonzero(sides == side) for side in _SIDES.values())
    rules = text.rules().learned(dataset.texts[training], dataset.names[training] if text.marks else ())
    texts = np.array(baseline.spell(dataset.names, rules), dtype=object)
    started = time.perf_counter()
    chosen = baseline.choose(
        texts[training].tolist(),
        dataset.origins[training],
        texts[validation].tolist(),
        dataset.origins[validation],
        num_labels=len(dataset.labels),
        keep_validation=cell.recipe.keeps_validation,
    )
    seconds = time.perf_counter() - started
    probabilities = chosen.model.probabilities(texts[test].tolist())
    figures = {
        "metrics": compute_metrics(probabilities, dataset.origins[test]),
        "seconds": round(seconds, 3),
        "names_per_second": len(training) / seconds,
        "weights": chosen.model.num_weights,
        "setting": chosen.setting.name,
    }
    return figures, probabilities
