"""Bytes of a file or a pipe → windows of lines, in bounded memory and without waiting for what has not come yet."""

import codecs
import os
import select
from collections.abc import Iterator
from typing import BinaryIO

from charnn_cli.errors import DataError

WINDOW_BYTES = 1 << 18  # some 30,000 surnames
BYTE_ORDER_MARK = codecs.BOM_UTF8
OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)  # that of UTF-32 LE begins as UTF-16's


def line_windows(
    stream: BinaryIO, *, where: str = "stdin", fill: bool = True, at_start: bool = True
) -> Iterator[list[bytes]]:
    """Lines without their `\\n`, in windows; the bytes are as they came, but for a byte order mark at the start.

    The first window is what the first read brings. Later ones are filled to `WINDOW_BYTES` as long as more is there
    to be read at once; with `fill=False` each read is a window. A stream that begins within a file, not `at_start`,
    has no byte order mark. Raises DataError where a byte order mark says that the stream is not UTF-8: its lines would
    be no names.
    """
    rest: list[bytes] = []  # of a line that goes on, in pieces: joining each to the next would take quadratic time
    is_first = True
    while True:
        chunk = _read(stream, fill=fill and not is_first)
        if not chunk:
            break
        if is_first and at_start:
            while _may_be_mark(chunk) and (more := _next(stream)):
                chunk += more
            if chunk.startswith(OTHER_MARKS):
                raise DataError("is UTF-16 or UTF-32", "save it as UTF-8", where=where)
            chunk = chunk.removeprefix(BYTE_ORDER_MARK)
        is_first = False
        if b"\n" not in chunk:
            rest.append(chunk)
            continue
        lines = b"".join([*rest, chunk]).split(b"\n")
        rest = [lines.pop()]
        yield lines
    if last := b"".join(rest):
        yield [last]


def _may_be_mark(start: bytes) -> bool:
    """Whether a stream that starts so may go on to a byte order mark."""
    return any(len(start) < len(mark) and mark.startswith(start) for mark in (BYTE_ORDER_MARK, *OTHER_MARKS))


def _read(stream: BinaryIO, *, fill: bool) -> bytes:
    chunk = _next(stream)
    if not fill or not chunk:
        return chunk
    parts, size = [chunk], len(chunk)
    while size < WINDOW_BYTES and _has_more(stream):
        chunk = _next(stream)
        if not chunk:
            break
        parts.append(chunk)
        size += len(chunk)
    return b"".join(parts)


def _next(stream: BinaryIO) -> bytes:
    """What is there, at most a window; waits only where nothing is. b'' at the end."""
    return stream.read1(WINDOW_BYTES)  # type: ignore[attr-defined, no-any-return]


def _has_more(stream: BinaryIO) -> bool:
    """Whether a read would bring something, or the end, at once."""
    try:
        return bool(select.select([stream.fileno()], [], [], 0)[0])
    except (OSError, ValueError):  # no file descriptor, or a system that selects sockets only
        return os.name == "nt"
