"""What every reader of tables yields: windows of rows that keep the text of all their columns."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NoReturn

from charnn_cli.errors import DataError
from charnn_cli.text import no_names

OnFault = Callable[[DataError], None]  # what becomes of a row that cannot be read


def stop(fault: DataError) -> NoReturn:
    """The way of those who need every row: the first fault ends the reading."""
    raise fault


class Records:
    """Rows of a window; `fields`, and `as_json`, the objects where they are more than text, are made when asked for.

    `raw` holds each row as it stood where it can be written so again in its own format, else None. `origins` are the
    labels, where a column was chosen.
    """

    def __init__(
        self,
        names: list[bytes],
        fields: Callable[[], list[list[bytes]]],
        *,
        raw: list[bytes | None] | None = None,
        as_json: Callable[[], list[bytes]] = list,
        origins: Sequence[bytes] = (),
    ) -> None:
        self.names = names
        self.raw = raw or [None] * len(names)
        self.origins = origins
        self._fields = fields
        self._as_json = as_json

    @property
    def fields(self) -> list[list[bytes]]:
        return self._fields()

    @property
    def as_json(self) -> list[bytes]:
        return self._as_json()

    def after(self, count: int) -> "Records":
        """The rows behind the first `count`, which prediction goes on with."""
        return Records(
            self.names[count:],
            lambda: self._fields()[count:],
            raw=self.raw[count:],
            as_json=lambda: self._as_json()[count:],
        )


class RecordSource(ABC):
    """Where rows come from. Its columns are known at once, and what to take from them is said before the first row."""

    separator = b""  # between the fields of their raw text; b"" where there is none
    line: int | None = None  # that names the columns
    rows: int | None = None  # how many there are, where that is known at once

    def __init__(self, where: str, columns: list[str], on_fault: OnFault = stop, unread: Iterable[Any] = ()) -> None:
        self.where = where
        self.columns = columns
        self._on_fault = on_fault
        self._needs_all = on_fault is stop  # so that what a row lacks is empty, and no fault
        self._unread = iter(unread)  # what the rows are made from, whose making finds faults of its own
        self._names: tuple[int, ...] = (0,)
        self._origin: tuple[int, ...] = ()  # its one place, where there is one

    def choose(self, names: Sequence[int], origin: int | None = None) -> None:
        """The places of the columns whose texts, in this order, make the names, and of that of their origins.

        Raises DataError where one holds no text.
        """
        self._names, self._origin = tuple(names), () if origin is None else (origin,)

    def drain(self) -> None:
        """Go to the end without looking into the rows."""
        deque(self._unread, maxlen=0)

    @abstractmethod
    def __iter__(self) -> Iterator[Records]: ...

    def _readable(
        self, rows: Iterable[Any], text: Callable[[Any, int], bytes]
    ) -> tuple[list[Any], list[bytes], list[bytes]]:
        """The rows whose chosen columns have a `text`, with their names and origins; the others are at fault."""
        kept: list[Any] = []
        texts: list[list[bytes]] = []
        for row in rows:
            try:
                texts.append([text(row, place) for place in (*self._names, *self._origin)])
                kept.append(row)
            except DataError as fault:
                self._on_fault(fault)
        columns = [[row[place] for row in texts] for place in range(len(self._names) + len(self._origin))]
        return kept, joined(columns[: len(self._names)]), columns[-1] if self._origin else []


def joined(parts: Sequence[list[bytes]]) -> list[bytes]:
    """Names from their parts, the columns."""
    return parts[0] if len(parts) == 1 else [no_names.joined(row) for row in zip(*parts, strict=True)]
