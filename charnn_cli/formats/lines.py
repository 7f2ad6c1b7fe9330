"""Files → lines of text, in blocks of bounded size whatever the file holds."""

import codecs
import re
import stat
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import IO

from charnn_cli.errors import DataError
from charnn_cli.formats.reading import Reading

BLOCK_BYTES = 1 << 20
MAX_LINE_CHARACTERS = 1 << 20

UNREADABLE = "\0\n"  # stands for a line that is no text, so that the lines after it keep their numbers

_ENDLESS = "\0\0"  # what is left of a line that was cut short

# UTF-16 and UTF-32 are read where a byte-order mark says so; anything else is UTF-8.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_INVALID_BYTE = re.compile("[\udc80-\udcff]")  # as Python's error handler `surrogateescape` keeps it

_KINDS = (
    (stat.S_ISDIR, "is a folder"),
    (stat.S_ISFIFO, "is a named pipe"),
    (stat.S_ISSOCK, "is a socket"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
)


def checked_size(path: Path) -> int:
    """Size in bytes of a regular file; raises DataError for anything that cannot be read twice and to its end."""
    try:
        status = path.stat()
    except FileNotFoundError:
        raise DataError("no such file or folder", "check the path", where=path) from None
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    for is_kind, what in _KINDS:
        if is_kind(status.st_mode):
            raise DataError(f"{what}, not a file", "write the names to a plain file", where=path)
    return status.st_size


def unreadable(path: Path, error: Exception) -> DataError:
    """The error for a file that the system does not let us read."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return DataError(f"cannot be read: {reason}", "check the path, its links and its permissions", where=path)


def read_lines(path: Path, reading: Reading) -> Iterator[str]:
    """The lines of a file, each with its '\\n'; CR LF and CR end lines too.

    A line that is no text is a fault, and `UNREADABLE` is yielded in its place: bytes that are not UTF-8, a NUL, the
    replacement character U+FFFD, or a line of far more than
    `MAX_LINE_CHARACTERS`.
    """
    try:
        with path.open("rb") as file:
            number = 0
            for block in _blocks(file, reading):
                for line in StringIO(block, newline="\n") if _clean(block) else _checked(block, path, number, reading):
                    number += 1
                    yield line
    except OSError as error:
        raise unreadable(path, error) from None


def _clean(block: str) -> bool:
    if block.isascii():
        return "\0" not in block
    try:
        block.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in block and "\ufffd" not in block


def _checked(block: str, path: Path, before: int, reading: Reading) -> Iterator[str]:
    for number, line in enumerate(StringIO(block, newline="\n"), start=before + 1):
        invalid = _INVALID_BYTE.search(line)
        if line.startswith(_ENDLESS):
            what, do = f"line of more than {MAX_LINE_CHARACTERS:,} characters", "write one name a line"
        elif invalid:
            what, do = f"not UTF-8 (byte 0x{ord(invalid[0]) - 0xDC00:02X})", "save the file as UTF-8"
        elif "\0" in line:
            what, do = "holds a NUL character", "save the file as UTF-8 text"
        elif "\ufffd" in line:
            what, do = (
                "holds U+FFFD, which stands for a letter lost in an earlier conversion",
                "mend or delete the line",
            )
        else:
            yield line
            continue
        reading.report.undecodable += 1
        reading.faults.add(what, do, where=path, line=number)
        yield UNREADABLE


def _blocks(file: IO[bytes], reading: Reading) -> Iterator[str]:
    """Text in blocks that end where a line ends; invalid bytes are kept as surrogates, an endless line is cut short."""
    encoding = _encoding(file)
    decoder = codecs.getincrementaldecoder(encoding)(errors="surrogateescape" if encoding == "utf-8" else "replace")
    rest, skipping = "", False
    while chunk := file.read(BLOCK_BYTES):
        reading.progress.advance(len(chunk))
        text = decoder.decode(chunk)
        if not skipping:
            text = rest + text
        if "\r" in text:
            held = text.endswith("\r")  # the '\n' of a CR LF may open the next block
            text = text[: len(text) - held].replace("\r\n", "\n").replace("\r", "\n") + "\r" * held
        if skipping:
            end = text.find("\n")
            if end < 0:
                continue
            text, skipping = rest + text[end:], False
        end = text.rfind("\n") + 1
        block, rest = text[:end], text[end:]
        if len(rest) > MAX_LINE_CHARACTERS:
            rest, skipping = _ENDLESS, True
        if block:
            yield block
    rest = (rest + decoder.decode(b"", final=True)).rstrip("\r")
    if rest:
        yield rest + "\n"


def _encoding(file: IO[bytes]) -> str:
    start = file.read(4)
    for mark, encoding in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            file.seek(0)
            return encoding
    file.seek(len(codecs.BOM_UTF8) if start.startswith(codecs.BOM_UTF8) else 0)
    return "utf-8"
