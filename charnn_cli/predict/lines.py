"""Bytes of a file or a pipe → windows of lines, in bounded memory and without waiting for what has not come yet."""

import os
import select
from collections.abc import Iterator
from typing import BinaryIO

WINDOW_BYTES = 1 << 18  # some 30,000 surnames
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def line_windows(stream: BinaryIO, *, fill: bool = True, at_start: bool = True) -> Iterator[list[bytes]]:
    """Lines without their `\\n`, in windows; the bytes are as they came, but for a byte order mark at the start.

    The first window is what the first read brings. Later ones are filled to `WINDOW_BYTES` as long as more is there
    to be read at once; with `fill=False` each read is a window. A stream that begins within a file, not `at_start`,
    has no byte order mark.
    """
    rest = b""
    is_first = True
    while True:
        chunk = _read(stream, fill=fill and not is_first)
        if not chunk:
            break
        if is_first and at_start:
            while len(chunk) < len(BYTE_ORDER_MARK) and BYTE_ORDER_MARK.startswith(chunk) and (more := _next(stream)):
                chunk += more
            chunk = chunk.removeprefix(BYTE_ORDER_MARK)
        is_first = False
        if b"\n" not in chunk:
            rest += chunk
            continue
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        yield lines
    if rest:
        yield [rest]


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
