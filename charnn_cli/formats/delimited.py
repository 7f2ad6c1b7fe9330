"""Rows of CSV and TSV: the column that holds the names, and the text of all the others."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from charnn_cli.errors import DataError

csv.field_size_limit(2**31 - 1)

QUOTE, RETURN = b'"', b"\r"
LONGEST_RECORD = 1 << 28  # bytes that a quoted field may run on for
CLOSING = re.compile(rb'[^"]*+(?:""[^"]*+)*+"')  # a quoted field, from inside it, to its closing quote


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
        self._pending: list[bytes] = []  # lines of a row whose quotes are still open
        self._pending_bytes = 0
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
                if RETURN in line.removesuffix(RETURN) and QUOTE not in line:
                    raise self._fault("lines end in CR alone", "end them in LF or in CR LF")
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
        if self._pending:
            self._pending_bytes += len(line)
            self._pending.append(line)
            if self._pending_bytes > LONGEST_RECORD:
                raise self._fault("a quoted field has no end", 'close the quote; a quote inside a field is written ""')
            if ends_open(line, self.separator):
                return None
        else:
            self._pending, self._pending_bytes = [line], len(line)
        text = _text(b"\n".join(self._pending))
        try:
            (row,) = csv.reader([text], delimiter=_text(self.separator), strict=True)
        except csv.Error as error:
            if str(error) == "unexpected end of data":
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


def ends_open(line: bytes, separator: bytes) -> bool:
    """Whether a line that begins inside a quoted field ends inside one; False where its quotes are amiss.

    So that a row over many lines is parsed once, when it is whole, and not again with each of its lines.
    """
    at = 0
    while closing := CLOSING.match(line, at):
        at = closing.end()
        while line[at : at + 1] == separator:
            at += 1
            if line[at : at + 1] == QUOTE:
                break  # the next field is quoted too
            at = line.find(separator, at)
            if at < 0:
                return False
        else:
            return False  # the end of the line, or what no separator parts from the quote
        at += 1
    return True


def column_index(columns: list[str], column: str, where: str) -> int:
    """Place of the one column of this name; raises DataError where there is none, or several."""
    if columns.count(column) == 1:
        return columns.index(column)
    if column in columns:
        raise DataError(f"several columns are called '{column}'", "rename all but one", where=where, line=1)
    known = ", ".join(repr(name) for name in columns[:20])
    raise DataError(f"no column '{column}'", f"give one of {known} as --column", where=where, line=1)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
