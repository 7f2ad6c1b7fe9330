"""NDJSON and JSON: what is read back is what was said."""

import json
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.formats.rows import Records
from charnn_cli.predict import Explanation
from charnn_cli.predict.answers import Answers
from charnn_cli.predict.predictor import ToldByPart
from charnn_cli.render import renderer
from charnn_cli.render.added import READ_AS, REASON, Added
from charnn_cli.render.json_format import json_string


def answers(reasons: list[str | None]) -> Answers:
    count = len(reasons)
    shares = np.tile(np.array([[0.75, 0.0]], dtype=np.float32), (count, 1))
    with np.errstate(divide="ignore"):
        return Answers(("a", 'b"'), reasons, np.tile(np.array([[1, 0]]), (count, 1)), shares, np.log(shares))


@given(st.text(st.characters(exclude_categories=[]), max_size=12))
def test_strings_are_utf_8_and_come_back(text: str) -> None:
    assert json.loads(json_string(text).decode("utf-8")) == text


def test_ndjson() -> None:
    ndjson = renderer("ndjson", 2)
    lines = ndjson.rows(ndjson.answers(["Kim\n", "1"], answers([None, "no_letters"]), with_name=True)).splitlines()
    guesses = [
        {"origin": 'b"', "probability": 0.75, "log_probability": -0.2876821},
        {"origin": "a", "probability": 0.0, "log_probability": None},
    ]
    assert [json.loads(line) for line in lines] == [
        {"name": "Kim\n", "status": "ok", "reason": None, "predictions": guesses},
        {"name": "1", "status": "abstained", "reason": "no_letters", "predictions": []},
    ]


def test_the_part_that_was_read_is_a_key() -> None:
    ndjson = renderer("ndjson", 2, Added((REASON, READ_AS)))
    found = replace(answers([None, "empty"]), read_as=['O"Neil', None])
    lines = ndjson.rows(ndjson.answers(['Bo O"Neil', ""], found, with_name=True)).splitlines()
    assert [json.loads(line)["read_as"] for line in lines] == ['O"Neil', None]


def test_an_explanation_tells_what_given_and_family_name_say() -> None:
    ndjson = renderer("ndjson", 2)
    (row,) = ndjson.answers(["Al Kim"], answers([None]), with_name=True)
    parts = (ToldByPart("given", "Al", "a", 1 / 3), ToldByPart("family", "Kim", 'b"', 0.9))
    explanation = Explanation("k", "a", ("a", 'b"'), np.array([[0.4, 0.6]]), np.array([1.5]), parts)
    (line,) = ndjson.rows([ndjson.explained(row, explanation)]).splitlines()
    assert json.loads(line)["explanation"]["parts"] == [
        {"part": "given", "name": "Al", "origin": "a", "probability": 0.3333333},
        {"part": "family", "name": "Kim", "origin": 'b"', "probability": 0.9},
    ]


def test_ndjson_carries_the_input() -> None:
    ndjson = renderer("ndjson", 2)
    assert ndjson.begin(["id", "né"]) == b""
    rows = ndjson.answers(["Kim"], answers(["empty"]), with_name=True)
    records = Records([b"Kim"], lambda: [[b"1", b"Kim"]], raw=[b"1,Kim"])
    (line,) = ndjson.records(records, rows, separator=b",").splitlines()
    assert json.loads(line)["input"] == {"id": "1", "né": "Kim"}


@given(st.lists(st.integers(0, 3), max_size=4))
def test_json_is_one_array_whatever_the_windows(windows: list[int]) -> None:
    array = renderer("json", 2)
    parts = [array.begin(None)]
    for size in windows:
        parts.append(array.rows(array.answers(["Kim"] * size, answers([None] * size), with_name=True)))
    value = json.loads(b"".join([*parts, array.end()]))
    assert [row["name"] for row in value] == ["Kim"] * sum(windows)
