"""Answers → bytes, one class for each output format."""

from typing import TYPE_CHECKING

from charnn_cli.render.base import Renderer

if TYPE_CHECKING:
    from rich.console import Console

FORMATS = ("table", "text", "tsv", "csv", "ndjson", "json")


def renderer(name: str, k: int, *, header: bool = True, console: "Console | None" = None) -> Renderer:
    """The renderer of a format; each loads only what it needs. `table` needs a console."""
    match name:
        case "tsv" | "csv":
            from charnn_cli.render.delimited import Delimited

            return Delimited(k, is_tsv=name == "tsv", header=header)
        case "ndjson" | "json":
            from charnn_cli.render.json_format import Json

            return Json(k, is_array=name == "json")
        case "text":
            from charnn_cli.render.text import Text

            return Text(k)
        case "table":
            from charnn_cli.render.table import Table

            if console is None:
                raise ValueError("a table is drawn on a console")
            return Table(k, console)
    raise ValueError(f"no format '{name}'")
