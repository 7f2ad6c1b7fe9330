"""Answers → bytes: what every output format does, and one module for each kind of format."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from charnn_cli.formats.rows import Records
from charnn_cli.predict import Answers, Explanation
from charnn_cli.render.added import Added

if TYPE_CHECKING:
    from rich.console import Console

OnPart = Callable[[], None]  # a part of a name is read in its place, for the first time


class Renderer(ABC):
    """Turns answers into bytes. Names are text whose undecodable bytes are surrogates, written as they came.

    A row is rendered once for each distinct name and used again for its repetitions; `explained` is for formats that
    can carry an explanation.
    """

    keeps_columns = True  # whether rows of the input come out with all their columns
    adds_to_row = False  # whether those rows are written as they came, without the name apart

    def __init__(self, k: int, added: Added | None = None) -> None:
        self.k = k
        self.added = added or Added()

    def begin(self, columns: list[str] | None) -> bytes:
        """What stands before the first row; `columns` are the input's, where it has any."""
        return b""

    @abstractmethod
    def answers(self, names: list[str], answers: Answers, *, with_name: bool) -> list[bytes]:
        """A row for each name; without the name the part that is added to a row of the input."""

    def rows(self, rows: list[bytes]) -> bytes:
        """Finished rows, one after the other."""
        return b"".join(rows)

    def records(self, records: Records, answers: list[bytes], *, separator: bytes) -> bytes:
        """The rows of the input, whose raw text is separated so, with their answers."""
        return self.rows(answers)

    def explained(self, row: bytes, explanation: Explanation | None) -> bytes:
        """A row with the explanation of its answer."""
        raise NotImplementedError

    def end(self) -> bytes:
        """What stands after the last row."""
        return b""


def renderer(
    name: str, k: int, added: Added | None = None, *, header: bool = True, console: "Console | None" = None
) -> Renderer:
    """The renderer of a format, whose rows hold the `added` columns; each loads only what it needs.

    `table` needs a console.
    """
    added = added or Added()
    match name:
        case "tsv" | "csv":
            from charnn_cli.render.delimited import Delimited

            return Delimited(k, added, is_tsv=name == "tsv", header=header)
        case "ndjson" | "json":
            from charnn_cli.render.json_format import Json

            return Json(k, added, is_array=name == "json")
        case "text":
            from charnn_cli.render.for_people import TextRenderer

            return TextRenderer(k, added)
        case "table":
            from charnn_cli.render.for_people import TableRenderer

            if console is None:
                raise ValueError("a table is drawn on a console")
            return TableRenderer(k, console, added)
    raise ValueError(f"no format '{name}'")
