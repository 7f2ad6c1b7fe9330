"""What a file is by its first bytes: compressed ones are opened, those without rows are refused by their kind."""

import bz2
import gzip
import importlib
import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO, cast

from charnn_cli.errors import DataError
from charnn_cli.formats.table import EXCEL, PARQUET, Format, format_of

START = 512  # bytes that tell what a file is
SPOOLED = 1 << 26  # bytes of a pipe that are kept in memory where a library must go back and forth

COMPRESSED = {  # first bytes → the name that people know
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
}
REFUSED = {
    b"%PDF": "a PDF",
    b"\x89PNG": "an image",
    b"GIF8": "an image",
    b"\xff\xd8\xff": "an image",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Excel or Word file (.xls, .doc)",
    b"SQLite format 3\0": "an SQLite database",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"ARROW1\0\0": "an Arrow (Feather) file",
    b"FEA1": "a Feather file",
    b"ORC\x03": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file",
    b"\x93NUMPY": "a NumPy array",
    b"\x80\x04\x95": "a Python pickle",
    b"\x7fELF": "a program",
    b"{\\rtf": "an RTF document",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
    b"<?xml": "an XML document",
}
INSIDE_ZIP = {"xl/workbook.xml": EXCEL, "xl/workbook.bin": "a binary Excel file (.xlsb)"}
INSIDE_ZIP |= {"word/document.xml": "a Word document", "content.xml": "an OpenDocument file"}
SAVE = "save it as CSV or text"
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, NotImplementedError)


@contextmanager
def contents(stream: BinaryIO, kind: Format | None, where: str) -> Iterator[tuple[BinaryIO, Format | None]]:
    """What a stream holds once it is uncompressed, and its format where bytes or a name tell it.

    gzip, bzip2, xz, zstd, and a zip with one file are opened, one deep; a stream that cannot go back is kept aside
    where a library needs that. Raises DataError for what has no rows, naming its kind.
    """
    with ExitStack() as copies:
        yield _content(stream, kind, where, copies)


def _content(stream: BinaryIO, kind: Format | None, where: str, copies: ExitStack) -> tuple[BinaryIO, Format | None]:
    start = bytes(stream.peek(START)[:START]) if hasattr(stream, "peek") else b""
    way = _compression(start)
    if way is None:
        return _checked(stream, start, kind, where, copies)
    if way != "zip":
        inner = _Uncompressed(_opened(stream, way, where), stream, way, where)
    else:
        file = _seekable(stream, copies)
        archive = _archive(file, where)
        names = archive.namelist()
        inside = next((INSIDE_ZIP[name] for name in INSIDE_ZIP if name in names), None)
        if isinstance(inside, str):
            raise DataError(f"is {inside}", SAVE, where=where)
        if inside is EXCEL:
            file.seek(0)
            return file, EXCEL
        member = _only_member(archive, where)
        kind = format_of(member) or kind
        try:
            inner = _Uncompressed(archive.open(member), file, way, where)
        except BROKEN as error:
            raise DataError(f"cannot be opened ({error})", "unpack it first", where=where) from None
    start = inner.peek(START)
    if nested := _compression(start):
        raise DataError(f"is {nested} inside {way}", "unpack it first", where=where)
    return _checked(cast(BinaryIO, inner), start, kind, where, copies)


def is_packed(start: bytes) -> bool:
    """Whether a file that begins so is anything but lines of text: compressed, a workbook, Parquet."""
    return start.startswith((b"PAR1", *COMPRESSED, *REFUSED))


def _compression(start: bytes) -> str | None:
    return next((name for mark, name in COMPRESSED.items() if start.startswith(mark)), None)


def _checked(
    stream: BinaryIO, start: bytes, kind: Format | None, where: str, copies: ExitStack
) -> tuple[BinaryIO, Format | None]:
    """The stream with its format; refuses what holds no rows."""
    markup = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    marked = (name for mark, name in REFUSED.items() if start.startswith(mark) or markup.startswith(mark))
    what = next(marked, None)
    if start[257:262] == b"ustar":
        what = "a tar archive"
    if what is not None:
        raise DataError(f"is {what}", SAVE, where=where)
    if start.startswith(b"PAR1") or kind is PARQUET:
        return _seekable(stream, copies), PARQUET
    if kind is EXCEL:
        raise DataError("is no Excel workbook (.xlsx)", f"{SAVE} or .xlsx", where=where)
    return stream, kind


def _seekable(stream: BinaryIO, copies: ExitStack) -> BinaryIO:
    """The stream, or a copy of it that can go back and forth, and is closed with the others."""
    if stream.seekable():
        return stream
    copy = copies.enter_context(tempfile.SpooledTemporaryFile(SPOOLED))  # noqa: SIM115
    while data := stream.read1(1 << 20):  # type: ignore[attr-defined]
        copy.write(data)
    copy.seek(0)
    return cast(BinaryIO, copy)


def _opened(stream: BinaryIO, way: str, where: str) -> Any:
    match way:
        case "gzip":
            return gzip.GzipFile(fileobj=stream)
        case "bzip2":
            return bz2.BZ2File(stream)
        case "xz":
            return lzma.LZMAFile(stream)
    for module in ("compression.zstd", "backports.zstd"):
        try:
            return importlib.import_module(module).ZstdFile(stream)
        except ImportError:
            continue
    raise DataError("is compressed by zstd, which this Python does not read", "pip install backports.zstd", where=where)


def _archive(stream: BinaryIO, where: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(stream)
    except (*BROKEN, ValueError) as error:
        raise DataError(f"no readable zip ({error})", "pack it again", where=where) from None


def _only_member(archive: zipfile.ZipFile, where: str) -> str:
    members = [
        info.filename
        for info in archive.infolist()
        if not info.is_dir() and not info.filename.startswith("__MACOSX/") and not info.filename.endswith(".DS_Store")
    ]
    if len(members) == 1:
        return members[0]
    if not members:
        raise DataError("is a zip without files", "pack one file into it", where=where)
    shown = ", ".join(members[:3]) + (", …" if len(members) > 3 else "")
    raise DataError(f"is a zip of {len(members)} files ({shown})", "unpack it and give one of them", where=where)


class Peekable:
    """A stream whose first bytes can be looked at before any is read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._start = b""

    def peek(self, size: int) -> bytes:
        """The first bytes, as many as that unless there are fewer."""
        while len(self._start) < size and (data := self._read1(size)):
            self._start += data
        return self._start

    def read1(self, size: int) -> bytes:
        if self._start:
            data, self._start = self._start[:size], self._start[size:]
            return data
        return self._read1(size)

    def _read1(self, size: int) -> bytes:
        return bytes(self._stream.read1(size))

    def seekable(self) -> bool:
        return False  # not at a price worth paying

    def fileno(self) -> int:
        raise OSError("what was looked at has no descriptor of its own")


class _Uncompressed(Peekable):
    """Uncompressed bytes; what is broken in them is a DataError."""

    def __init__(self, stream: Any, packed: BinaryIO, way: str, where: str) -> None:
        super().__init__(stream)
        self._packed = packed
        self._way = way
        self._where = where

    def _read1(self, size: int) -> bytes:
        try:
            return super()._read1(size)
        except Exception as error:
            if isinstance(error, BROKEN) or type(error).__name__ == "ZstdError":
                raise DataError(f"no readable {self._way} ({error})", "pack it again", where=self._where) from None
            raise

    def fileno(self) -> int:
        """Of what is packed: where there is more of it, there is more to read."""
        return self._packed.fileno()
