"""DATA → `Dataset`, and what is wrong with what it held."""

import time
from dataclasses import replace
from pathlib import Path

from charnn_cli.data.dataset import USUAL, Collector, Dataset, Portions
from charnn_cli.errors import DataError, DataErrors
from charnn_cli.formats.labelled import WINDOW_BYTES, labelled_rows
from charnn_cli.formats.reading import OnProgress, Reading
from charnn_cli.text import TextRules


def read(
    path: Path,
    *,
    rules: TextRules,
    name_column: str | None = None,
    origin_column: str | None = None,
    encoding: str | None = None,
    how: str = "data.{}_column",
    on_progress: OnProgress | None = None,
    strict: bool = True,
    window_bytes: int = WINDOW_BYTES,
    portions: Portions = USUAL,
) -> Dataset:
    """Labelled names from a folder of `<Origin>.txt`, or a file of one of the formats that have columns.

    The names of columns are found where they are not given, and `how` says how one is given; text is UTF-8 where no
    `encoding` is. `rules.scripts` and `rules.marks` are ignored: all scripts are kept, and names that differ in marks
    alone are one name.
    `on_progress(rows, fraction)` is called about ten times a second.

    Every fault of the data is looked for before DataErrors is raised. With `strict` false, the names that can be
    read are returned and the faults stand in `.report.faults`; only DATA that holds no names at all raises.
    """
    started = time.perf_counter()
    reading = Reading.begin(on_progress)
    collector = Collector(replace(rules, scripts=None, marks=()), reading.report, portions)
    reading.progress.advance(0)
    try:
        collector.add(labelled_rows(path, name_column, origin_column, reading, window_bytes, encoding, how))
    except DataError as error:
        reading.faults.add(error.what, error.do, where=error.where or path, line=error.line)
    dataset = collector.finish(reading.progress.order)
    for what in collector.bad_labels.values():
        reading.faults.add(what, "name it in plain words", where=path)
    if not len(dataset) and not reading.faults.count:
        reading.faults.add("holds no names", "give labelled names, at least two origins", where=path)
    elif len(dataset.labels) == 1:
        what = f"all names have one origin, '{dataset.labels[0]}'"
        reading.faults.add(what, "add names of another origin", where=path)
    if reading.faults.count and (strict or not len(dataset)):
        raise DataErrors(reading.faults.lines())
    reading.progress.finish()
    reading.report.seconds = time.perf_counter() - started
    return dataset
