"""Files that are written whole or not at all, and read within bounds."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from charnn_cli.errors import ModelError, OutputError

LARGEST_JSON = 64 * 2**20  # bytes


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that takes the place of `path` when the block ends well, and leaves no trace when it does not.

    Raises OutputError where the disk is full, the folder is gone or cannot be written to.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(beside, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        move(beside, path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def move(source: Path, path: Path) -> None:
    """Let a file take the place of `path`, in one step; raises OutputError where it cannot."""
    try:
        os.replace(source, path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> OutputError:
    do = "make room or give another folder with --out"
    return OutputError(f"cannot be written ({error.strerror})", do, where=path)


def write_bytes(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one step."""
    with replacing(path) as stream:
        stream.write(content)


def write_json(path: Path, value: Any) -> None:
    """Replace `path` by readable JSON in one step."""
    write_bytes(path, json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n")


def read_bytes(path: Path, *, at_most: int) -> bytes:
    """The whole content of a file inside a run folder.

    Raises ModelError where it is missing, no plain file, a link that leads out of the folder, or larger than `at_most`.
    """
    again = "train again, or copy the whole run folder anew"
    try:
        if path.is_symlink() and path.resolve().parent != path.parent.resolve():
            raise ModelError("is a link that leads out of its folder", again, where=path)
        if not path.is_file():
            what = "is no plain file" if path.exists() else "is missing"
            raise ModelError(what, again, where=path)
        if path.stat().st_size > at_most:
            raise ModelError(f"is larger than such a file can be ({at_most:,} bytes)", again, where=path)
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot be read ({error.strerror})", again, where=path) from error


def read_json(path: Path, *, at_most: int = LARGEST_JSON) -> dict[str, Any]:
    """The JSON object in a file; raises ModelError where there is none."""
    content = read_bytes(path, at_most=at_most)
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ModelError("is not JSON", "train again, or copy the whole run folder anew", where=path) from error
    if not isinstance(value, dict):
        raise ModelError("is no JSON object", "train again, or copy the whole run folder anew", where=path)
    return value


def digest(content: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
