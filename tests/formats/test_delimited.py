"""Rows of CSV and TSV keep the text of every column."""

import csv
import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.errors import DataError
from charnn_cli.formats.delimited import DelimitedReader
from charnn_cli.formats.separators import ends_open

texts = st.text(st.characters(codec="utf-8"), max_size=8)


def written(rows: list[tuple[str, str]], end: str = "\n") -> bytes:
    """As CSV; Python's writer leaves a carriage return without quotes where it would have to quote it."""
    stream = io.StringIO()
    quoting = csv.QUOTE_ALL if any("\r" in field for row in rows for field in row) else csv.QUOTE_MINIMAL
    csv.writer(stream, lineterminator=end, quoting=quoting).writerows([("id", "name"), *rows])
    return stream.getvalue().encode()


def read(data: bytes, window: int = 2) -> DelimitedReader:
    lines = data.removesuffix(b"\n").split(b"\n")
    return DelimitedReader(iter([lines[at : at + window] for at in range(0, len(lines), window)]), "people.csv")


def fields(reader: DelimitedReader) -> list[list[str]]:
    return [[field.decode("utf-8", "surrogateescape") for field in row] for records in reader for row in records.fields]


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]), st.integers(1, 5))
def test_csv_comes_in_as_it_was_written(rows: list[tuple[str, str]], end: str, window: int) -> None:
    reader = read(written(rows, end), window=window)
    assert reader.columns == ["id", "name"]
    assert fields(reader) == [list(row) for row in rows]


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=8))
def test_a_raw_row_is_the_row(rows: list[tuple[str, str]]) -> None:
    for records in read(written(rows)):
        for raw, row in zip(records.raw, records.fields, strict=True):
            if raw is not None:
                assert next(csv.reader([raw.decode()], strict=True), [""]) == [field.decode() for field in row]


def test_tsv_fields_are_what_stands_between_tabs() -> None:
    reader = read(b'id\tname\n1\t"O\\tNeil" x\r\n\xff\t\n')
    assert reader.separator == b"\t"
    assert fields(reader) == [["1", '"O\\tNeil" x'], ["\udcff", ""]]


def test_a_carriage_return_inside_a_row_is_text() -> None:
    (records,) = read(b"id,name\n1,a\rb\r\n")
    assert (records.fields, records.raw) == ([[b"1", b"a\rb"]], [None])


def test_semicolons() -> None:
    assert fields(read(b"id;name\n1;Kim, Li\n")) == [["1", "Kim, Li"]]


def test_short_rows_are_filled_and_blank_lines_stay_rows() -> None:
    assert fields(read(b"id,name\n1\n\n2,Kim\n")) == [["1", ""], ["", ""], ["2", "Kim"]]


@pytest.mark.parametrize(
    ("data", "line", "what"),
    [
        (b"id,name\n1,Kim\n2,Li,x\n", 3, "3 fields where the first line has 2"),
        (b'id,name\n1,"Kim\n2,Li\n', 2, "no end"),
        (b'id,name\n1,"Kim\n2,Li"x\n3,A\n', 2, "no CSV"),
        (b'id,name\n1,Kim\n2,"Li"x\n', 3, "no CSV"),
        (b'"id,name\n1,Kim\n', 1, "the first line: a quoted field has no end"),
        (b'"id"x,name\n1,Kim\n', 1, "the first line: no CSV"),
    ],
)
def test_faults_name_their_line(data: bytes, line: int, what: str) -> None:
    with pytest.raises(DataError, match=what) as caught:
        fields(read(data))
    assert (caught.value.where, caught.value.line) == ("people.csv", line)


def test_nothing_at_all() -> None:
    with pytest.raises(DataError, match="empty"):
        DelimitedReader(iter([]), "people.csv")


def test_a_header_may_hold_line_breaks_in_quotes() -> None:
    reader = read(b'"i\rd\n",name\n1,Kim\n')
    assert (reader.columns, fields(reader)) == (["i\rd\n", "name"], [["1", "Kim"]])


@pytest.mark.parametrize("line", [b'a""b,c', b'",b,"', b'"'], ids=repr)
def test_quotes_without_end_take_linear_time(line: bytes) -> None:
    started = time.process_time()
    with pytest.raises(DataError):
        fields(read(b'id,name\n1,"' + b"\n".join([line] * 100_000), window=1000))
    assert time.process_time() - started < 5


@given(st.text('",;\r\nab', max_size=12))
def test_a_row_goes_on_for_as_long_as_csv_says(text: str) -> None:
    lines = text.split("\n")
    for end in range(1, len(lines) + 1):
        so_far = "\n".join(lines[:end])
        try:
            rows = list(csv.reader(['"' + so_far], strict=True))
        except csv.Error as error:
            assert ends_open(lines[end - 1].encode(), b",") == (str(error) == "unexpected end of data")
            if str(error) != "unexpected end of data":
                return
        else:
            assert len(rows) == 1
            assert not ends_open(lines[end - 1].encode(), b",")
            return
