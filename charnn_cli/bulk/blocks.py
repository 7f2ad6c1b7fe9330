"""A file cut into blocks of whole rows, and the rows of one block."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from charnn_cli.errors import DataError
from charnn_cli.formats.contents import is_packed
from charnn_cli.formats.delimited import DelimitedReader
from charnn_cli.formats.encodings import strictly
from charnn_cli.formats.json_rows import JsonReader, ndjson_rows
from charnn_cli.formats.lines import BYTE_ORDER_MARK, START_BYTES, WINDOW_BYTES, is_plain, line_windows
from charnn_cli.formats.opening import Column, Source, choose_names, opened, opened_rows, rows_in, told_by
from charnn_cli.formats.table import EXCEL, JSON, PARQUET, format_of
from charnn_cli.formats.typed import ParquetReader

BLOCK_BYTES = 1 << 24  # of text: half a million rows or so, some seconds of work
BLOCK_ROWS = 1 << 19  # of Parquet, in whole row groups
HOW = "the name of the column"


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that follow each other in a file: bytes `start` to `end` of text, or row groups of Parquet."""

    number: int
    start: int
    end: int
    header_bytes: int  # of the lines that name the columns
    lines_before: int  # lines of the file before `start`
    is_last: bool


def blocks(
    path: str,
    column: Column,
    *,
    block_bytes: int = BLOCK_BYTES,
    block_rows: int = BLOCK_ROWS,
    window_bytes: int = WINDOW_BYTES,
) -> Iterator[Block]:
    """The blocks of a file, in order; always the same for the same file, and one where it has no rows.

    Text is read once for it, because only the quotes from its start on tell which line breaks lie within a field of
    CSV; of Parquet the footer is enough. What is not plain lines in UTF-8 is one block. Raises DataError.
    """
    with opened(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        start = stream.read(START_BYTES).removeprefix(BYTE_ORDER_MARK)
        stream.seek(0)
        if format_of(path) is PARQUET and start.startswith(b"PAR1"):
            yield from _of_parquet(path, column, block_rows)
            return
        is_array = told_by(start, format_of(path), has_columns=column is not None) is JSON
        if is_array or not is_plain(start) or is_packed(start) or format_of(path) in (EXCEL, PARQUET):
            with opened_rows(path, column, HOW):  # whose faults are told before there is work
                pass
            yield Block(0, 0, size, 0, 0, is_last=True)
            return
        source = _heading(path, stream, column)
        stream.seek(0)
        reader = source if isinstance(source, DelimitedReader) else None
        lines = reader.heading.lines if reader else 0
        header_bytes = sum(len(stream.readline()) for _ in range(lines))
        number, lines_before, first, end = 0, lines, header_bytes, header_bytes
        span = cast(BinaryIO, _Span(path, stream, header_bytes, size))
        for window in line_windows(span, at_start=False, window_bytes=window_bytes):
            ends_row = reader is None or reader.skip(window)
            end += sum(map(len, window)) + len(window)
            lines += len(window)
            if ends_row and end - first >= block_bytes and end < size:
                yield Block(number, first, end, header_bytes, lines_before, is_last=False)
                number, first, lines_before = number + 1, end, lines
        yield Block(number, first, size, header_bytes, lines_before, is_last=True)


def _of_parquet(path: str, column: Column, block_rows: int) -> Iterator[Block]:
    reader = ParquetReader(path, path)
    choose_names(reader, column, HOW)
    groups = reader.rows_of_groups()
    number = start = rows = 0
    for end, rows_of_group in enumerate(groups[:-1], start=1):
        rows += rows_of_group
        if rows >= block_rows:
            yield Block(number, start, end, header_bytes=0, lines_before=0, is_last=False)
            number, start, rows = number + 1, end, 0
    yield Block(number, start, len(groups), header_bytes=0, lines_before=0, is_last=True)


@contextmanager
def rows_of(path: str, column: Column, block: Block) -> Iterator[Source]:
    """Windows of names, or rows with a column of names, of a block, as from the whole file.

    Faults that are found name the line of the file.
    """
    if block.number == 0 and block.is_last:
        with opened_rows(path, column, HOW) as source:
            yield source
        return
    if format_of(path) is PARQUET:
        reader = ParquetReader(path, path, row_groups=range(block.start, block.end))
        choose_names(reader, column, HOW)
        yield reader
        return
    with opened(path) as stream:
        source = _heading(path, stream, column)
        windows = line_windows(cast(BinaryIO, _Span(path, stream, block.start, block.end)), at_start=block.start == 0)
        windows = strictly(windows, path, line=block.lines_before, is_file=False)
        if isinstance(source, Iterator):
            yield windows
            return
        part: DelimitedReader | JsonReader
        if isinstance(source, DelimitedReader):
            part = DelimitedReader(windows, path, heading=source.heading, line=block.lines_before)
        else:
            part = JsonReader(ndjson_rows(windows, path, line=block.lines_before), path, columns=source.columns)
        choose_names(part, column, HOW)
        yield part


def _heading(path: str, stream: BinaryIO, column: Column) -> Source:
    """The reader of a whole file, which has read what names the columns; raises DataError where the names lack."""
    source = rows_in(stream, format_of(path), path, has_columns=column is not None)
    if not isinstance(source, Iterator):
        choose_names(source, column, HOW)
    return source


class _Span:
    """Some bytes of a file as a stream for `line_windows`."""

    def __init__(self, path: str, stream: BinaryIO, start: int, end: int) -> None:
        self._path = path
        self._stream = stream
        self._left = end - start
        stream.seek(start)

    def read1(self, size: int) -> bytes:
        if not self._left:
            return b""
        data: bytes = self._stream.read1(min(size, self._left))  # type: ignore[attr-defined]
        if not data:
            raise DataError("was cut while it was read", "label it again, into another folder", where=self._path)
        self._left -= len(data)
        return data

    def fileno(self) -> int:
        raise OSError("a part of a file has no descriptor of its own")
