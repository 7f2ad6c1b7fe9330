"""DATA → `Dataset`: which reader takes it, and what is wrong with what it held."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from charnn_cli.data.dataset import Collector, Dataset
from charnn_cli.errors import DataError, DataErrors
from charnn_cli.formats.folder import folder_rows
from charnn_cli.formats.lines import checked_size, unreadable
from charnn_cli.formats.reading import OnProgress, Reading
from charnn_cli.formats.tables import delimited_rows, ndjson_rows, parquet_rows
from charnn_cli.text import TextRules

FORMATS = {
    ".csv": delimited_rows,
    ".tsv": delimited_rows,
    ".tab": delimited_rows,
    ".ndjson": ndjson_rows,
    ".jsonl": ndjson_rows,
    ".json": ndjson_rows,
    ".parquet": parquet_rows,
    ".pq": parquet_rows,
}


def read(
    path: Path,
    *,
    rules: TextRules,
    name_column: str | None = None,
    origin_column: str | None = None,
    on_progress: OnProgress | None = None,
    strict: bool = True,
) -> Dataset:
    """Labelled names from a folder of `<Origin>.txt`, or a CSV, TSV, NDJSON or Parquet file.

    The names of columns are found where they are not given. `rules.scripts` and `rules.marks` are ignored: all
    scripts are kept, and names that differ in marks alone are one name.
    `on_progress(rows, fraction)` is called about ten times a second.

    Every fault of the data is looked for before DataErrors is raised. With `strict` false, the names that can be
    read are returned and the faults stand in `.report.faults`; only DATA that holds no names at all raises.
    """
    started = time.perf_counter()
    reading = Reading.begin(on_progress)
    collector = Collector(replace(rules, scripts=None, marks=()), reading.report)
    reading.progress.advance(0)
    try:
        collector.add(_rows(path, name_column, origin_column, reading))
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


def _rows(
    path: Path, name_column: str | None, origin_column: str | None, reading: Reading
) -> Iterator[tuple[str, str]]:
    try:
        is_folder = path.is_dir()
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    if is_folder:
        return folder_rows(path, reading)
    size = checked_size(path)
    reader = FORMATS.get(path.suffix.lower())
    if reader is None:
        do = "give a folder of <Origin>.txt files, or a .csv, .tsv, .ndjson or .parquet file"
        raise DataError("of a kind that charnn does not read", do, where=path)
    if not size:
        raise DataError("is empty", "give labelled names, at least two origins", where=path)
    return reader(path, name_column, origin_column, reading)
