"""Rows of CSV and TSV: the columns that are asked for, and the text of all the others."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from charnn_cli.errors import DataError
from charnn_cli.formats.lines import UNREADABLE
from charnn_cli.formats.rows import OnFault, Records, RecordSource, joined, stop
from charnn_cli.formats.separators import NO_END, QUOTE, RETURN, RowParser, separator_of, text_of

HEADING_BYTES = 1 << 16
ROWS_AT_ONCE = 512
CLOSE_QUOTES = 'put quotes around the whole field; a quote inside it is written ""'

Rows = tuple[list[list[bytes]], list[bytes | None]]  # the fields of each row, and its text


@dataclass(frozen=True, slots=True)
class Heading:
    """What the first lines of a table tell of those that follow."""

    columns: list[str]
    separator: bytes
    lines: int


class DelimitedReader(RecordSource):
    """Reads rows whose first line names the columns.

    The separator is found from the heading and, where that leaves a choice, from the rows behind it. Where every
    row is needed, those with too few fields are filled up with empty ones and blank lines are rows; else they are
    faults, and blank lines nothing. A row with too many fields or with a quote amiss is a fault; it is left out where
    `on_fault` returns. Raises DataError where there is no heading. The rows of a later part of a file are read with
    its `heading`, `line` lines being before them.
    """

    def __init__(
        self,
        windows: Iterator[list[bytes]],
        where: str,
        *,
        separator: bytes | None = None,
        on_fault: OnFault = stop,
        heading: Heading | None = None,
        line: int = 0,
    ) -> None:
        super().__init__(where, [], on_fault, windows)
        self.line = 1
        self._line = line
        self._rest: list[bytes] = []
        self._starts: list[int] = []  # the line that each row of a window begins in, where not each line is a row
        self.heading = heading or self._heading(separator)
        self.columns = self.heading.columns
        self.separator = self.heading.separator
        self._parser = RowParser(self.separator)

    def skip(self, lines: list[bytes]) -> bool:
        """Go past lines without looking into their fields; whether a row ends with the last of them.

        Tells by the same rules as reading, so that what comes after may be read apart.
        """
        parser = self._parser
        if parser.is_tsv:
            self._line += len(lines)
            return True
        for line in lines:
            self._line += 1
            if parser.pending or QUOTE in line:
                self._row(line)
        return not parser.pending

    def __iter__(self) -> Iterator[Records]:
        if self._rest:
            yield self._records(self._rest)
            self._rest = []
        for lines in self._unread:
            yield self._records(lines)
        if self._parser.pending:
            self._parser.begin_anew()
            self._complain(NO_END)

    def _heading(self, separator: bytes | None) -> Heading:
        lines: list[bytes] = []
        size = looked_at = 0
        for window in self._unread:
            lines += window
            size += sum(map(len, window)) + len(window)
            if HEADING_BYTES < size < 2 * looked_at:
                continue  # what goes on for long is looked at each time that it has doubled
            looked_at = size
            if (found := separator or separator_of(lines)) and (heading := self._first_row(lines, found)):
                return heading
        if not lines:
            raise DataError("is empty", "the first line must name the columns", where=self.where)
        if heading := self._first_row(lines, separator or separator_of(lines, is_whole=True) or b","):
            return heading
        raise DataError(f"the first line: {NO_END}", "close the quote", where=self.where, line=1)

    def _first_row(self, lines: list[bytes], separator: bytes) -> Heading | None:
        parser = RowParser(separator)
        for number, line in enumerate(lines, start=1):
            try:
                record = parser.parse(line)
            except ValueError as error:
                raise DataError(f"the first line: {error}", "mend the quotes", where=self.where, line=1) from None
            if record is not None:
                self._rest, self._line = lines[number:], number
                return Heading([text_of(name) for name in record[0]], separator, number)
        return None

    def _records(self, lines: list[bytes]) -> Records:
        """The rows of a window, some at a time, so that they stay in the processor's cache until they are done."""
        rows: list[list[bytes]] = []
        raw: list[bytes | None] = []
        names: list[bytes] = []
        origins: list[bytes] = []
        for start in range(0, len(lines), ROWS_AT_ONCE):
            some, texts = self._rows(lines[start : start + ROWS_AT_ONCE])
            names += joined([[row[name] for row in some] for name in self._names])
            for place in self._origin:
                origins += [row[place] for row in some]
            rows += some
            raw += texts
        return Records(names, lambda: rows, raw=raw, origins=origins)

    def _rows(self, lines: list[bytes]) -> Rows:
        """The rows that end with lines, as wide as the heading."""
        first = self._line + 1
        rows, raw = self._at_once(lines) or self._one_by_one(lines)
        width = len(self.columns)
        if set(map(len, rows)) - {width}:
            starts = self._starts or range(first, first + len(rows))
            fitted = [
                (row, text) if len(row) == width else self._fitted(row, start)
                for row, text, start in zip(rows, raw, starts, strict=True)
            ]
            rows, raw = [row for row, _ in filter(None, fitted)], [text for _, text in filter(None, fitted)]
        return rows, raw

    def _at_once(self, lines: list[bytes]) -> Rows | None:
        """The rows of lines, where none of them goes on in another or is at fault; None where one does, or may."""
        block = b"\n".join(lines)
        if self._parser.pending or not lines:
            return None
        if RETURN in block:
            if block.count(RETURN) != block.count(b"\r\n") + block.endswith(RETURN):
                return None
            lines = block.removesuffix(RETURN).replace(b"\r\n", b"\n").split(b"\n")
        separator = self.separator
        rows, raw = [line.split(separator) for line in lines], list[bytes | None](lines)
        if QUOTE in block and not self._parser.is_tsv:
            places = [place for place, line in enumerate(lines) if QUOTE in line]
            texts = text_of(b"\n".join([lines[place] for place in places])).split("\n")
            try:
                parsed = list(csv.reader(texts, delimiter=text_of(separator), strict=True))
            except csv.Error:
                return None
            if len(parsed) < len(places):
                return None
            for place, row in zip(places, parsed, strict=True):
                rows[place], raw[place] = [field.encode("utf-8", "surrogateescape") for field in row], None
        self._line += len(lines)
        self._starts = []
        return rows, raw

    def _one_by_one(self, lines: list[bytes]) -> Rows:
        rows: list[list[bytes]] = []
        raw: list[bytes | None] = []
        self._starts = []
        for line in lines:
            self._line += 1
            record = self._row(line)
            if record is not None:
                rows.append(record[0])
                raw.append(record[1])
                self._starts.append(self._line - self._parser.lines + 1)
        return rows, raw

    def _fitted(self, row: list[bytes], start: int) -> tuple[list[bytes], bytes | None] | None:
        """A row with as many fields as there are columns; None where it is none, or at fault."""
        if not self._needs_all and row in ([b""], [UNREADABLE]):
            return None
        if len(row) > len(self.columns) or not self._needs_all:
            what = f"{len(row)} fields where the first line has {len(self.columns)}"
            do = "quote fields that hold a separator"
            self._on_fault(DataError(what, do, where=self.where, line=start))
            return None
        row = row + [b""] * (len(self.columns) - len(row))
        return row, self.separator.join(row).replace(RETURN, b"\\r") if self._parser.is_tsv else None

    def _row(self, line: bytes) -> tuple[list[bytes], bytes | None] | None:
        """The row that ends with a line, None where it goes on or is at fault."""
        try:
            return self._parser.parse(line)
        except ValueError as error:
            self._complain(str(error))
            return None

    def _complain(self, what: str) -> None:
        """A fault of the quotes of the row that ends with this line."""
        line = max(1, self._line - self._parser.lines + 1)
        self._on_fault(DataError(what, CLOSE_QUOTES, where=self.where, line=line))
