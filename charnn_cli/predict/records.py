"""Rows of CSV and TSV: the column that holds the names, and the text of all the others."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from charnn_cli.errors import DataError

csv.field_size_limit(2**31 - 1)

QUOTE, RETURN = b'"', b"\r"
LONGEST_RECORD = 1 << 28  # bytes that a quoted field may run on for


@dataclass(frozen=True, slots=True)
class Records:
    """Rows of a window.

    `raw` holds each row as it stood where it can be written so again in its own format, else None; `as_json` each
    row as a JSON object, where its fields are more than text.
    """

    names: list[bytes]
    fields: list[list[bytes]]
    raw: list[bytes | None]
    as_json: list[bytes] | None = None


class RecordSource(Protocol):
    """Where rows come from."""

    columns: list[str]
    separator: bytes  # between the fields of their raw text; b"" where there is none

    def __iter__(self) -> Iterator[Records]: ...


class RecordReader:
    """Reads rows whose first line names the columns.

    CSV is quoted as in RFC 4180, its separator a comma, or a semicolon where the header holds more of those. TSV
    knows no quotes: its fields are what stands between the tabs. Rows with too few fields are filled up with empty
    ones. Raises DataError, with the line, where there is no such column, a row has too many fields or a quote is
    amiss.
    """

    def __init__(self, windows: Iterator[list[bytes]], column: str, where: str) -> None:
        self._where = where
        self._line = 0
        self._pending: list[bytes] = []
        self._windows = windows
        self._rest: list[bytes] = []
        self.separator = b","
        header = self._header()
        self.columns = [_text(name) for name in header]
        self._width = len(header)
        self._column = column_index(self.columns, column, where)

    @property
    def is_tsv(self) -> bool:
        return self.separator == b"\t"

    @property
    def lines_read(self) -> int:
        """Lines of the rows so far, those of the header among them."""
        return self._line

    def skip(self, lines: list[bytes]) -> bool:
        """Go past lines without looking into their fields; whether a row ends with the last of them.

        Tells by the same rules as reading, so that what comes after may be read apart.
        """
        if self.is_tsv:
            self._line += len(lines)
            return True
        for line in lines:
            if self._pending or QUOTE in line:
                self._record(line)
            else:
                self._line += 1
        return not self._pending

    def __iter__(self) -> Iterator[Records]:
        if self._rest:
            yield self._records(self._rest)
        for lines in self._windows:
            yield self._records(lines)
        if self._pending:
            raise self._fault("a quoted field has no end", 'close the quote; a quote inside a field is written ""')

    def _header(self) -> list[bytes]:
        for lines in self._windows:
            for number, line in enumerate(lines):
                if not self._pending:
                    self.separator = max((b",", b";", b"\t"), key=line.count)
                record = self._record(line)
                if record is not None:
                    self._rest = lines[number + 1 :]
                    return record[0]
        raise DataError("is empty", "the first line must name the columns", where=self._where)

    def _records(self, lines: list[bytes]) -> Records:
        names: list[bytes] = []
        fields: list[list[bytes]] = []
        raw: list[bytes | None] = []
        separator, column, width = self.separator, self._column, self._width
        quoted = separator != b"\t"
        for line in lines:
            if RETURN in line or self._pending or (quoted and QUOTE in line):
                record = self._record(line)
                if record is None:
                    continue
                row, text = record
            else:
                self._line += 1
                row, text = line.split(separator), line
            if len(row) != width:
                row = self._filled(row)
                text = None if quoted else separator.join(row)
            names.append(row[column])
            fields.append(row)
            raw.append(text)
        return Records(names, fields, raw)

    def _record(self, line: bytes) -> tuple[list[bytes], bytes | None] | None:
        """Fields and raw text of the row that ends with this line, None where it goes on."""
        self._line += 1
        if not self._pending:
            plain = line.removesuffix(RETURN)
            if self.is_tsv or QUOTE not in line:
                return plain.split(self.separator), plain if self.is_tsv or RETURN not in plain else None
        self._pending.append(line)
        if len(self._pending) > 1 and QUOTE not in line and sum(map(len, self._pending[-2:])) < LONGEST_RECORD:
            return None
        text = _text(b"\n".join(self._pending))
        try:
            (row,) = csv.reader([text], delimiter=_text(self.separator), strict=True)
        except csv.Error as error:
            if str(error) == "unexpected end of data" and len(text) < LONGEST_RECORD:
                return None
            do = 'put quotes around the whole field; a quote inside it is written ""'
            raise self._fault(f"no CSV ({error})", do) from None
        self._pending = []
        return [field.encode("utf-8", "surrogateescape") for field in row], None

    def _filled(self, row: list[bytes]) -> list[bytes]:
        if len(row) > self._width:
            what = f"{len(row)} fields where the first line has {self._width}"
            raise self._fault(what, "quote fields that hold a separator")
        return row + [b""] * (self._width - len(row))

    def _fault(self, what: str, do: str) -> DataError:
        return DataError(what, do, where=self._where, line=max(1, self._line - max(0, len(self._pending) - 1)))


def column_index(columns: list[str], column: str, where: str) -> int:
    """Place of the one column of this name; raises DataError where there is none, or several."""
    if columns.count(column) == 1:
        return columns.index(column)
    if column in columns:
        raise DataError(f"several columns are called '{column}'", "rename all but one", where=where, line=1)
    known = ", ".join(f"'{name}'" for name in columns[:20])
    raise DataError(f"no column '{column}'", f"give one of {known} as --column", where=where, line=1)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
