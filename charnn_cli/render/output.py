"""Where finished bytes go: stdout, a file that appears whole or not at all, or one that is gone on with.

A file that keeps what is done when its command is stopped has its beginning, `.NAME.part`, beside it, and
`.NAME.part.json`: how many rows of the input and how many bytes of the output that is, what was without an answer, and
what must be the same for the rest to fit. What was written behind those bytes, when the command was killed, is cut off.
"""

import json
import os
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from charnn_cli.errors import OutputError
from charnn_cli.files import (
    ANOTHER_FILE,
    LARGEST_JSON,
    Write,
    blamed,
    leftovers,
    parse_json,
    replacing,
    write_all,
    write_json,
)
from charnn_cli.formats.table import COMPRESSIONS, GZIP
from charnn_cli.terminal import visible_rows

GZIP_WINDOW = 31  # bits of the window, 15, and a header of gzip, 16


@contextmanager
def opened(path: str | None, *, is_safe: bool = False) -> Iterator[Write]:
    """A function that writes bytes and hands them on at once; `None` and `-` mean stdout.

    On a terminal control characters are escaped, unless the bytes are `is_safe` to show as they are. A file is
    written beside its name and renamed when the block ends without an error; an error removes it. Raises OutputError
    where it cannot be written. A file that is called `.gz` is compressed; other packings are refused.
    """
    if path is None or path == "-":
        yield _to_stdout(escaped=sys.stdout.isatty() and not is_safe)
        return
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise OutputError("is a folder", "name a file", where=path)
    if target.exists() and not target.is_file():  # a device or a named pipe cannot be replaced
        with blamed(path, ANOTHER_FILE):
            device = target.open("wb", buffering=0)
        with device:
            yield lambda data: write_all(device, data, where=path, do=ANOTHER_FILE)
        return
    last = os.path.splitext(path.lower())[1]
    if last in COMPRESSIONS and last != GZIP:
        raise OutputError(f"{last} is read, and not written", f"end its name in {GZIP}, or otherwise", where=path)
    with replacing(target, where=path, do=ANOTHER_FILE) as write:
        if last != GZIP:
            yield write
            return
        packer = zlib.compressobj(wbits=GZIP_WINDOW)  # without a time, so that the same rows are the same file
        yield lambda data: write(packer.compress(data))
        write(packer.flush())


def _to_stdout(*, escaped: bool) -> Write:
    stream = sys.stdout.buffer

    def write(data: bytes) -> None:
        stream.write(visible_rows(data) if escaped else data)
        stream.flush()

    return write


VERSION = 1


class ResumedFile:
    """The output file `path` under its settings; `rows` of the input are done, and `abstained` tells of those.

    Raises OutputError where the beginning belongs to other settings, or where nothing can be written.
    """

    def __init__(self, path: str, settings: Mapping[str, Any]) -> None:
        self._target = Path(os.path.realpath(path))
        self._path = path
        self._part = self._target.with_name(f".{self._target.name}.part")
        self._record = self._target.with_name(f".{self._target.name}.part.json")
        self._settings = json.loads(json.dumps({"version": VERSION, **settings}))
        self.rows = self._size = 0
        self.abstained: Counter[str] = Counter()

    def __enter__(self) -> "ResumedFile":
        if self._target.exists() and not self._target.is_file():
            raise OutputError("is no plain file", "name a file", where=self._path)
        with blamed(self._path, ANOTHER_FILE):
            self._read()
            self._stream = open(self._part, "r+b" if self.rows else "wb", buffering=0)
            self._stream.truncate(self._size)
            self._stream.seek(self._size)
        return self

    def _read(self) -> None:
        """Take over what the record tells, if there is one and the bytes that it speaks of are there."""
        if not self._record.is_file() or self._record.stat().st_size > LARGEST_JSON:
            return
        told = parse_json(self._record.read_bytes()) or {}
        try:
            before, rows, size = dict(told["settings"]), int(told["rows"]), int(told["bytes"])
            abstained = Counter({str(reason): int(count) for reason, count in told["abstained"].items()})
        except (KeyError, TypeError, ValueError, AttributeError):
            return  # no record of this command's
        differing = [key for key, value in self._settings.items() if before.get(key) != value]
        if differing:
            what = f"was begun with another {differing[0].replace('_', ' ')}"
            raise OutputError(
                what, f"give the same, remove {self._record.name}, or name another file", where=self._path
            )
        if rows > 0 and self._part.is_file() and self._part.stat().st_size >= size:
            self.rows, self._size, self.abstained = rows, size, abstained

    def write(self, data: bytes) -> None:
        """Append to the file."""
        write_all(self._stream, data, where=self._path, do=ANOTHER_FILE)
        self._size += len(data)

    def mark(self, rows: int, abstained: Mapping[str, int]) -> None:
        """All of the first `rows` rows of the input is written, of which so many had no answer."""
        with blamed(self._path, ANOTHER_FILE):
            os.fsync(self._stream.fileno())
        self.rows = rows
        told = {"settings": self._settings, "rows": rows, "bytes": self._size, "abstained": dict(abstained)}
        write_json(self._record, told)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        if kind is None:
            with blamed(self._path, ANOTHER_FILE):
                os.replace(self._part, self._target)
                for path in (self._record, *leftovers(self._record)):
                    path.unlink(missing_ok=True)
