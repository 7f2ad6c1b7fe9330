"""Where finished bytes go: stdout, or a file that appears whole or not at all."""

import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from charnn_cli.errors import OutputError
from charnn_cli.terminal import visible_rows

Write = Callable[[bytes], None]


@contextmanager
def opened(path: str | None, *, is_safe: bool = False) -> Iterator[Write]:
    """A function that writes bytes and hands them on at once; `None` and `-` mean stdout.

    On a terminal control characters are escaped, unless the bytes are `is_safe` to show as they are. A file is
    written beside its name and renamed when the block ends without an error; an error removes it. Raises OutputError
    where it cannot be written.
    """
    if path is None or path == "-":
        yield _to_stdout(escaped=sys.stdout.isatty() and not is_safe)
        return
    target = Path(path).resolve()
    if target.exists() and not target.is_file():  # a device or a named pipe cannot be replaced
        if target.is_dir():
            raise OutputError("is a folder", "name a file", where=path)
        with _blamed(path):
            device = target.open("wb", buffering=0)
        with device:
            yield lambda data: _write_all(device.write, data, path)
        return
    # Not a process's number alone: on another machine that writes to this folder, it may be the same.
    beside = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    with _blamed(path):
        file = beside.open("xb")
    try:
        try:
            yield lambda data: _write_file(file.write, data, path)
        finally:
            with _blamed(path):
                file.close()
        with _blamed(path):
            os.replace(beside, target)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def _to_stdout(*, escaped: bool) -> Write:
    stream = sys.stdout.buffer

    def write(data: bytes) -> None:
        stream.write(visible_rows(data) if escaped else data)
        stream.flush()

    return write


def _write_file(write: Callable[[bytes], int], data: bytes, path: str) -> None:
    with _blamed(path):
        write(data)


def _write_all(write: Callable[[bytes], int | None], data: bytes, path: str) -> None:
    view = memoryview(data)
    with _blamed(path):
        while view:
            view = view[write(bytes(view)) or 0 :]


@contextmanager
def _blamed(path: str) -> Iterator[None]:
    """Say of an error that it is the output's, unless its reader has left."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        do = "make room, or name another file"
        raise OutputError(f"cannot be written ({error.strerror})", do, where=path) from None
