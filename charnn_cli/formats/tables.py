"""Rows of CSV, TSV, NDJSON and Parquet files: (name, origin) as they stand there."""

import csv
import json
from collections import deque
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from charnn_cli.errors import DataError
from charnn_cli.formats.columns import find_columns
from charnn_cli.formats.lines import UNREADABLE, checked_size, read_lines
from charnn_cli.formats.reading import Reading

Row = tuple[str, str]

PARQUET_BATCH_ROWS = 1 << 16


def delimited_rows(path: Path, name_column: str | None, origin_column: str | None, reading: Reading) -> Iterator[Row]:
    """Rows of a CSV or TSV file whose first line names the columns; fields are quoted as in RFC 4180."""
    reading.progress.total = checked_size(path)
    lines = read_lines(path, reading)
    first = next(lines, "")
    reader = csv.reader(chain([first], lines), delimiter=_delimiter(path, first), strict=True)
    try:
        header = next(reader, [])
    except csv.Error as error:
        reading.faults.add(f"the first line: {error}", "mend the quotes", where=path, line=1)
        return
    columns = None
    if header != [UNREADABLE[:-1]]:
        columns = find_columns(header, name_column, origin_column, where=path, line=1, faults=reading.faults)
    if not columns:
        deque(lines, maxlen=0)  # whose faults are told with those of the first line
        return
    name, origin = columns
    width, start = len(header), 2
    while True:
        try:
            for row in reader:
                if len(row) == width:
                    yield row[name], row[origin]
                elif row and row[0] != UNREADABLE[:-1]:
                    what = f"{len(row)} fields where the first line has {width}"
                    reading.faults.add(what, "quote fields that hold a separator", where=path, line=start)
                start = reader.line_num + 1
        except csv.Error as error:
            what = f"no CSV: {error}"
            reading.faults.add(what, 'close the quotes; a quote in a field is written ""', where=path, line=start)
            start = reader.line_num + 1
            continue
        return


def _delimiter(path: Path, header: str) -> str:
    """A tab in a TSV file; elsewhere what the first line holds most of (spreadsheets write ; in half of Europe)."""
    if path.suffix.lower() in (".tsv", ".tab"):
        return "\t"
    return max(",;\t", key=header.count)


def ndjson_rows(path: Path, name_column: str | None, origin_column: str | None, reading: Reading) -> Iterator[Row]:
    """Rows of a file with a JSON object a line; the first object's keys are the columns."""
    reading.progress.total = checked_size(path)
    name = origin = None
    lines = read_lines(path, reading)
    for number, line in enumerate(lines, start=1):
        if line == UNREADABLE or line.isspace():
            continue
        row = _json_object(line)
        if not isinstance(row, dict):
            do = "write one JSON object a line"
            if line.lstrip().startswith("["):
                do += " (jq -c '.[]' turns an array into that)"
            reading.faults.add("not a JSON object" if row is None else "not an object", do, where=path, line=number)
            if number == 1 and line.strip() == "[":
                return  # every line of a pretty-printed array would be a fault
            continue
        if name is None or origin is None:
            header = list(row)
            columns = find_columns(header, name_column, origin_column, where=path, line=number, faults=reading.faults)
            if not columns:
                deque(lines, maxlen=0)  # whose faults are told with that of the first
                return
            name, origin = (header[column] for column in columns)
        try:
            yield _text(row[name]), _text(row[origin])
        except KeyError as error:
            reading.faults.add(f"no key {error}", "give every object both keys", where=path, line=number)
        except TypeError:
            what = f"'{name}' or '{origin}' is no text"
            reading.faults.add(what, "write both as strings", where=path, line=number)
        except UnicodeEncodeError:
            reading.faults.add("half a surrogate pair", "write the character whole", where=path, line=number)


def _json_object(line: str) -> Any:
    """The value of a line, None where it is no JSON."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise TypeError
    value.encode()
    return value


def parquet_rows(path: Path, name_column: str | None, origin_column: str | None, reading: Reading) -> Iterator[Row]:
    """Rows of a Parquet file; two of its columns are read, batch by batch."""
    checked_size(path)
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError:
        do = "pip install 'charnn[parquet]'"
        raise DataError("reading Parquet needs the package pyarrow", do, where=path) from None
    try:
        with parquet.ParquetFile(path) as file:
            reading.progress.total = file.metadata.num_rows
            header = file.schema_arrow.names
            columns = find_columns(header, name_column, origin_column, where=path, line=None, faults=reading.faults)
            if not columns:
                return
            wanted = [header[column] for column in columns]
            number = 0
            for batch in file.iter_batches(PARQUET_BATCH_ROWS, columns=wanted):
                reading.progress.advance(batch.num_rows)
                for name, origin in zip(*(batch.column(column).to_pylist() for column in wanted), strict=True):
                    number += 1
                    try:
                        yield _text(name), _text(origin)
                    except (TypeError, UnicodeEncodeError):
                        what = f"row {number}: '{wanted[0]}' or '{wanted[1]}' is no text"
                        reading.faults.add(what, "write both as strings", where=path)
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        what = f"no readable Parquet: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
        raise DataError(what, "write the file again", where=path) from None
