"""The files that a study leaves in its folder."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import DataError
from charnn_cli.files import replacing, write_bytes, write_json
from charnn_cli.formats.typed import load_pyarrow
from charnn_cli.plots import pages, save
from charnn_cli.render.parquet import Sink
from charnn_cli.study import page
from charnn_cli.study.outcome import Outcome, figures_of
from charnn_cli.study.plan import Cell
from charnn_cli.study.record import Record, load_answers
from charnn_cli.study.tables import csv_text, figure_rows, markdown, suspect_rows

STUDY, TABLE, CSV, FOREST, PAGE = "study.json", "table.md", "table.csv", "forest.png", "index.html"
SUSPECTS, ANSWERS, PARQUET = "suspects.csv", "predictions.csv", "predictions.parquet"
COLUMNS = ("recipe", "seed", "fold", "name", "origin", "predicted", "probability")

Block = tuple[list[list[Any]], NDArray[np.float32]]  # the columns of COLUMNS of some names, and probabilities (T, C)


def write(
    outcome: Outcome, cells: Sequence[Cell], record: Record, note: Callable[[str], None] = lambda words: None
) -> list[str]:
    """Write every file whole, in place of those of before; returns their names, the page first.

    `note` takes what was left out, and why. Raises OutputError where something cannot be written.
    """
    folder = record.folder
    write_json(folder / STUDY, outcome.to_json())
    write_bytes(folder / TABLE, markdown(outcome).encode(errors="surrogatepass"))
    write_bytes(folder / CSV, csv_text(figure_rows(outcome)))
    write_bytes(folder / SUSPECTS, csv_text(suspect_rows(outcome)))
    save.write_file(page.forest(outcome), folder / FOREST)
    names = [STUDY, TABLE, CSV, SUSPECTS, FOREST]
    if outcome.design.folds:
        names += _write_answers(cells, record, note)
    pages.write(folder / PAGE, page.render(outcome, names))
    return [PAGE, *names]


def _write_answers(cells: Sequence[Cell], record: Record, note: Callable[[str], None]) -> list[str]:
    """What each recipe says of the names that it did not learn from: a row a name, of every seed."""
    try:
        pyarrow = load_pyarrow()
    except DataError as error:
        note(f"the answers are written as CSV alone: {error.what} ({error.do})")
        pyarrow = None
    labels = sorted(set(chain.from_iterable(cell.names.read().labels for cell in cells)))
    header = [*COLUMNS, *(f"probability_{label}" for label in labels)]
    with ExitStack() as stack:
        to_csv = stack.enter_context(replacing(record.folder / ANSWERS))
        to_csv(csv_text([header]))
        writer = None
        if pyarrow is not None:
            schema = _schema(pyarrow, header)
            sink = Sink(stack.enter_context(replacing(record.folder / PARQUET)))
            writer = stack.enter_context(pyarrow.parquet.ParquetWriter(sink, schema))
        for columns, probabilities in _blocks(cells, record, labels):
            shares = [[str(value) for value in row] for row in probabilities]
            rows = zip(*columns, shares, strict=True)
            to_csv(csv_text([*told, *more] for *told, more in rows))
            if writer is not None:
                writer.write_table(pyarrow.table([*columns, *probabilities.T], schema=schema))
    return [ANSWERS, *([PARQUET] if writer is not None else [])]


def _blocks(cells: Sequence[Cell], record: Record, labels: Sequence[str]) -> Iterator[Block]:
    """The answers of each finished cell."""
    for cell in cells:
        if figures_of(cell, record) is None:
            continue
        dataset, told = cell.names.read(), cell.about
        rows, own = load_answers(record.folder, cell.key)
        probabilities = np.zeros((len(rows), len(labels)), dtype=np.float32)
        probabilities[:, [labels.index(label) for label in dataset.labels]] = own
        best = probabilities.argmax(axis=1)
        yield (
            [
                *([told[key]] * len(rows) for key in ("recipe", "seed", "fold")),
                dataset.names[rows].tolist(),
                [dataset.labels[origin] for origin in dataset.origins[rows]],
                [labels[place] for place in best],
                list(probabilities[np.arange(len(rows)), best]),
            ],
            probabilities,
        )


def _schema(pyarrow: Any, header: Sequence[str]) -> Any:
    types = {"seed": pyarrow.int64(), "fold": pyarrow.int64(), "probability": pyarrow.float32()}
    kinds = [types.get(name, pyarrow.string()) for name in COLUMNS] + [pyarrow.float32()] * (len(header) - len(COLUMNS))
    return pyarrow.schema(list(zip(header, kinds, strict=True)))
