"""Parquet in and out, by pyarrow (the extra `parquet`)."""

import json
from collections.abc import Iterator
from io import RawIOBase
from typing import TYPE_CHECKING, Any

import numpy as np

from charnn_cli.errors import DataError, UsageError
from charnn_cli.formats.delimited import Records, RecordSource, column_index
from charnn_cli.predict.predictor import Predictor

if TYPE_CHECKING:
    import pyarrow

    from charnn_cli.files import Write

BATCH_ROWS = 1 << 15


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise UsageError("Parquet needs the package pyarrow", "pip install 'charnn[parquet]'") from None
    return pyarrow


class ParquetReader:
    """Rows of a Parquet file, or of some of its row groups.

    Raises DataError where it is none, or its column of names holds no text.
    """

    separator = b""

    def __init__(self, path: str, column: str, row_groups: range | None = None) -> None:
        pyarrow = _pyarrow()
        self._where = path
        self._row_groups = row_groups
        try:
            self._file = pyarrow.parquet.ParquetFile(path)
        except (pyarrow.ArrowException, OSError) as error:
            what = f"no readable Parquet ({str(error).splitlines()[0] if str(error) else type(error).__name__})"
            raise DataError(what, "name a Parquet file", where=path) from None
        self.schema = self._file.schema_arrow
        self.columns: list[str] = self.schema.names
        self._column = column_index(self.columns, column, path)
        kind = self.schema.field(self._column).type
        types = pyarrow.types
        if types.is_dictionary(kind):
            kind = kind.value_type
        if not (
            types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind) or types.is_null(kind)
        ):
            raise DataError(f"column '{column}' holds {kind}", "give a column of text", where=path)

    def rows_of_groups(self) -> list[int]:
        """The number of rows in each row group of the file."""
        metadata = self._file.metadata
        return [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]

    def batches(self) -> "Iterator[tuple[list[str], pyarrow.RecordBatch]]":
        """The names of some rows, '' for a null, and the rows."""
        pyarrow = _pyarrow()
        try:
            groups = None if self._row_groups is None else list(self._row_groups)
            for batch in self._file.iter_batches(BATCH_ROWS, row_groups=groups):
                yield [name or "" for name in batch.column(self._column).to_pylist()], batch
        except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
            raise DataError(f"no readable Parquet ({error})", "write the file again", where=self._where) from None

    def __iter__(self) -> Iterator[Records]:
        for names, batch in self.batches():
            rows = zip(*map(_values, batch.columns), strict=True)
            fields, objects = [], []
            keys = [f"{json.dumps(name, ensure_ascii=False)}: ".encode() for name in self.columns]
            for row in rows:
                fields.append([_text(value) for value in row])
                pairs = (key + _json(value) for key, value in zip(keys, row, strict=True))
                objects.append(b"{" + b", ".join(pairs) + b"}")
            yield Records([name.encode() for name in names], fields, [None] * len(names), objects)


def _values(column: "pyarrow.Array") -> list[Any]:
    """The values of a column, those of float32 as their shortest decimals."""
    values: list[Any] = column.to_pylist()
    if not _pyarrow().types.is_float32(column.type):
        return values
    return [None if value is None else float(str(np.float32(value))) for value in values]


def _text(value: Any) -> bytes:
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


class _Sink(RawIOBase):
    """A file for pyarrow that hands on what it is given."""

    def __init__(self, write: "Write") -> None:
        super().__init__()
        self._write = write
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: Any) -> int:
        content = bytes(data)
        self._write(content)
        self._position += len(content)
        return len(content)


def write_parquet(
    write: "Write", source: "Iterator[list[bytes]] | RecordSource", predictor: Predictor, k: int, threshold: float
) -> int:
    """Every row of the source with the columns of its answers, in the types of the input where that is Parquet.

    Returns the number of rows.
    """
    from charnn_cli.render.delimited import added_columns, unused

    pyarrow = _pyarrow()
    if isinstance(source, ParquetReader):
        inputs, columns = source.batches(), source.columns
        schema = source.schema
    else:
        columns = ["name"] if isinstance(source, Iterator) else source.columns
        inputs = _as_batches(source, columns)
        schema = pyarrow.schema([(column, pyarrow.string()) for column in columns])
    added = unused(added_columns(k), columns)
    types = [pyarrow.dictionary(pyarrow.int32(), pyarrow.string()), pyarrow.float32()] * k + [pyarrow.string()]
    for name, kind in zip(added, types, strict=True):
        schema = schema.append(pyarrow.field(name, kind))
    rows = 0
    with pyarrow.parquet.ParquetWriter(_Sink(write), schema.remove_metadata()) as writer:
        for names, batch in inputs:
            arrays = _answers(predictor, names, k, threshold)
            table = pyarrow.Table.from_arrays([*batch.columns, *arrays], schema=schema.remove_metadata())
            writer.write_table(table)
            rows += len(names)
    return rows


def _as_batches(source: Any, columns: list[str]) -> "Iterator[tuple[list[str], pyarrow.RecordBatch]]":
    pyarrow = _pyarrow()
    for window in source:
        if isinstance(window, Records):
            rows = [[field.decode("utf-8", "replace") for field in fields] for fields in window.fields]
            names = [name.decode("utf-8", "replace") for name in window.names]
        else:
            names = [name.removesuffix(b"\r").decode("utf-8", "replace") for name in window]
            rows = [[name] for name in names]
        values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
        arrays = [pyarrow.array(column, pyarrow.string()) for column in values]
        yield names, pyarrow.RecordBatch.from_arrays(arrays, names=columns)


def _answers(predictor: Predictor, names: list[str], k: int, threshold: float) -> "list[pyarrow.Array]":
    """Columns of answers: origin and probability of each rank, null where none is given, and the status."""
    pyarrow = _pyarrow()
    place = {name: at for at, name in enumerate(dict.fromkeys(names))}
    answers = predictor.answers(list(place), k, threshold)
    rows = np.array([place[name] for name in names], dtype=np.int64)
    abstained = np.array([reason is not None for reason in answers.reasons], dtype=bool)[rows]
    labels = pyarrow.array(list(answers.labels), pyarrow.string())
    arrays = []
    for rank in range(k):
        given = rank < answers.origins.shape[1]
        origins = answers.origins[rows, rank] if given else np.zeros(len(rows), dtype=np.int64)
        shares = answers.probabilities[rows, rank] if given else np.zeros(len(rows), dtype=np.float32)
        missing = abstained | (not given)
        indices = pyarrow.array(origins.astype(np.int32), mask=missing)
        arrays.append(pyarrow.DictionaryArray.from_arrays(indices, labels))
        arrays.append(pyarrow.array(shares.astype(np.float32), mask=missing))
    arrays.append(pyarrow.array(np.where(abstained, "abstained", "ok").tolist(), pyarrow.string()))
    return arrays
