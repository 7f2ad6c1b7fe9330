"""Rows of Parquet files, by pyarrow (the extra `parquet`)."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from charnn_cli.errors import DataError
from charnn_cli.formats.rows import LazyRecords

if TYPE_CHECKING:
    import pyarrow

BATCH_ROWS = 1 << 15


class ParquetReader:
    """Rows of a Parquet file, or of some of its row groups; with `only_chosen`, of two columns alone.

    Raises DataError where it is none, where pyarrow is not installed, or where a chosen column holds neither text nor
    whole numbers.
    """

    separator = b""
    line: int | None = None

    def __init__(
        self, file: "str | BinaryIO", where: str, *, row_groups: range | None = None, only_chosen: bool = False
    ) -> None:
        pyarrow = load_pyarrow(where)
        self.where = where
        self._row_groups = row_groups
        self._only_chosen = only_chosen
        self._names: tuple[int, ...] = ()
        self._origin = -1
        try:
            self._file = pyarrow.parquet.ParquetFile(file)
        except (pyarrow.ArrowException, OSError) as error:
            raise self._broken(error) from None
        self.schema = self._file.schema_arrow
        self.columns: list[str] = self.schema.names

    def choose(self, names: Sequence[int], origin: int | None = None) -> None:
        """The places of the columns that make the names, and of that of their origins."""
        self._names, self._origin = tuple(names), -1 if origin is None else origin
        types = load_pyarrow(self.where).types
        for place in names if origin is None else (*names, origin):
            kind = self.schema.field(place).type
            if types.is_dictionary(kind):
                kind = kind.value_type
            texts = (types.is_string, types.is_large_string, types.is_string_view, types.is_integer, types.is_null)
            if not any(is_text(kind) for is_text in texts):
                what = f"column '{self.columns[place]}' holds {kind}"
                raise DataError(what, "give a column of text", where=self.where)

    def drain(self) -> None:
        """Nothing more can be known without its columns."""

    @property
    def rows(self) -> int:
        """The number of rows of the file."""
        return int(self._file.metadata.num_rows)

    def rows_of_groups(self) -> list[int]:
        """The number of rows in each row group of the file."""
        metadata = self._file.metadata
        return [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]

    def batches(self) -> "Iterator[tuple[list[str], pyarrow.RecordBatch]]":
        """The names of some rows, '' for a null, and the rows."""
        pyarrow = load_pyarrow(self.where)
        options: dict[str, Any] = {} if self._row_groups is None else {"row_groups": list(self._row_groups)}
        if self._only_chosen:
            options["columns"] = [self.columns[place] for place in (*self._names, self._origin)]
        try:
            for batch in self._file.iter_batches(BATCH_ROWS, **options):
                parts = [self._texts(batch, place) for place in self._names]
                rows = zip(*parts, strict=True)
                yield parts[0] if len(parts) == 1 else [" ".join(" ".join(row).split()) for row in rows], batch
        except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
            raise self._broken(error) from None

    def __iter__(self) -> Iterator[LazyRecords]:
        for names, batch in self.batches():
            origins: Sequence[str] = ()
            if self._origin >= 0:
                origins = self._texts(batch, self._origin)
            yield _BatchRecords(names, origins, batch, self.columns)

    def _texts(self, batch: "pyarrow.RecordBatch", place: int) -> list[str]:
        column = batch.column(self.columns[place] if self._only_chosen else place)
        return ["" if value is None else str(value) for value in column.to_pylist()]

    def _broken(self, error: Exception) -> DataError:
        what = f"no readable Parquet ({str(error).splitlines()[0] if str(error) else type(error).__name__})"
        return DataError(what, "name a Parquet file, or write it again", where=self.where)


class _BatchRecords(LazyRecords):
    __slots__ = ()

    def __init__(
        self, names: list[str], origins: Sequence[str], batch: "pyarrow.RecordBatch", columns: list[str]
    ) -> None:
        def fields() -> list[list[bytes]]:
            return [[_field(value) for value in row] for row in zip(*map(_values, batch.columns), strict=True)]

        def as_json() -> list[bytes]:
            keys = [f"{json.dumps(name, ensure_ascii=False)}: ".encode() for name in columns]
            objects = []
            for row in zip(*map(_values, batch.columns), strict=True):
                pairs = (key + _json(value) for key, value in zip(keys, row, strict=True))
                objects.append(b"{" + b", ".join(pairs) + b"}")
            return objects

        super().__init__([name.encode() for name in names], [origin.encode() for origin in origins], fields, as_json)


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
