"""The one way in: a file or a pipe → windows of names, or rows with columns, by the table of formats."""

import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import BinaryIO, cast

from charnn_cli.errors import DataError
from charnn_cli.formats.columns import find_column, fitting_columns
from charnn_cli.formats.contents import Peekable, contents
from charnn_cli.formats.delimited import DelimitedReader
from charnn_cli.formats.encodings import AUTO, checked_encoding, detected, mojibake, strictly
from charnn_cli.formats.json_rows import JsonReader, array_rows, ndjson_rows
from charnn_cli.formats.lines import WINDOW_BYTES, beginning, lines_of, utf8_chunks
from charnn_cli.formats.rows import OnFault, RecordSource, stop
from charnn_cli.formats.separators import TAB
from charnn_cli.formats.table import CSV, EXCEL, JSON, NDJSON, PARQUET, TEXT, TSV, Format, format_of

Windows = Iterator[list[bytes]]
Source = Windows | RecordSource
Column = str | Sequence[str] | None  # a heading, or several whose texts make the names; None: a usual one

ARRAY = re.compile(rb"\s*\[")
ARRAY_OF_OBJECTS = re.compile(rb"\s*\[\s*\{")
STDIN = (None, "-")
SAMPLED_BYTES = 1 << 20  # for that


def rows_in(
    stream: BinaryIO,
    kind: Format | None,
    where: str,
    *,
    has_columns: bool,
    fill: bool = True,
    window_bytes: int = WINDOW_BYTES,
    on_bytes: Callable[[int], None] | None = None,
    longest: int | None = None,
    check: Callable[[Windows], Windows] = iter,
    on_fault: OnFault = stop,
    separator: bytes | None = None,
    encoding: str | None = None,
) -> Source:
    """Windows of names, or rows with columns that are not chosen yet.

    Without a kind, or of text, objects of JSON are rows; other lines are names, unless they are said to have columns.
    See `lines.utf8_chunks`, `lines.lines_of` and the readers; `check` looks at each window of lines.
    """
    if kind is PARQUET:
        from charnn_cli.formats.typed import ParquetReader

        return ParquetReader(stream, where)
    if kind is EXCEL:
        from charnn_cli.formats.typed import ExcelReader

        return ExcelReader(stream, where, on_fault=on_fault)
    errors = "strict" if on_fault is stop else "replace"
    chunks = utf8_chunks(
        stream, fill=fill, window_bytes=window_bytes, on_bytes=on_bytes, encoding=encoding, errors=errors, where=where
    )
    start = beginning(chunks, lambda start: bool(start.strip()))
    kind = told_by(start, kind, has_columns=has_columns)
    chunks = chain([start], chunks)
    if kind is JSON:
        return JsonReader(array_rows(chunks, where, on_fault=on_fault), where, on_fault=on_fault)
    windows = check(lines_of(chunks, longest=longest))
    if kind is TEXT:
        return windows
    if kind is NDJSON:
        return JsonReader(ndjson_rows(windows, where, on_fault=on_fault), where, on_fault=on_fault)
    return DelimitedReader(windows, where, separator=separator or (TAB if kind is TSV else None), on_fault=on_fault)


def told_by(start: bytes, kind: Format | None, *, has_columns: bool) -> Format:
    """What a text that begins so is read as: JSON is an array, NDJSON is objects on lines of their own."""
    if kind is JSON:
        return JSON if ARRAY.match(start) else NDJSON
    if kind not in (None, TEXT):
        return kind
    if ARRAY_OF_OBJECTS.match(start):
        return JSON
    first = start.lstrip().partition(b"\n")[0]
    try:
        if first.startswith(b"{") and isinstance(json.loads(first), dict):
            return NDJSON
    except (ValueError, RecursionError):
        pass
    return CSV if has_columns else TEXT


@contextmanager
def opened_rows(
    path: str | None,
    column: Column,
    how: str,
    *,
    separator: bytes | None = None,
    encoding: str | None = None,
    fill: bool = True,
    say: Callable[[str], object] = len,
    on_open: Callable[[Callable[[], float]], object] = id,
) -> Iterator[Source]:
    """What `path`, or stdin, holds: windows of names, or rows with columns that make the names.

    The column is found where none is given; `how` says how one is given. The encoding `auto` is guessed. What was
    chosen or looks wrong is said. Of a file that is read from its beginning to its end `on_open` gets a function that
    tells the share that is read. Raises DataError, also for what is no UTF-8 and no encoding is given for.
    """
    where = "stdin" if path in STDIN else str(path)
    named = None if path in STDIN else format_of(where)
    with opened(path) as stream, contents(stream, named, where) as (content, kind):
        status = os.fstat(stream.fileno())
        is_file = stat.S_ISREG(status.st_mode)
        if is_file and status.st_size and kind not in (PARQUET, EXCEL):
            on_open(lambda: stream.tell() / status.st_size)
        content, encoding = in_encoding(content, encoding, where, say)

        def check(windows: Windows) -> Windows:
            return mojibake(strictly(windows, where, is_file=is_file), where, say)

        source = rows_in(
            content,
            kind,
            where,
            has_columns=bool(column) or separator is not None,
            fill=fill,
            check=check,
            separator=separator,
            encoding=encoding,
        )
        if not isinstance(source, Iterator):
            choose_names(source, column, how)
            if not column:
                choice_said(source, "name", how, say, always=True)
        yield source


def in_encoding(
    stream: BinaryIO, encoding: str | None, where: str, say: Callable[[str], object]
) -> tuple[BinaryIO, str | None]:
    """The stream, and the encoding that is given, or that its first megabyte is likely in, which is said.

    Raises DataError where no encoding is called so.
    """
    if encoding != AUTO:
        return stream, None if encoding is None else checked_encoding(encoding)
    sample = Peekable(stream)
    encoding = detected(sample.peek(SAMPLED_BYTES))
    if encoding is not None:
        say(f"{where}: read as {encoding}, which is a guess")
    return cast(BinaryIO, sample), encoding


def choice_said(source: RecordSource, kind: str, how: str, say: Callable[[str], object], *, always: bool) -> None:
    """Say which of the usual columns is taken; unless `always`, only where there are others."""
    taken, *others = fitting_columns(source.columns, kind)
    if others or always:
        instead = f", not {' or '.join(map(repr, others))}" if others else ""
        say(f"{kind}s are read from column {taken!r}{instead} ({how} chooses another)")


def choose_names(source: RecordSource, column: Column, how: str) -> None:
    """Find the names among the columns of a source. Raises DataError, with the line of the heading."""
    given = [column] if column is None or isinstance(column, str) else column
    try:
        source.choose([find_column(source.columns, "name", wanted, how) for wanted in given])
    except DataError as error:
        raise DataError(error.what, error.do, where=source.where, line=source.line) from None


@contextmanager
def opened(path: str | None) -> Iterator[BinaryIO]:
    """A file, or a named pipe, to read, or stdin; raises DataError where the system does not let us."""
    if path in STDIN:
        yield sys.stdin.buffer
        return
    try:
        stream = open(str(path), "rb")  # noqa: SIM115, closed below: only its opening may fail like this
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"cannot be read ({reason})", "name a file of names", where=path) from None
    with stream:
        yield stream
