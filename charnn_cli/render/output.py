"""Where finished bytes go: stdout, or a file that appears whole or not at all."""

import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from charnn_cli.errors import OutputError
from charnn_cli.files import ANOTHER_FILE, Write, blamed, replacing, write_all
from charnn_cli.formats.table import GZIP
from charnn_cli.terminal import visible_rows

GZIP_WINDOW = 31  # bits of the window, 15, and a header of gzip, 16


@contextmanager
def opened(path: str | None, *, is_safe: bool = False) -> Iterator[Write]:
    """A function that writes bytes and hands them on at once; `None` and `-` mean stdout.

    On a terminal control characters are escaped, unless the bytes are `is_safe` to show as they are. A file is
    written beside its name and renamed when the block ends without an error; an error removes it. Raises OutputError
    where it cannot be written. A file that is called `.gz` is compressed.
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
    with replacing(target, where=path, do=ANOTHER_FILE) as write:
        if not path.lower().endswith(GZIP):
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
