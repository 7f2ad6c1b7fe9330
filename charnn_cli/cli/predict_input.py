"""What `charnn predict` reads: words, lines or tables, in the manner that its options say."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from charnn_cli.cli.streams import noting, say
from charnn_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from charnn_cli.formats.opening import Source


PROMPT = "name: "


@dataclass(frozen=True, slots=True)
class TextOptions:
    """How the text of the input is to be read."""

    delimiter: str | None
    encoding: str | None

    def checked(self) -> dict[str, Any]:
        """What `opened_rows` takes of them. Raises UsageError and DataError."""
        from charnn_cli.formats.encodings import AUTO, checked_encoding

        separator = {"tab": "\t", r"\t": "\t"}.get(self.delimiter or "", self.delimiter)
        if separator is not None and (len(separator) != 1 or not separator.isascii() or separator in '"\r\n'):
            raise UsageError(f"--delimiter is '{self.delimiter}'", "give one character of ASCII, or tab")
        encoding = self.encoding if self.encoding in (None, AUTO) else checked_encoding(str(self.encoding))
        return {"separator": None if separator is None else separator.encode(), "encoding": encoding}


@contextmanager
def opened_source(
    names: list[str] | None, input: str | None, column: list[str] | None, text: TextOptions, *, fill: bool, quiet: bool,
    on_open: "Callable[[Callable[[], float]], object]",
) -> "Iterator[Source]":  # fmt: skip
    """Windows of names, or rows with a column of names; `on_open` as in `formats.opening`."""
    if names and names != ["-"]:
        for name in names:
            if os.path.isfile(name):
                noting(quiet=quiet)(f"{name} is a file; --input {name} reads the names in it")
        yield iter([[name.encode("utf-8", "surrogateescape") for name in names]])
        return
    from charnn_cli.formats.opening import opened_rows

    def tell(what: str) -> None:
        say(f"charnn: {what}", quiet=quiet)

    with opened_rows(input, column, "--column NAME", **text.checked(), fill=fill, say=tell, on_open=on_open) as source:
        yield _told_of_heading(source, quiet=quiet) if isinstance(source, Iterator) else source


def asked_names(*, quiet: bool) -> Iterator[list[bytes]]:
    """A name at a time, as a person types them at the terminal, until Ctrl-D; blank lines are passed over."""
    remember = _line_editing()
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")
    say("charnn: type a name and press Enter; Ctrl-D ends", quiet=quiet)
    while True:
        try:
            name = input(PROMPT)
        except (EOFError, KeyboardInterrupt) as end:
            print()
            if isinstance(end, EOFError):
                return
            raise
        if name.strip():
            remember(name)
            yield [name.encode("utf-8", "surrogateescape")]


def _line_editing() -> "Callable[[str], None]":
    """Let lines be edited as they are typed, where there is readline; what is told here can be gone back to."""
    try:
        import readline
    except ImportError:
        return lambda name: None
    readline.set_auto_history(False)  # which holds blank lines too
    return readline.add_history


def _told_of_heading(windows: Iterator[list[bytes]], *, quiet: bool) -> Iterator[list[bytes]]:
    """The same windows of names; where the first of them is the heading of a column or of several, that is said."""
    first = next(windows, None)
    if first is None:
        return
    if note := _heading_note(first[0].removesuffix(b"\r")):
        noting(quiet=quiet)(note)
    yield first
    yield from windows


def _heading_note(line: bytes) -> str | None:
    """What to say of a first line that is taken for a name and looks like a heading."""
    from shlex import quote

    from charnn_cli.formats.columns import USUAL, is_usual
    from charnn_cli.formats.separators import SEPARATORS, text_of

    def is_heading(column: str) -> bool:
        return any(is_usual(column, kind) for kind in USUAL)

    if is_usual(first := text_of(line), "name"):
        return f"the first line, {first}, is read as a name; --column {quote(first)} takes it as a heading"
    for separator in SEPARATORS:
        columns = [text_of(field).strip(' "') for field in line.split(separator)]
        is_one_name = separator == b"," and b", " in line  # Lang, Fritz
        if len(columns) > 1 and any(map(is_heading, columns)) and not is_one_name:
            named = next((column for column in columns if is_usual(column, "name")), "NAME")
            return (
                "the first line looks like the heading of a table, of which each line is read as one name; "
                f"--column {quote(named)} reads a column"
            )
    return None
