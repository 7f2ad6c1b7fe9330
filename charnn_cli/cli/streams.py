"""Where words go: data to stdout, everything else to stderr, and nothing fancy into a pipe or a dumb terminal."""

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

from charnn_cli.errors import OutputError
from charnn_cli.files import wait_for, write_all
from charnn_cli.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rich.console import Console
    from rich.live import Live


INTERRUPTED = 130  # the exit code


class _Raw(io.RawIOBase):
    """Stands in for the unbuffered stream below one of Python's."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        super().__init__()
        self._of = stream  # kept: it would close its descriptor
        self._below: Any = getattr(stream.buffer, "raw", stream.buffer)

    def fileno(self) -> int:
        return self._of.fileno()

    def isatty(self) -> bool:
        return self._of.isatty()


class _Whole(_Raw):
    """The one that takes all output of a stream: each write is whole, or an error.

    Python's own streams lose what a pipe or a disk does not take at once where PYTHONUNBUFFERED is set, and what a
    pipe that does not block has no room for.
    """

    def __init__(self, stream: io.TextIOWrapper, name: str) -> None:
        super().__init__(stream)
        self._name = name

    def write(self, data: Any) -> int:
        write_all(self._below, data, where=self._name, do="make room, or write elsewhere")
        return len(data)

    def writable(self) -> bool:
        return True


class _Patient(_Raw):
    """Reads stdin to its end; where it does not block and nothing is there yet, Python's own takes that for the end."""

    def readinto(self, buffer: Any) -> int:
        while (size := self._below.readinto(buffer)) is None:
            wait_for(self.fileno())
        return int(size)

    def readable(self) -> bool:
        return True


def prepare_streams() -> None:
    """UTF-8 in every locale, all that is written taken or told of, and a stand-in for each stream that was closed.

    Without one, the next file that is opened would take the stream's descriptor. What is written to the stand-in for
    stderr is lost; writing to that for stdout fails, so that nobody takes lost answers for success.
    """
    sys.stdin = sys.stdin or _stand_in(os.O_RDONLY, writes=False)
    sys.stdout = sys.stdout or _stand_in(os.O_RDONLY)
    sys.stderr = sys.stderr or _stand_in(os.O_WRONLY)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin = io.TextIOWrapper(io.BufferedReader(_Patient(sys.stdin)), encoding="utf-8")
    sys.stdout, sys.stderr = _taking_all(sys.stdout, "stdout"), _taking_all(sys.stderr, "stderr")


def _taking_all(stream: TextIO, name: str) -> TextIO:
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    stream.flush()
    return io.TextIOWrapper(
        _Whole(stream, name),  # type: ignore[type-var]  # of a buffer, only writing is asked
        encoding="utf-8",
        errors="backslashreplace",
        newline="\n",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _stand_in(flags: int, *, writes: bool = True) -> TextIO:
    return open(os.open(os.devnull, flags), "w" if writes else "r", encoding="utf-8")


def discard(stream: TextIO) -> None:
    """Let all that is written to a stream from now on, and what it still holds, go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def is_fancy(stream: TextIO) -> bool:
    """Whether bars, boxes and bold may be drawn on this stream: on a terminal, or where FORCE_COLOR asks for it."""
    forced = os.environ.get("FORCE_COLOR", "") not in ("", "0")
    return (stream.isatty() or forced) and os.environ.get("TERM") != "dumb"


def can_redraw(stream: TextIO) -> bool:
    """Whether a line on this stream can be drawn over: on a terminal alone."""
    return stream.isatty() and is_fancy(stream)


def console(stream: TextIO) -> "Console":
    """A rich console that knows what its stream can show; text given to it is data, never markup."""
    from rich.console import Console

    fancy = is_fancy(stream)
    return Console(
        file=stream,
        force_terminal=fancy,
        no_color=not fancy or bool(os.environ.get("NO_COLOR")),
        color_system=("auto" if stream.isatty() else "standard") if fancy else None,
        markup=False,
        emoji=False,
        highlight=False,
        width=None if stream.isatty() else 100,
        legacy_windows=False,
    )


@contextlib.contextmanager
def redrawn(*, quiet: bool) -> "Iterator[Live | None]":
    """What stands below the lines of stderr and is drawn over with each update; None where that cannot be."""
    if quiet or not can_redraw(sys.stderr):
        yield None
        return
    from rich.live import Live

    # No thread that redraws: processes are forked beside it.
    with Live(console=console(sys.stderr), auto_refresh=False, transient=True) as live:
        yield live


@contextlib.contextmanager
def printed_to(path: str | None) -> "Iterator[None]":
    """What is printed within goes to a file, which appears when all has ended well; None and `-` mean stdout.

    Raises OutputError at once where the file cannot be written.
    """
    if path in (None, "-"):
        yield
        return
    from charnn_cli.render.output import opened

    with opened(path) as write:
        with contextlib.redirect_stdout(io.StringIO()) as text:
            yield
        write(text.getvalue().encode("utf-8", "backslashreplace"))


def say(message: str, *, quiet: bool = False) -> None:
    """A line on stderr, unless `quiet`. Where it cannot be written, the command goes on without."""
    if quiet:
        return
    try:
        print(visible(message, "\n"), file=sys.stderr, flush=True)
    except (OSError, OutputError):
        discard(sys.stderr)


def tell_path(path: "Path") -> None:
    """Tell a script where the result lies, in the path's own bytes; who sits at a terminal has read it elsewhere."""
    if not sys.stdout.isatty():
        sys.stdout.buffer.write(os.fsencode(path) + b"\n")


def noting(*, quiet: bool) -> "Callable[[str], None]":
    """Tells what the user should know of the answer to come."""
    return lambda note: say(f"charnn: note: {note}", quiet=quiet)
