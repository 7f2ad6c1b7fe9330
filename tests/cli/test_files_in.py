"""Every command reads a file alike: `train`, `evaluate`, `predict` and the parts of the bulk path."""

import csv
import io
import json
import os
from pathlib import Path

import pytest

from charnn_cli.bulk.blocks import blocks, rows_of
from charnn_cli.formats.opening import opened_rows

LF = [("Rossi", "Italian"), ("Mori", "Japanese"), ("Łukasz", "Russian")]
CASES = [
    ("quote-in-label.tsv", 'name\torigin\nAshby\tEnglish\nTanabe\t"J\nKowalczyk\tPolish\nPetrov\tR"\nSato\tJ\n', 5),
    ("quoted-nickname.tsv", 'name\torigin\n"Bud Ashby\tEnglish\nTanabe\tJ\nVangsnes"\tNorwegian\nPetrov\tR\n', 4),
    ("quote-in-note.tsv", 'name\torigin\tnote\nAshby\tE\t"see\nTanabe\tJ\t\nKow\tP\t12"\nPetrov\tR\t\nSato\tJ\tx\n', 5),
    ("inside.tsv", 'id\tname\tcountry\nnm1\t"Tiny" Tim Ashby\tEnglish\nnm2\tHiro\tJapanese\nnm3\tOle\tNorwegian\n', 3),
    ("inside.csv", 'id,name,country\n1,Tim "Tiny" Ashby,English\n2,"Hiro, ""T""",Japanese\n3,Ole,Norwegian\n', 3),
    ("tabs.csv", 'name\torigin\nAshby, "T"\tEnglish\nTanabe\tJapanese\n', 2),
    ("pipes.csv", "name|origin\nAshby, T|English\nTanabe, K|Japanese\n", 2),
    ("comma-in-heading.csv", 'id, no;"name";origin\n1;Ashby, T;English\n2;Tanabe, K;Japanese\n', 2),
    ("as-many-commas.csv", "id,a,b;name;origin\n1;Ashby;English\n2;Tanabe;Japanese\n", 2),
    ("rows.ndjson", '{"name": "Ashby", "origin": "E"}\n\n{"name": "Tanabe", "origin": "J"}\n', 2),
    ("rows.jsonl", '{"origin": 1, "name": "Ashby"}\n{"name": "Tanabe", "origin": 2, "more": [1]}\n', 2),
    ("array.json", '[\n {"name": "Ashby",\n  "origin": "E"},\n {"name": "Tanabe", "origin": "J"}\n]\n', 2),
    ("one-line.json", '[{"name": "Ashby", "origin": "E"}, {"name": "Tanabe", "origin": "J"}]', 2),
    ("lines.json", '{"name": "Ashby", "origin": "E"}\n{"name": "Tanabe", "origin": "J"}', 2),
    ("accents.csv", "Full  NÁME,Natiónality\nAshby,English\nTanabe,Japanese\n", 2),
    ("table.tab", "name\torigin\nAshby\tEnglish\nTanabe\tJapanese\n", 2),
]  # fmt: skip


def written(path: Path, content: "str | bytes") -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def names_of(path: Path, column: str | None = None) -> list[bytes]:
    with opened_rows(str(path), column, "column") as source:
        return [name for records in source for name in records.names]  # type: ignore[union-attr]


def names_in_parts(path: Path, column: str | None = None) -> list[bytes]:
    names = []
    for block in blocks(str(path), column, block_bytes=1, window_bytes=8):
        with rows_of(str(path), column, block) as source:
            names += [name for records in source for name in records.names]  # type: ignore[union-attr]
    return names


def rows_of_training(charnn, path: Path, *words: str) -> int:
    done = charnn("train", path, "--dry-run", "--format", "json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["rows"]


@pytest.mark.parametrize(("name", "content", "rows"), CASES, ids=[case[0] for case in CASES])
def test_train_predict_and_parts_find_the_same_rows(name: str, content: str, rows: int, charnn, tmp_path: Path) -> None:
    path = written(tmp_path / name, content)
    found = names_of(path)
    assert len(found) == rows
    assert b"Ashby" in b" ".join(found)
    assert names_in_parts(path) == found
    assert rows_of_training(charnn, path) == rows


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("suffix", [".csv", ".tab", ".jsonl", ".json"])
def test_marks_and_line_ends(suffix: str, end: str, encoding: str, charnn, tmp_path: Path) -> None:
    objects = [json.dumps({"name": name, "origin": origin}) for name, origin in LF]
    separator = "\t" if suffix == ".tab" else ","
    lines = {".jsonl": objects, ".json": ["[", *(",".join(objects)).split(",", 0), "]"]}.get(
        suffix, [f"name{separator}origin", *(separator.join(row) for row in LF)]
    )
    path = written(tmp_path / f"x{suffix}", end.join([*lines, ""]).encode(encoding))
    assert names_of(path) == names_in_parts(path) == [name.encode() for name, _ in LF]
    if end == "\r":
        assert rows_of_training(charnn, path) == 3


def test_parquet_under_its_other_suffix(charnn, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    names, origins = zip(*LF, strict=True)
    parquet.write_table(pyarrow.table({"Surname": names, "label": [1, 2, 3], "x": origins}), tmp_path / "x.pq")
    assert names_of(tmp_path / "x.pq") == names_in_parts(tmp_path / "x.pq") == [name.encode() for name in names]
    assert rows_of_training(charnn, tmp_path / "x.pq") == 3
    parquet.write_table(pyarrow.table({"name": [True, False], "origin": ["a", "b"]}), tmp_path / "x.pq")
    for words in (("train", "x.pq", "--dry-run"), ("predict", "--input", "x.pq")):
        done = charnn(*words)
        assert done.returncode == 2
        assert done.stderr == "charnn: error: x.pq: column 'name' holds bool; give a column of text\n"


def test_headings_that_are_numbers(charnn, tmp_path: Path) -> None:
    path = written(
        tmp_path / "x.csv", ",0,1,true,[x]\n0,Ashby,English,a,b\n1,Tanabe,Japanese,c,d\n2,Petrov,Russian,e,f\n"
    )
    assert names_of(path, "0") == [b"Ashby", b"Tanabe", b"Petrov"]
    for name, origin in (("0", "1"), ("true", "1"), ("[x]", "0"), ("'0'", "true")):
        words = ("--set", f"data.name_column={name}", "--set", f"data.origin_column={origin}")
        assert rows_of_training(charnn, path, *words) == 3


def test_predict_finds_the_usual_heading_and_says_which(charnn, tiny_run: Path, tmp_path: Path) -> None:
    written(tmp_path / "x.csv", "id;Full Name\n1;Rossi\n2;Mori\n")
    done = charnn("predict", "--model", tiny_run, "--input", "x.csv", "--format", "csv")
    assert (done.returncode, done.stderr.splitlines()) == (0, [
        "charnn: names are read from column 'Full Name' (--column NAME chooses another)",
        f"charnn: 2 rows, 0 without an answer; answered by {tiny_run}",
    ])  # fmt: skip
    assert [row[:2] for row in csv.reader(io.StringIO(done.stdout))] == [
        ["id", "Full Name"],
        ["1", "Rossi"],
        ["2", "Mori"],
    ]
    quiet = charnn("predict", "--model", tiny_run, "--input", "x.csv", "--format", "csv", "--quiet")
    assert (quiet.stdout, quiet.stderr) == (done.stdout, "")


@pytest.mark.parametrize("way", ["rows.ndjson", "stdin", "rows.txt"])
def test_objects_are_rows_and_never_names(way: str, charnn, tiny_run: Path, tmp_path: Path) -> None:
    content = '{"name": "Ashby", "id": 1}\n{"id": 2.50, "name": "Tanabe"}\n{"name": null}\n'
    words = ["predict", "--model", tiny_run, "--format", "ndjson", "--quiet"]
    if way == "stdin":
        done = charnn(*words, input=content)
    else:
        written(tmp_path / way, content)
        done = charnn(*words, "--input", way)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["name"] for row in rows] == ["Ashby", "Tanabe", ""]
    assert [row["input"] for row in rows] == [{"name": "Ashby", "id": 1}, {"id": 2.5, "name": "Tanabe"}, {"name": None}]
    assert '"input": {"id": 2.50, "name": "Tanabe"}' in done.stdout
    named = charnn(*words, "--column", "id", input='{"name": "Ashby", "id": true}\n')
    assert (named.returncode, named.stderr) == (
        2, "charnn: error: stdin:1: 'id' is no text (true); write it as a string\n",
    )  # fmt: skip


def test_rows_with_other_keys_do_not_fit_into_columns(charnn, tiny_run: Path, tmp_path: Path) -> None:
    written(tmp_path / "x.ndjson", '{"name": "Rossi", "tags": ["a"]}\n{"name": "Mori", "age": 7}\n')
    done = charnn("predict", "--model", tiny_run, "--input", "x.ndjson", "--column", "name", "--output", "out.csv")
    told = "x.ndjson:2: the first object has no key 'age'; choose ndjson, which keeps the keys of every row"
    assert done.stderr == f"charnn: error: {told}\n"
    assert os.listdir(tmp_path) == ["x.ndjson"]
    written(tmp_path / "x.ndjson", '{"name": "Rossi", "tags": ["a"]}\n{"name": "Mori"}\n')
    done = charnn("predict", "--model", tiny_run, "--input", "x.ndjson", "--column", "name", "--format", "csv")
    assert [row[:2] for row in csv.reader(io.StringIO(done.stdout))] == [
        ["name", "tags"],
        ["Rossi", '["a"]'],
        ["Mori", ""],
    ]


@pytest.mark.parametrize("suffix", [".txt", ".tsv", ".csv"])
@pytest.mark.parametrize("layout", ["tsv", "csv"])
def test_a_carriage_return_makes_no_row(layout: str, suffix: str, charnn, tiny_run: Path, tmp_path: Path) -> None:
    content = {".txt": "", ".tsv": "name\n", ".csv": "name\n"}[suffix] + "Kow\rMalski\nHinton\n"
    path = written(tmp_path / f"x{suffix}", content)
    words = ("predict", "--model", tiny_run, "--input", path, "--output", f"out.{layout}", "--quiet")
    assert charnn(*words).returncode == 0
    for end in ("", None):
        with (tmp_path / f"out.{layout}").open(newline=end, encoding="utf-8") as stream:
            rows = list(csv.reader(stream, delimiter="\t" if layout == "tsv" else ","))
        place = rows[0].index("status")
        assert [row[place] for row in rows] == ["status", "ok", "ok"]


def test_what_predict_writes_evaluate_reads(charnn, tiny_run: Path, tmp_path: Path) -> None:
    names = ["Rossi", '"Mori', "Suzuki\tTanaka", "Ivanov\\", 'Petrov"', "Kow\rMalski"]
    written(tmp_path / "names.txt", "\n".join([*names, ""]))
    for suffix in ("tsv", "csv", "tab"):
        out = f"out.{suffix}"
        assert charnn("predict", "--model", tiny_run, "--input", "names.txt", "--output", out).returncode == 0
        done = charnn("evaluate", tiny_run, "--data", out, "--format", "json")
        assert done.returncode == 0, done.stderr
        figures = json.loads(done.stdout)
        assert figures["n"] == len(names)
        if suffix == "csv":
            assert figures["metrics"]["accuracy"] == 1
