"""Where words go: data to stdout, everything else to stderr, and nothing fancy into a pipe or a dumb terminal."""

import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console


def is_fancy(stream: TextIO) -> bool:
    """Whether colour and boxes may be drawn on this stream."""
    return stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")


def console(stream: TextIO) -> "Console":
    """A rich console that knows what its stream can show; text given to it is data, never markup."""
    from rich.console import Console

    fancy = is_fancy(stream)
    return Console(
        file=stream,
        force_terminal=fancy,
        no_color=not fancy,
        color_system="auto" if fancy else None,
        markup=False,
        emoji=False,
        highlight=False,
        width=None if stream.isatty() else 100,
        legacy_windows=False,
    )


def say(message: str, *, quiet: bool = False) -> None:
    """A line on stderr, unless `quiet`."""
    if not quiet:
        print(printable(message), file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """Text without what a terminal would obey: control and bidirectional-override characters are escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in text)
