"""Parquet out, by pyarrow (the extra `parquet`)."""

from collections import Counter
from collections.abc import Iterator
from io import RawIOBase
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.formats.opening import Source
from charnn_cli.formats.rows import Records
from charnn_cli.formats.typed import ParquetReader, load_pyarrow
from charnn_cli.predict.predictor import Predictor
from charnn_cli.render import OnPart
from charnn_cli.render.added import Added, Kind
from charnn_cli.render.summary import Tally
from charnn_cli.text.parts import name_parts

if TYPE_CHECKING:
    import pyarrow

    from charnn_cli.files import Write


class Sink(RawIOBase):
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
    write: "Write",
    source: Source,
    predictor: Predictor,
    k: int,
    threshold: float,
    added: Added,
    on_part: OnPart | None = None,
    tally: Tally | None = None,
) -> tuple[int, Counter[str]]:
    """Every row of the source with the columns of its answers, in the types of the input where that is Parquet.

    `on_part` is called once, when the first name comes of which a part is read in its place; `tally` counts the rows.
    Returns the number of rows, and of those without an answer by their reasons.
    """
    from charnn_cli.render.delimited import added_columns, unused

    pyarrow = load_pyarrow()
    if isinstance(source, ParquetReader):
        inputs, columns = source.batches(), source.columns
        schema = source.schema
    else:
        columns = ["name"] if isinstance(source, Iterator) else source.columns
        inputs = _as_batches(source, columns)
        schema = pyarrow.schema([(column, pyarrow.string()) for column in columns])
    types = [*[pyarrow.dictionary(pyarrow.int32(), pyarrow.string()), pyarrow.float32()] * k, pyarrow.string()]
    types += [_type(column.kind) for column in added.columns]
    for name, kind in zip(unused(added_columns(k, added), columns), types, strict=True):
        schema = schema.append(pyarrow.field(name, kind))
    rows, abstained = 0, Counter[str]()
    with pyarrow.parquet.ParquetWriter(Sink(write), schema.remove_metadata()) as writer:
        for names, batch in inputs:
            if on_part is not None and predictor.reads_parts and any(map(name_parts, names)):
                on_part()
                on_part = None
            arrays, reasons, codes = _answers(predictor, names, k, threshold, added)
            if tally is not None:
                tally.offer([name.encode() for name in names])
                tally.add(codes)
            abstained.update(reason for reason in reasons if reason is not None)
            table = pyarrow.Table.from_arrays([*batch.columns, *arrays], schema=schema.remove_metadata())
            writer.write_table(table)
            rows += len(names)
    return rows, abstained


def _as_batches(source: Any, columns: list[str]) -> "Iterator[tuple[list[str], pyarrow.RecordBatch]]":
    pyarrow = load_pyarrow()
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


def _answers(
    predictor: Predictor, names: list[str], k: int, threshold: float, added: Added
) -> "tuple[list[pyarrow.Array], list[str | None], NDArray[np.int32]]":
    """Columns of answers: origin and probability of each rank, null where none is given, status, and what is added.

    With them the reason of each row, and what a tally takes of it.
    """
    pyarrow = load_pyarrow()
    place = {name: at for at, name in enumerate(dict.fromkeys(names))}
    answers = predictor.answers(list(place), k, threshold)
    rows = np.array([place[name] for name in names], dtype=np.int64)
    reasons = [answers.reasons[row] for row in rows.tolist()]
    abstained = np.array([reason is not None for reason in reasons], dtype=bool)
    labels = pyarrow.array(list(answers.labels), pyarrow.string())
    arrays = []
    for rank in range(k):
        given = rank < answers.origins.shape[1]
        origins = answers.origins[rows, rank] if given else np.zeros(len(rows), dtype=np.int64)
        shares = answers.probabilities[rows, rank] if given else np.zeros(len(rows), dtype=np.float32)
        missing = abstained | (not given)
        indices = pyarrow.array(origins.astype(np.int32), mask=missing)
        arrays.append(pyarrow.DictionaryArray.from_arrays(indices, labels))
        arrays.append(pyarrow.array(added.rounded(shares), mask=missing))
    arrays.append(pyarrow.array(np.where(abstained, "abstained", "ok").tolist(), pyarrow.string()))
    for column in added.columns:
        if column.kind == "number":
            values = added.rounded(np.asarray(column.values(answers)))[rows]
            arrays.append(pyarrow.array(values, mask=abstained))
        else:
            cells = pyarrow.array(column.cells(answers), _type(column.kind))
            arrays.append(cells.take(pyarrow.array(rows)))
    return arrays, reasons, Tally.codes(answers)[rows]


def _type(kind: Kind) -> Any:
    pyarrow = load_pyarrow()
    match kind:
        case "label":
            return pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
        case "number":
            return pyarrow.float32()
        case "count":
            return pyarrow.int32()
        case "list":
            return pyarrow.list_(pyarrow.string())
    return pyarrow.string()
