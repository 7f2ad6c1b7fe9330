"""Files that are written whole or not at all, and read within bounds."""

import contextlib
import errno
import hashlib
import json
import os
import select
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from charnn_cli.errors import ModelError, OutputError, UsageError

LARGEST_JSON = 16 * 2**20  # bytes; the description of a model with a hundred thousand labels takes a third of it
MOST_VALUES = 1_000_000  # in a JSON file; each takes some 100 bytes of memory, were it three bytes in the file
PROBE = bytes(4096)
AGAIN = "train again, or copy the whole run folder anew"
ROOM = "make room, or give another folder"
ANOTHER_FILE = "make room, or name another file"
MEND = {errno.ENOENT: "make its folder", errno.EACCES: "get the right to write there", errno.EROFS: "make it writable"}
LOCKED_BYTE = 2**30  # beyond the content: on Windows nobody else may read what is locked
POLL_SECONDS = 0.02  # where the system cannot tell when a stream is ready

Write = Callable[[bytes], None]


def write_all(stream: Any, data: bytes, *, where: str | Path, do: str) -> None:
    """Write to an unbuffered stream, which may take a part, or nothing for now, until all is taken.

    Raises OutputError where it cannot be, BrokenPipeError where nobody reads any more.
    """
    view = memoryview(data)
    with blamed(where, do):
        while view:
            taken = stream.write(view)
            if taken is None:  # it does not block, and is full
                wait_for(stream.fileno(), writes=True)
            else:
                view = view[taken:]


def wait_for(descriptor: int, *, writes: bool = False) -> None:
    """Wait until a stream has more to read, or takes more, or the other side has left."""
    try:
        select.select([] if writes else [descriptor], [descriptor] if writes else [], [])
    except (OSError, ValueError):  # a system that selects sockets only
        time.sleep(POLL_SECONDS)


@contextlib.contextmanager
def blamed(where: str | Path, do: str) -> Iterator[None]:
    """Say of a fault of the system inside the block which output it keeps from being written, and what to do."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        if os.name == "nt" and error.errno == errno.EINVAL:  # so Windows says that a reader has left
            raise BrokenPipeError from error
        do = do.replace("make room", MEND.get(error.errno or 0, "make room"))
        raise OutputError(f"cannot be written ({error.strerror})", do, where=where) from error


@contextlib.contextmanager
def replacing(path: Path, *, where: str | Path | None = None, do: str = ROOM) -> Iterator[Write]:
    """A function that writes to a file beside, which takes the place of `path` when the block ends well.

    When it does not, no trace is left. A file that was there hands on its rights. Raises OutputError, naming `where`
    or the path, where the disk is full, the folder is gone or cannot be written to.
    """
    where = where or path
    before = _plain(path)
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    mode = 0o666 if before is None else before.st_mode & 0o777  # of both, umask takes its part
    try:
        with blamed(where, do):  # opened so that it never goes through a link that someone has put there
            stream = open(beside, "xb", buffering=0, opener=lambda name, flags: os.open(name, flags, mode))  # noqa: SIM115
        with stream:
            yield lambda data: write_all(stream, data, where=where, do=do)
            with blamed(where, do):
                os.fsync(stream.fileno())
        if before is not None:
            _hand_on(before, beside)
        with blamed(where, do):
            os.replace(beside, path)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def _plain(path: Path) -> os.stat_result | None:
    """What the system says of a plain file, None where there is none."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _hand_on(before: os.stat_result, path: Path) -> None:
    """Give a file the owner and the rights of another, as far as the system allows."""
    with contextlib.suppress(OSError, AttributeError):  # there are no owners on Windows
        if (os.getuid(), os.getgid()) != (before.st_uid, before.st_gid):
            os.chown(path, before.st_uid, before.st_gid)
    with contextlib.suppress(OSError):
        os.chmod(path, before.st_mode & 0o777)


def leftovers(path: Path) -> list[Path]:
    """What writers of `path` that were killed have left beside it."""
    beginning = f".{path.name}."
    try:
        return [entry for entry in path.parent.iterdir() if entry.name.startswith(beginning) and entry.suffix == ".tmp"]
    except OSError:
        return []


def move(source: Path, path: Path) -> None:
    """Let a file take the place of `path`, in one step; raises OutputError where it cannot."""
    with blamed(path, ROOM):
        os.replace(source, path)


def check_writable(path: Path, *, do: str = ROOM) -> None:
    """Raise OutputError where a file could not be written at `path`; what is there stays as it is."""
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    try:
        with blamed(path, do), open(beside, "xb") as stream:
            stream.write(PROBE)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def lock(descriptor: int) -> None:
    """Keep other processes from locking a file until it is closed; does nothing where Python has no locks.

    Raises BlockingIOError where another process holds it, OSError where the file system has no locks.
    """
    try:
        import fcntl
    except ImportError:
        _lock_on_windows(descriptor)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _lock_on_windows(descriptor: int) -> None:
    try:
        import msvcrt
    except ImportError:
        return
    os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    except OSError as error:
        raise BlockingIOError(error.errno, error.strerror) from error


def check_target(path: Path, suffixes: Sequence[str], what: str) -> str:
    """The suffix, one of `suffixes`, of a file that is to be written: `what`, such as "a plot".

    Raises UsageError or OutputError, before any work is done, where the name has another suffix or cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in suffixes:
        among = " or ".join(filter(None, (", ".join(suffixes[:-1]), suffixes[-1])))
        raise UsageError(f"{what} cannot be written as '{path.name}'", f"end the file's name in {among}")
    if path.is_dir():
        raise OutputError("is a folder", "name a file in it", where=path)
    if not path.parent.is_dir():
        raise OutputError("no such folder", "make it first, or name another file", where=path.parent)
    check_writable(path, do=ANOTHER_FILE)
    return suffix


def write_bytes(path: Path, content: bytes, *, do: str = ROOM) -> None:
    """Replace `path` by `content` in one step; `do` is the advice where that cannot be."""
    with replacing(path, do=do) as write:
        write(content)


def write_json(path: Path, value: Any) -> None:
    """Replace `path` by readable JSON in one step."""
    write_bytes(path, json.dumps(value, ensure_ascii=False, indent=1).encode(errors="surrogatepass") + b"\n")


@contextlib.contextmanager
def opened(path: Path, *, at_most: int) -> Iterator[IO[bytes]]:
    """A file inside a run folder, to read.

    Raises ModelError where it is missing, no plain file, a link that leads out of the folder, or larger than `at_most`.
    """
    try:
        if path.is_symlink() and os.path.dirname(os.path.realpath(path)) != os.path.realpath(path.parent):
            raise ModelError("is a link that leads out of its folder", AGAIN, where=path)
        waits_not = getattr(os, "O_NONBLOCK", 0)  # a named pipe would wait for a writer
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | waits_not)) as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ModelError("is no plain file", AGAIN, where=path)
            if status.st_size > at_most:
                raise ModelError(f"is larger than such a file can be ({at_most:,} bytes)", AGAIN, where=path)
            yield stream
    except FileNotFoundError as error:
        raise ModelError("is missing", AGAIN, where=path) from error
    except IsADirectoryError as error:
        raise ModelError("is no plain file", AGAIN, where=path) from error
    except OSError as error:
        raise ModelError(f"cannot be read ({error.strerror})", AGAIN, where=path) from error


def read_bytes(path: Path, *, at_most: int) -> bytes:
    """The whole content of a file inside a run folder; raises ModelError as `opened` does."""
    with opened(path, at_most=at_most) as stream:
        return stream.read(os.fstat(stream.fileno()).st_size)


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file; raises ModelError where there is none."""
    value = parse_json(read_bytes(path, at_most=LARGEST_JSON))
    if value is None:
        raise ModelError("is no JSON object", AGAIN, where=path)
    return value


def parse_json(content: bytes) -> dict[str, Any] | None:
    """A JSON object, or None where `content` is none, or one that would take too much memory."""
    if content.count(b",") + content.count(b"[") + content.count(b"{") > MOST_VALUES:
        return None
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def digest(content: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
