"""Properties of what reads people's files, for inputs that Hypothesis makes; `make torture` tries many more of them."""

import csv
import importlib
import io
import json
from pathlib import Path

import pytest
from common import scratch
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.data import read
from charnn_cli.formats.delimited import DelimitedReader
from charnn_cli.text import TextRules, normalise

RULES = TextRules()
TAB = "\t"
TARGETS = ("text", "readers", "input", "config", "model", "run")
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufffd\r\n"), max_size=12)
LABELS = st.sampled_from(["Dutch", "Ancient Greek", "Čech", "日本", "a,b", 'say "x"', "7"])
ROWS = st.lists(st.tuples(NAMES, LABELS), max_size=12)


def _delimited(rows: list[tuple[str, str]], delimiter: str, end: str) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("name", "origin"), *rows])
    return stream.getvalue().encode()


def _tsv(rows: list[tuple[str, str]], end: str) -> bytes:
    """Fields as they are, between tabs: TSV knows no quotes."""
    return "".join(f"{name.replace(TAB, ' ')}\t{origin}{end}" for name, origin in [("name", "origin"), *rows]).encode()


def _files(rows: list[tuple[str, str]], end: str) -> dict[str, bytes]:
    objects = (json.dumps({"origin": origin, "name": name}) for name, origin in rows)
    return {
        "rows.csv": _delimited(rows, ",", end),
        "semicolons.csv": b"\xef\xbb\xbf" + _delimited(rows, ";", end),
        "rows.tsv": _tsv(rows, end),
        "utf16.csv": _delimited(rows, ",", end).decode().encode("utf-16"),
        "rows.ndjson": "".join(f"{line}{end}" for line in objects).encode(),
    }


@given(rows=ROWS, end=st.sampled_from(["\n", "\r\n"]))
def test_every_format_gives_the_rows_that_were_written(rows: list[tuple[str, str]], end: str) -> None:
    texts = {(normalise(name, RULES), origin) for name, origin in rows}
    expected = {(text, origin) for text, origin in texts if any(map(str.isalpha, text))}
    if not expected:
        return
    for name, content in _files(rows, end).items():
        path = scratch() / name
        path.write_bytes(content)
        dataset = read(path, rules=RULES, strict=False)
        origins = (dataset.labels[origin] for origin in dataset.origins)
        assert set(zip(dataset.texts, origins, strict=True)) == expected
        assert dataset.report.rows == len(rows)
        assert dataset.report.faults.count == (len(dataset.labels) == 1)


FIELDS = st.text(st.characters(codec="utf-8"), max_size=8)


@given(rows=st.lists(st.tuples(FIELDS, FIELDS), min_size=1, max_size=8), end=st.sampled_from(["\n", "\r\n"]))
def test_rows_to_predict_come_back_as_they_were_written(rows: list[tuple[str, str]], end: str) -> None:
    content = _delimited(rows, ",", end).removesuffix(b"\n")
    reader = DelimitedReader(iter([content.split(b"\n")]), "stdin")
    assert [tuple(field.decode() for field in row) for records in reader for row in records.fields] == rows


@pytest.mark.parametrize("target", TARGETS)
@given(data=st.data())
def test_no_input_breaks_a_target(target: str, data: st.DataObject) -> None:
    """Two of the target's seeds cut and joined around a few bytes, or bytes alone."""
    module = importlib.import_module(f"fuzz_{target}")
    one, other = (data.draw(st.sampled_from(module.SEEDS)) for _ in range(2))
    start, end = (data.draw(st.integers(0, len(seed))) for seed in (one, other))
    module.check(one[:start] + data.draw(st.binary(max_size=6)) + other[end:])


@pytest.mark.parametrize("target", TARGETS)
def test_seeds_and_what_once_found_a_fault(target: str) -> None:
    """The files of found/<target>/ are inputs that found something, each named for what it found."""
    module = importlib.import_module(f"fuzz_{target}")
    found = sorted((Path(__file__).parent / "found" / target).glob("*"))
    for content in (*module.SEEDS, *(path.read_bytes() for path in found)):
        module.check(content)
