"""Tables for people, described once: boxed on a terminal, aligned text elsewhere."""

from collections.abc import Iterable, Sequence
from copy import copy
from io import StringIO
from typing import TYPE_CHECKING, TextIO, Union

from charnn_cli.cli.streams import console, is_fancy
from charnn_cli.terminal import visible

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from charnn_cli.study.tables import Sheet

WIDEST = 1_000_000  # cells: off a terminal no cell is folded

Part = Union[str, "Text", "Table"]  # lines, or a table


def table(
    title: str,
    header: Sequence[str],
    rows: Iterable[Iterable[str]],
    left: Iterable[int] = (0,),
) -> "Table":
    """A table of cells that are data, never markup; `left` are the columns that are not numbers."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column, name in enumerate(header):
        made.add_column(name, justify="left" if column in left else "right", overflow="fold")
    for row in rows:
        made.add_row(*map(Text, row))
    return made


def sheet_table(sheet: "Sheet") -> "Table":
    """The table of a study's sheet, whose words are data of the user's."""
    return table(visible(sheet.title), sheet.header, [map(visible, row) for row in sheet.rows], left=sheet.words)


def show(parts: Iterable[Part], stream: TextIO) -> None:
    """Write lines and tables to a stream as it can show them."""
    from rich.text import Text

    if not is_fancy(stream):
        stream.write(plain(parts))
        return
    out = console(stream)
    for part in parts:
        out.print(Text(part) if isinstance(part, str) else part)


def plain(parts: Iterable[Part]) -> str:
    """Lines and aligned columns, however wide, without colour or boxes; an empty line between the parts."""
    return "\n".join(text for part in parts if (text := _plain(part)))


def _plain(part: Part) -> str:
    from rich.console import Console
    from rich.table import Table

    if not isinstance(part, Table):
        return f"{part}\n" if part else ""
    bare, out = copy(part), StringIO()
    bare.title, bare.box, bare.padding = None, None, (0, 2, 0, 0)
    Console(file=out, color_system=None, width=WIDEST, markup=False, emoji=False, highlight=False).print(bare)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    return "\n".join([str(part.title)] * bool(part.title) + lines) + "\n"
