"""Rows of Excel workbooks, by python-calamine (the extra `excel`)."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

from charnn_cli.errors import DataError
from charnn_cli.formats.rows import LazyRecords, OnFault, joined, stop

BATCH_ROWS = 1 << 12

Row = tuple[int, list[Any]]  # its number in the sheet, its cells


class ExcelReader:
    """Rows of a workbook's first sheet, whose first row names the columns; a sheet is held in memory.

    The names and origins are texts or numbers; truth values and dates are faults, and a row at fault is left out
    where `on_fault` returns. Raises DataError where the file is no workbook, or python-calamine is not installed.
    """

    separator = b""

    def __init__(self, file: BinaryIO, where: str, *, on_fault: OnFault = stop) -> None:
        try:
            from python_calamine import CalamineError, CalamineWorkbook
        except ImportError:
            do = "pip install 'charnn[excel]', or save it as CSV"
            raise DataError("reading Excel needs the package python-calamine", do, where=where) from None
        try:
            sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
            rows = sheet.to_python()
        except (CalamineError, OSError, ValueError) as error:
            raise DataError(f"no readable workbook ({error})", "save it again, or as CSV", where=where) from None
        if not rows:
            raise DataError("its first sheet is empty", "the first row must name the columns", where=where)
        self.where = where
        self.line: int | None = (sheet.start or (0, 0))[0] + 1
        self.columns = [_text(value) for value in rows[0]]
        self.rows = len(rows) - 1
        self._rows = iter(list(enumerate(rows[1:], start=self.line + 1)))
        self._on_fault = on_fault
        self._places: tuple[int, ...] = ()
        self._labelled = False

    def choose(self, names: Sequence[int], origin: int | None = None) -> None:
        """The places of the columns that make the names, and of that of their origins."""
        self._labelled = origin is not None
        self._places = tuple(names) if origin is None else (*names, origin)

    def drain(self) -> None:
        """There is nothing more that could be at fault."""

    def __iter__(self) -> Iterator[LazyRecords]:
        while rows := list(islice(self._rows, BATCH_ROWS)):
            kept = [row for row in rows if self._is_text(row)]
            texts = [[_text(cells[place]).encode() for _, cells in kept] for place in self._places]
            names = joined(texts[:-1] if self._labelled else texts)
            yield LazyRecords(names, texts[-1] if self._labelled else (), *self._makers(kept))

    def _makers(self, rows: list[Row]) -> Any:
        """What makes the rows' fields, and what makes them objects."""

        def fields() -> list[list[bytes]]:
            return [[_text(value).encode() for value in cells] for _, cells in rows]

        def as_json() -> list[bytes]:
            return [_json(dict(zip(self.columns, cells, strict=True))) for _, cells in rows]

        return fields, as_json

    def _is_text(self, row: Row) -> bool:
        number, cells = row
        for place in self._places:
            if not isinstance(cells[place], str | int | float) or isinstance(cells[place], bool):
                what = f"'{self.columns[place]}' is no text ({_text(cells[place])})"
                self._on_fault(DataError(what, "write it as text", where=self.where, line=number))
                return False
        return True


def _text(value: Any) -> str:
    """A cell as it stands in CSV: a whole number without its `.0`, TRUE and FALSE as Excel writes them."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _json(row: dict[str, Any]) -> bytes:
    whole = {
        key: int(value) if isinstance(value, float) and value.is_integer() else None if value == "" else value
        for key, value in row.items()
    }
    return json.dumps(whole, ensure_ascii=False, default=str).encode()
