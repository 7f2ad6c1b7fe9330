"""TSV and CSV: columns, escapes, and rows that another reader understands."""

import csv
import io
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.formats.rows import Records
from charnn_cli.predict.answers import Answers
from charnn_cli.render import renderer
from charnn_cli.render.added import READ_AS, REASON, Added
from charnn_cli.render.delimited import csv_field, tsv_field, unused

LABELS = ("Côte, d'Azur", "English")


def answers(reasons: list[str | None], k: int = 1) -> Answers:
    count = len(reasons)
    shares = np.tile(np.array([[0.1, 0.90000004]], dtype=np.float32)[:, :k], (count, 1))
    return Answers(LABELS, reasons, np.tile(np.array([[1, 0]])[:, :k], (count, 1)), shares, np.log(shares))


@given(st.text(max_size=12))
def test_csv_fields_are_read_as_they_were(text: str) -> None:
    row = next(csv.reader(io.StringIO(f"1,{csv_field(text)}\n", newline=""), strict=True))
    assert row == ["1", text]


@given(st.text(max_size=12))
def test_tsv_fields_are_one_field_and_can_be_unescaped(text: str) -> None:
    field = tsv_field(text)
    assert "\t" not in field
    assert "\n" not in field
    assert "\r" not in field
    parts = field.split("\\\\")
    assert "\\".join(part.replace("\\t", "\t").replace("\\n", "\n").replace("\\r", "\r") for part in parts) == text


def test_tsv() -> None:
    tsv = renderer("tsv", 1)
    assert tsv.begin(None) == b"name\torigin\tprobability\tstatus\treason\n"
    rows = tsv.answers(["Kim\t", "x\udcff", ""], answers([None, None, "empty"]), with_name=True)
    assert rows == [b"Kim\\t\tEnglish\t0.1\tok\t\n", b"x\xff\tEnglish\t0.1\tok\t\n", b"\t\t\tabstained\tempty\n"]


def test_csv_with_more_origins_than_there_are() -> None:
    table = renderer("csv", 3)
    assert (
        table.begin(None)
        == b"name,origin_1,probability_1,origin_2,probability_2,origin_3,probability_3,status,reason\n"
    )
    rows = table.answers(['a"b', "1"], answers([None, "no_letters"], k=2), with_name=True)
    assert rows == ['"a""b",English,0.1,"Côte, d\'Azur",0.90000004,,,ok,\n'.encode(), b"1,,,,,,,abstained,no_letters\n"]


def test_the_part_that_was_read_is_a_column() -> None:
    table = renderer("csv", 1, Added((REASON, READ_AS)))
    assert table.begin(["read_as"]) == b"read_as,origin,probability,status,reason,charnn_read_as\n"
    found = replace(answers([None, None, "empty"]), read_as=['Hin"ton', None, None])
    rows = table.answers(['Geoffrey Hin"ton', "Kim", ""], found, with_name=False)
    assert rows == [b',English,0.1,ok,,"Hin""ton"\n', b",English,0.1,ok,,\n", b",,,abstained,empty,\n"]


def test_no_header() -> None:
    assert renderer("tsv", 1, header=False).begin(None) == b""


def test_columns_that_are_taken_get_a_prefix() -> None:
    assert unused(["origin", "status"], ["status", "name", "charnn_status"]) == ["origin", "charnn_charnn_status"]
    assert renderer("csv", 1).begin(["a,b", "origin"]) == b'"a,b",origin,charnn_origin,probability,status,reason\n'


def test_rows_of_the_input_keep_their_text() -> None:
    records = Records([b"Kim", b"Li"], lambda: [[b"1", b"Kim"], [b"a\tb", b'"L"']], raw=[b"1,Kim", None])
    table, tsv = renderer("csv", 1), renderer("tsv", 1)
    tails = table.answers(["Kim", "Li"], answers([None, "empty"]), with_name=False)
    assert table.records(records, tails, separator=b",") == b'1,Kim,English,0.1,ok,\na\tb,"""L""",,,abstained,empty\n'
    tails = tsv.answers(["Kim", "Li"], answers([None, "empty"]), with_name=False)
    assert (
        tsv.records(records, tails, separator=b",") == b'1\tKim\tEnglish\t0.1\tok\t\na\\tb\t"L"\t\t\tabstained\tempty\n'
    )
