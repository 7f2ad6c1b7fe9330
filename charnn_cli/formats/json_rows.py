"""Rows of NDJSON and of JSON arrays: objects whose keys are the columns."""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NoReturn

from charnn_cli.errors import DataError
from charnn_cli.formats.lines import UNREADABLE
from charnn_cli.formats.rows import OnFault, Records, RecordSource, stop

LONGEST_VALUE = 1 << 24  # characters that one value of an array may take
BLANK = re.compile(r"[ \t\r\n]*")
INVALID_BYTE = re.compile("[\udc80-\udcff]")  # as Python's error handler `surrogateescape` keeps it
LINE_END = re.compile(r"[\r\n]+")
MAY_FOLLOW = {"": "[", "[": "]", ",": "", "value": ",]", "]": ""}  # marks of an array, by what came before
OBJECTS = "write one JSON object a line"

Row = tuple[int, str, dict[str, Any]]  # the line that it begins in, its text on one line, its values


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)  # JSON has no NaN and no infinities


class JsonReader(RecordSource):
    """Rows of objects, the first of which names the columns.

    The names and origins are texts or whole numbers, or null, which is ''; anything else is a fault, and so is an
    object that lacks one of them, unless every row is needed, which is '' too. A row at fault is left out where
    `on_fault` returns. Raises DataError where there is no object.
    """

    def __init__(
        self,
        rows: Iterator[list[Row]],
        where: str,
        *,
        on_fault: OnFault = stop,
        columns: list[str] | None = None,
    ) -> None:
        self._rest: list[Row] = []
        if columns is None:
            self._rest = next(filter(None, rows), [])
            if not self._rest:
                raise DataError("holds no JSON objects", OBJECTS, where=where)
            self.line, _, first = self._rest[0]
            columns = list(first)
        super().__init__(where, columns, on_fault, rows)

    def __iter__(self) -> Iterator[Records]:
        for rows in chain([self._rest], self._unread):
            if rows:
                yield self._records(rows)

    def _records(self, rows: list[Row]) -> Records:
        kept, names, origins = self._readable(rows, self._text)
        return Records(
            names,
            lambda: list(map(self._fields, kept)),
            as_json=lambda: [text.encode() for _, text, _ in kept],
            origins=origins,
        )

    def _text(self, row: Row, place: int) -> bytes:
        (number, _, values), key = row, self.columns[place]
        if key not in values and not self._needs_all:
            raise self._fault(f"no key '{key}'", "give every object both keys", number)
        value = values.get(key)
        if value is None:
            return b""
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise self._fault(f"'{key}' is no text ({json.dumps(value)[:40]})", "write it as a string", number)
        try:
            return str(value).encode()
        except UnicodeEncodeError:
            raise self._fault("half a surrogate pair", "write the character whole", number) from None

    def _fields(self, row: Row) -> list[bytes]:
        """The values of a row as they stand in CSV: nothing for null, JSON for what is no text."""
        number, _, values = row
        if len(values) > len(self.columns) or not values.keys() <= set(self.columns):
            key = next(key for key in values if key not in self.columns)
            raise self._fault(
                f"the first object has no key '{key}'", "choose ndjson, which keeps the keys of every row", number
            )
        return [_field(values.get(column)) for column in self.columns]

    def _fault(self, what: str, do: str, line: int) -> DataError:
        return DataError(what, do, where=self.where, line=line)


def _field(value: Any) -> bytes:
    if value is None:
        return b""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace")


def ndjson_rows(
    windows: Iterable[list[bytes]], where: str, *, on_fault: OnFault = stop, line: int = 0
) -> Iterator[list[Row]]:
    """The objects of lines, `line` others being before them; blank lines are none."""
    for lines in windows:
        rows: list[Row] = []
        for number, content in enumerate(lines, start=line + 1):
            if content == UNREADABLE or not content.strip():
                continue
            try:
                text = content.decode().strip()
                value = _DECODER.decode(text)
            except (ValueError, RecursionError):
                on_fault(DataError("not a JSON object", OBJECTS, where=where, line=number))
                continue
            if isinstance(value, dict):
                rows.append((number, text, value))
            else:
                on_fault(DataError("not an object", OBJECTS, where=where, line=number))
        line += len(lines)
        yield rows


def array_rows(chunks: Iterable[bytes], where: str, *, on_fault: OnFault = stop) -> Iterator[list[Row]]:
    """The objects of one JSON array, whatever lines they take; the first fault of its form ends it."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    text, line, before, tried = "", 1, "", 0
    for chunk in chain(filter(None, chunks), [b""]):
        text += decoder.decode(chunk, final=not chunk)
        if chunk and len(text) < 2 * tried:
            continue  # a value that goes on for long is looked at each time that it has doubled
        rows: list[Row] = []
        at = 0
        while (start := BLANK.match(text, at).end()) < len(text):  # type: ignore[union-attr]
            line += text.count("\n", at, start)
            at = start
            if text[at] in MAY_FOLLOW[before]:
                before, at = text[at], at + 1
                continue
            try:
                if before not in ("[", ","):
                    raise ValueError("',' or the end of the array is missing")
                value, end = _DECODER.raw_decode(text, at)
            except (ValueError, RecursionError) as error:
                if chunk and before in ("[", ",") and len(text) - at < LONGEST_VALUE:
                    break  # it may go on in the next chunk
                yield rows
                return on_fault(
                    DataError(f"no JSON ({getattr(error, 'msg', error)})", "mend the array", where=where, line=line)
                )
            content = LINE_END.sub(" ", text[at:end])
            if not isinstance(value, dict):
                on_fault(DataError("not an object", "write an array of objects", where=where, line=line))
            elif not content.isascii() and (byte := INVALID_BYTE.search(content)):
                what = f"not UTF-8 (byte 0x{ord(byte[0]) - 0xDC00:02X})"
                on_fault(DataError(what, "save the file as UTF-8", where=where, line=line))
            else:
                rows.append((line, content, value))
            line += text.count("\n", at, end)
            before, at = "value", end
        text = text[at:]
        tried = len(text)
        yield rows
    if before != "]":
        on_fault(DataError("the array has no end", "write the file again", where=where, line=line))
