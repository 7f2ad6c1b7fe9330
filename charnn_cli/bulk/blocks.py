"""A file cut into blocks of whole rows, and the rows of one block."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from charnn_cli.errors import DataError
from charnn_cli.formats.delimited import RecordReader, RecordSource
from charnn_cli.formats.windows import line_windows
from charnn_cli.render.parquet import ParquetReader

BLOCK_BYTES = 1 << 24  # of text: half a million rows or so, some seconds of work
BLOCK_ROWS = 1 << 19  # of Parquet, in whole row groups
PARQUET = ".parquet"


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
    path: str, column: str | None, *, block_bytes: int = BLOCK_BYTES, block_rows: int = BLOCK_ROWS
) -> Iterator[Block]:
    """The blocks of a file, in order; always the same for the same file, and one where it has no rows.

    Text is read once for it, because only the quotes from its start on tell which line breaks lie within a field of
    CSV; of Parquet the footer is enough. Raises DataError.
    """
    if path.lower().endswith(PARQUET) and column is not None:
        yield from _of_parquet(path, column, block_rows)
    else:
        yield from _of_text(path, column, block_bytes)


def _of_parquet(path: str, column: str, block_rows: int) -> Iterator[Block]:
    groups = ParquetReader(path, column).rows_of_groups()
    number = start = rows = 0
    for end, rows_of_group in enumerate(groups[:-1], start=1):
        rows += rows_of_group
        if rows >= block_rows:
            yield Block(number, start, end, header_bytes=0, lines_before=0, is_last=False)
            number, start, rows = number + 1, end, 0
    yield Block(number, start, len(groups), header_bytes=0, lines_before=0, is_last=True)


def _of_text(path: str, column: str | None, block_bytes: int) -> Iterator[Block]:
    with _opened(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        reader, header_bytes, lines = None, 0, 0
        if column is not None:
            reader = RecordReader(_windows(path, stream, [(0, size)]), column, where=path)
            lines = reader.lines_read
            stream.seek(0)
            header_bytes = sum(len(stream.readline()) for _ in range(lines))
        number, lines_before, start, end = 0, lines, header_bytes, header_bytes
        for window in _windows(path, stream, [(header_bytes, size)], at_start=False):
            ends_row = reader is None or reader.skip(window)
            end += sum(map(len, window)) + len(window)
            lines += len(window)
            if ends_row and end - start >= block_bytes and end < size:
                yield Block(number, start, end, header_bytes, lines_before, is_last=False)
                number, start, lines_before = number + 1, end, lines
        yield Block(number, start, size, header_bytes, lines_before, is_last=True)


@contextmanager
def rows_of(path: str, column: str | None, block: Block) -> Iterator[Iterator[list[bytes]] | RecordSource]:
    """Windows of names, or rows with a column of names, of a block, as from the whole file.

    Faults that are found name the line of the file.
    """
    if path.lower().endswith(PARQUET) and column is not None:
        yield ParquetReader(path, column, range(block.start, block.end))
        return
    with _opened(path) as stream:
        if column is None:
            yield _windows(path, stream, [(block.start, block.end)], at_start=block.start == 0)
            return
        windows = _windows(path, stream, [(0, block.header_bytes), (block.start, block.end)])
        reader = RecordReader(windows, column, where=path)
        skipped = block.lines_before - reader.lines_read
        try:
            yield reader
        except DataError as error:
            if error.line is None or not skipped:
                raise
            raise DataError(error.what, error.do, where=error.where, line=error.line + skipped) from None


class _Spans:
    """Some spans of bytes of a file, one after the other, as a stream for `line_windows`."""

    def __init__(self, path: str, stream: BinaryIO, spans: list[tuple[int, int]]) -> None:
        self._path = path
        self._stream = stream
        self._spans = [span for span in spans if span[0] < span[1]]
        self._left = 0

    def read1(self, size: int) -> bytes:
        if not self._left:
            if not self._spans:
                return b""
            start, end = self._spans.pop(0)
            self._stream.seek(start)
            self._left = end - start
        data: bytes = self._stream.read1(min(size, self._left))  # type: ignore[attr-defined]
        if not data:
            raise DataError("was cut while it was read", "label it again, with another --output", where=self._path)
        self._left -= len(data)
        return data

    def fileno(self) -> int:
        raise OSError("parts of a file have no descriptor of their own")


def _windows(
    path: str, stream: BinaryIO, spans: list[tuple[int, int]], *, at_start: bool = True
) -> Iterator[list[bytes]]:
    return line_windows(cast(BinaryIO, _Spans(path, stream, spans)), at_start=at_start)


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    try:
        stream = open(path, "rb")  # noqa: SIM115, closed below: only its opening may fail like this
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", "put it where every node sees it", where=path) from None
    with stream:
        yield stream
