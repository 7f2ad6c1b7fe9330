"""What `evaluate` and `plot` take of a table of labelled names: its columns, and the encoding of its text."""

from pathlib import Path
from typing import Annotated

import typer

from charnn_cli.errors import UsageError

NameColumn = Annotated[str | None, typer.Option("--name-column", help="The column of names in --data.", metavar="NAME")]
OriginColumn = Annotated[
    str | None, typer.Option("--origin-column", help="The column of origins in --data.", metavar="NAME")
]
Encoding = Annotated[
    str | None, typer.Option("--encoding", help="Of --data, where it is no UTF-8; auto guesses.", metavar="NAME|auto")
]


def table_options(
    data: Path | None, name: str | None, origin: str | None, encoding: str | None
) -> dict[str, str | None]:
    """What the reader takes. Raises UsageError where there is no table that they are of."""
    given = {"--name-column": name, "--origin-column": origin, "--encoding": encoding}
    words = [flag for flag, value in given.items() if value is not None]
    if words and data is None:
        raise UsageError(f"{words[0]} is for the table that --data names", "give the table, or leave it out")
    columns = [flag for flag in words if flag != "--encoding"]
    if columns and data is not None and data.is_dir():
        raise UsageError(f"{data} is a folder, which has no columns", f"leave {columns[0]} out, or give a table")
    return {"name_column": name, "origin_column": origin, "encoding": encoding, "how": "--{}-column"}
