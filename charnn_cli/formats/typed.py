"""Rows of files whose cells have types: Parquet, by pyarrow, and Excel, by python-calamine; both are extras."""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from charnn_cli.errors import DataError
from charnn_cli.formats.rows import OnFault, Records, RecordSource, joined, stop

if TYPE_CHECKING:
    import pyarrow

BATCH_ROWS = 1 << 15  # of Parquet
SHEET_ROWS = 1 << 12

Row = tuple[int, list[Any]]  # of a sheet: its number, its cells


class ParquetReader(RecordSource):
    """Rows of a Parquet file, or of some of its row groups; where an origin is chosen, of the chosen columns alone.

    Raises DataError where it is none, where pyarrow is not installed, or where a chosen column holds neither text nor
    whole numbers.
    """

    def __init__(self, file: "str | BinaryIO", where: str, *, row_groups: range | None = None) -> None:
        pyarrow = load_pyarrow(where)
        super().__init__(where, [])
        self._row_groups = row_groups
        try:
            self._file = pyarrow.parquet.ParquetFile(file)
        except (pyarrow.ArrowException, OSError) as error:
            raise self._broken(error) from None
        self.schema = self._file.schema_arrow
        self.columns = self.schema.names
        self.rows = self._file.metadata.num_rows

    def choose(self, names: Sequence[int], origin: int | None = None) -> None:
        super().choose(names, origin)
        types = load_pyarrow(self.where).types
        for place in (*self._names, *self._origin):
            kind = self.schema.field(place).type
            if types.is_dictionary(kind):
                kind = kind.value_type
            texts = (types.is_string, types.is_large_string, types.is_string_view, types.is_integer, types.is_null)
            if not any(is_text(kind) for is_text in texts):
                what = f"column '{self.columns[place]}' holds {kind}"
                raise DataError(what, "give a column of text", where=self.where)

    def rows_of_groups(self) -> list[int]:
        """The number of rows in each row group of the file."""
        metadata = self._file.metadata
        return [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]

    def batches(self) -> "Iterator[tuple[list[str], pyarrow.RecordBatch]]":
        """The names of some rows, '' for a null, and the rows."""
        pyarrow = load_pyarrow(self.where)
        options: dict[str, Any] = {} if self._row_groups is None else {"row_groups": list(self._row_groups)}
        if self._origin:
            options["columns"] = [self.columns[place] for place in (*self._names, *self._origin)]
        try:
            for batch in self._file.iter_batches(BATCH_ROWS, **options):
                parts = [self._texts(batch, place) for place in self._names]
                whole = joined([[text.encode() for text in part] for part in parts]) if len(parts) > 1 else []
                yield [" ".join(name.decode().split()) for name in whole] or parts[0], batch
        except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
            raise self._broken(error) from None

    def __iter__(self) -> Iterator[Records]:
        for names, batch in self.batches():
            origins = [text.encode() for place in self._origin for text in self._texts(batch, place)]
            fields, as_json = partial(_fields, batch), partial(_objects, batch, self.columns)
            yield Records([name.encode() for name in names], fields, as_json=as_json, origins=origins)

    def _texts(self, batch: "pyarrow.RecordBatch", place: int) -> list[str]:
        column = batch.column(self.columns[place] if self._origin else place)
        return ["" if value is None else str(value) for value in column.to_pylist()]

    def _broken(self, error: Exception) -> DataError:
        what = f"no readable Parquet ({str(error).splitlines()[0] if str(error) else type(error).__name__})"
        return DataError(what, "name a Parquet file, or write it again", where=self.where)


def load_pyarrow(where: str | None = None) -> Any:
    """The library; raises DataError, which may name a file, where it is not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        do = "pip install 'charnn[parquet]'"
        raise DataError("Parquet needs the package pyarrow", do, where=where) from None
    return pyarrow


def _values(column: "pyarrow.Array") -> list[Any]:
    """The values of a column, those of float32 as their shortest decimals."""
    import pyarrow

    values: list[Any] = column.to_pylist()
    if not pyarrow.types.is_float32(column.type):
        return values
    return [None if value is None else float(str(np.float32(value))) for value in values]


def _fields(batch: "pyarrow.RecordBatch") -> list[list[bytes]]:
    return [[_field(value) for value in row] for row in zip(*map(_values, batch.columns), strict=True)]


def _objects(batch: "pyarrow.RecordBatch", columns: list[str]) -> list[bytes]:
    keys = [f"{json.dumps(name, ensure_ascii=False)}: ".encode() for name in columns]
    objects = []
    for row in zip(*map(_values, batch.columns), strict=True):
        pairs = (key + _json(value) for key, value in zip(keys, row, strict=True))
        objects.append(b"{" + b", ".join(pairs) + b"}")
    return objects


def _field(value: Any) -> bytes:
    """A value as it stands in CSV: nothing for a null, JSON for lists and structures."""
    if value is None:
        return b""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bool | list | dict):
        return _json(value)
    return str(value).encode()


def _json(value: Any) -> bytes:
    """A value as JSON; what JSON does not know becomes text, NaN and infinities null."""
    if isinstance(value, float) and not np.isfinite(value):
        return b"null"
    return json.dumps(value, ensure_ascii=False, default=_described).encode()


def _described(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


class ExcelReader(RecordSource):
    """Rows of a workbook's first sheet, whose first row names the columns; a sheet is held in memory.

    The names and origins are texts or numbers; truth values and dates are faults, and a row at fault is left out
    where `on_fault` returns. Raises DataError where the file is no workbook, or python-calamine is not installed.
    """

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
        super().__init__(where, [_shown(value) for value in rows[0]], on_fault)
        self.line = (sheet.start or (0, 0))[0] + 1
        self.rows = len(rows) - 1
        self._rows = iter(list(enumerate(rows[1:], start=self.line + 1)))

    def __iter__(self) -> Iterator[Records]:
        while rows := list(islice(self._rows, SHEET_ROWS)):
            yield self._records(rows)

    def _records(self, rows: list[Row]) -> Records:
        kept, names, origins = self._readable(rows, self._text)
        return Records(
            names,
            lambda: [[_shown(value).encode() for value in cells] for _, cells in kept],
            as_json=lambda: [_object(dict(zip(self.columns, cells, strict=True))) for _, cells in kept],
            origins=origins,
        )

    def _text(self, row: Row, place: int) -> bytes:
        number, cells = row
        if not isinstance(cells[place], str | int | float) or isinstance(cells[place], bool):
            what = f"'{self.columns[place]}' is no text ({_shown(cells[place])})"
            raise DataError(what, "write it as text", where=self.where, line=number)
        return _shown(cells[place]).encode()


def _shown(value: Any) -> str:
    """A cell as it stands in CSV: a whole number without its `.0`, TRUE and FALSE as Excel writes them."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _object(row: dict[str, Any]) -> bytes:
    whole = {
        key: int(value) if isinstance(value, float) and value.is_integer() else None if value == "" else value
        for key, value in row.items()
    }
    return json.dumps(whole, ensure_ascii=False, default=str).encode()
