"""Bytes of a file or a pipe → windows of lines, in bounded memory and without waiting for what has not come yet."""

import codecs
import os
import select
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from charnn_cli.formats.encodings import recoded

WINDOW_BYTES = 1 << 18  # some 30,000 surnames
START_BYTES = 1 << 16  # within which a line ends in LF, or CR is what ends lines
BYTE_ORDER_MARK = codecs.BOM_UTF8
OTHER_MARKS = {  # that of UTF-16 LE last: that of UTF-32 LE begins with it
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
UNREADABLE = b"\0"  # stands for a line that is no text, so that the lines after it keep their numbers
ENDLESS = b"\0\0"  # what is left of a line that was cut short


def line_windows(stream: BinaryIO, *, at_start: bool = True, window_bytes: int = WINDOW_BYTES) -> Iterator[list[bytes]]:
    """Lines of a stream in windows; see `utf8_chunks` and `lines_of`."""
    return lines_of(utf8_chunks(stream, at_start=at_start, window_bytes=window_bytes))


def utf8_chunks(
    stream: BinaryIO,
    *,
    fill: bool = True,
    at_start: bool = True,
    window_bytes: int = WINDOW_BYTES,
    on_bytes: Callable[[int], None] | None = None,
    encoding: str | None = None,
    errors: str = "strict",
    where: str = "stdin",
) -> Iterator[bytes]:
    """The bytes of a stream as UTF-8 whose lines end in LF, or CR LF.

    They are as they came, but for a byte order mark at the start, text that this mark calls UTF-16 or UTF-32, or that
    is in another `encoding`, and a file whose lines end in CR alone: one that has no LF in its first 64 KB. A stream
    that begins within a file, not `at_start`, is taken as it is. Raises DataError for bytes that are not in the
    encoding, or holds U+FFFD for them where `errors` are to `replace`.

    The first chunk is what the first read brings. Later ones are filled to `window_bytes` as long as more is there to
    be read at once; with `fill=False` each read is a chunk. `on_bytes` is told of the bytes that are read.
    """
    chunks = _chunks(stream, fill, window_bytes, on_bytes)
    return _with_lf(_as_utf8(chunks, encoding, where, errors)) if at_start else chunks


def lines_of(chunks: Iterable[bytes], *, longest: int | None = None) -> Iterator[list[bytes]]:
    """Lines without their `\\n`, in windows, one for each chunk that ends a line.

    Of a line of more than `longest` bytes, `ENDLESS` is left.
    """
    rest: list[bytes] = []  # of a line that goes on, in pieces: joining each to the next would take quadratic time
    size, cut = 0, False
    for chunk in chunks:
        end = chunk.find(b"\n")
        if end < 0:
            if not cut:
                rest.append(chunk)
                size += len(chunk)
                cut = longest is not None and size > longest
            continue
        if cut:
            rest, chunk, cut = [ENDLESS], chunk[end:], False
        lines = b"".join([*rest, chunk]).split(b"\n")
        rest = [lines.pop()]
        size = len(rest[0])
        yield lines
    if last := ENDLESS if cut else b"".join(rest):
        yield [last]


def is_plain(start: bytes) -> bool:
    """Whether the lines of a file that starts so stand in it as `line_windows` yields them, but for a mark."""
    return not start.startswith(tuple(OTHER_MARKS)) and not _ends_in_cr(start)


def _ends_in_cr(start: bytes) -> bool:
    """Whether CR alone ends the lines of a file that starts so."""
    return b"\n" not in start[:START_BYTES] and b"\r" in start[:START_BYTES]


def _chunks(stream: BinaryIO, fill: bool, window_bytes: int, on_bytes: Callable[[int], None] | None) -> Iterator[bytes]:
    chunk = _next(stream, window_bytes)
    while chunk:
        if on_bytes is not None:
            on_bytes(len(chunk))
        yield chunk
        chunk = _next(stream, window_bytes)
        if fill and chunk and len(chunk) < window_bytes:
            chunk = _filled(stream, chunk, window_bytes)


def _filled(stream: BinaryIO, chunk: bytes, window_bytes: int) -> bytes:
    parts, size = [chunk], len(chunk)
    while size < window_bytes and _has_more(stream) and (chunk := _next(stream, window_bytes)):
        parts.append(chunk)
        size += len(chunk)
    return b"".join(parts)


def _next(stream: BinaryIO, size: int) -> bytes:
    """What is there, at most `size`; waits only where nothing is. b'' at the end."""
    return stream.read1(size)  # type: ignore[attr-defined, no-any-return]


def _has_more(stream: BinaryIO) -> bool:
    """Whether a read would bring something, or the end, at once."""
    try:
        return bool(select.select([stream.fileno()], [], [], 0)[0])
    except (OSError, ValueError):  # no file descriptor, or a system that selects sockets only
        return os.name == "nt"


def _as_utf8(chunks: Iterator[bytes], encoding: str | None, where: str, errors: str) -> Iterator[bytes]:
    """The bytes in UTF-8, without a byte order mark, which says more than the `encoding` that is given."""
    marks = (BYTE_ORDER_MARK, *OTHER_MARKS)
    start = beginning(chunks, lambda start: not any(mark.startswith(start) and mark != start for mark in marks))
    if start.startswith(BYTE_ORDER_MARK):
        start, encoding = start.removeprefix(BYTE_ORDER_MARK), None
    encoding = next((marked for mark, marked in OTHER_MARKS.items() if start.startswith(mark)), encoding)
    chunks = chain([start], chunks)
    yield from chunks if encoding in (None, "utf-8") else recoded(chunks, encoding, where, errors)


def _with_lf(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes, with LF for CR where that ends the lines."""
    start = beginning(chunks, lambda start: b"\n" in start or len(start) >= START_BYTES)
    chunks = chain([start], chunks)
    if not _ends_in_cr(start):
        yield from chunks
        return
    held = b""
    for chunk in chunks:
        chunk, held = held + chunk, b""
        if chunk.endswith(b"\r"):  # the `\n` of a CR LF may open the next one
            chunk, held = chunk[:-1], b"\r"
        yield chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    yield held.replace(b"\r", b"\n")


def beginning(chunks: Iterator[bytes], enough: Callable[[bytes], bool]) -> bytes:
    """As many of the chunks as are `enough`, in one, or all of them."""
    start = b""
    for chunk in chunks:
        start += chunk
        if enough(start):
            break
    return start
