"""What every reader of tables yields: windows of rows that keep the text of all their columns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn, Protocol

from charnn_cli.errors import DataError

OnFault = Callable[[DataError], None]  # what becomes of a row that cannot be read


def stop(fault: DataError) -> NoReturn:
    """The way of those who need every row: the first fault ends the reading."""
    raise fault


@dataclass(frozen=True, slots=True)
class Records:
    """Rows of a window.

    `raw` holds each row as it stood where it can be written so again in its own format, else None; `as_json` each
    row as a JSON object, where its fields are more than text. `origins` are the labels, where a column was chosen.
    """

    names: list[bytes]
    fields: list[list[bytes]]
    raw: list[bytes | None]
    as_json: list[bytes] | None = None
    origins: Sequence[bytes] = ()

    def after(self, count: int) -> "Records":
        """The rows behind the first `count`, which prediction goes on with."""
        as_json = self.as_json
        return Records(
            self.names[count:], self.fields[count:], self.raw[count:], None if as_json is None else as_json[count:]
        )


def joined(parts: Sequence[list[bytes]]) -> list[bytes]:
    """Names from their parts, the columns, with a blank between them."""
    if len(parts) == 1:
        return parts[0]
    return [b" ".join(filter(None, map(bytes.strip, row))) for row in zip(*parts, strict=True)]


class LazyRecords(Records):
    """Rows whose texts are made when they are asked for."""

    __slots__ = ("_as_json", "_fields")
    _fields: Callable[[], list[list[bytes]]]
    _as_json: Callable[[], list[bytes]]

    def __init__(
        self,
        names: list[bytes],
        origins: Sequence[bytes],
        fields: Callable[[], list[list[bytes]]],
        as_json: Callable[[], list[bytes]],
    ) -> None:
        given = {"names": names, "origins": origins, "raw": [None] * len(names), "_fields": fields, "_as_json": as_json}
        for attribute, value in given.items():
            object.__setattr__(self, attribute, value)

    @property
    def fields(self) -> list[list[bytes]]:
        return self._fields()

    @property
    def as_json(self) -> list[bytes]:
        return self._as_json()


class RecordSource(Protocol):
    """Where rows come from. Its columns are known at once, and what to take from them is said before the first row."""

    where: str
    columns: list[str]
    separator: bytes  # between the fields of their raw text; b"" where there is none
    line: int | None  # that names the columns

    def choose(self, names: Sequence[int], origin: int | None = None) -> None:
        """The places of the columns whose texts, in this order, make the names, and of that of their origins.

        Raises DataError where one holds no text.
        """

    def drain(self) -> None:
        """Go to the end without looking into the rows."""

    def __iter__(self) -> Iterator[Records]: ...
