"""Encodings, separators, several columns, and files that are written for others."""

import csv
import gzip
import io
import json
import re
from pathlib import Path

import pytest

LATIN = "id;name\n1;Muñoz\n2;Elósegui\n3;Müller\n4;Ashby\n".encode("latin-1")


@pytest.fixture
def latin(tmp_path: Path) -> Path:
    (tmp_path / "latin1.csv").write_bytes(LATIN)
    return tmp_path / "latin1.csv"


def notes_of(done) -> list[str]:
    """What was said on the way, before the line that sums up."""
    lines = done.stderr.splitlines()
    assert re.search(" rows?, ", lines[-1]), lines
    return lines[:-1]


def names_of(done, column: str = "name") -> list[str]:
    assert done.returncode == 0, done.stderr
    return [row[column] for row in csv.DictReader(io.StringIO(done.stdout))]


def test_bytes_that_are_no_utf_8_are_told_and_never_guessed_at_in_silence(charnn, tiny_run: Path, latin: Path) -> None:
    words = ("predict", "--model", tiny_run, "--format", "csv")
    told = "2: not UTF-8 (byte 0xF1), and so 3 lines; save the file as UTF-8, or give its encoding, likely cp1252"
    done = charnn(*words, "--input", latin.name)
    assert (done.returncode, done.stderr) == (2, f"charnn: error: latin1.csv:{told}\n")
    (latin.parent / "train.csv").write_bytes(LATIN.replace(b"id;", b"origin;"))
    done = charnn("train", "train.csv", "--dry-run")
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, f"charnn: error: train.csv:{told}")
    done = charnn(*words, text=False, input="Müller\n".encode("latin-1"))
    assert (done.returncode, done.stderr.decode()) == (
        2,
        "charnn: error: stdin:1: not UTF-8 (byte 0xFC), and so at least 1 line; "
        "save the file as UTF-8, or give its encoding, likely cp1252\n",
    )


def test_an_encoding_that_is_given_is_read(charnn, tiny_run: Path, latin: Path) -> None:
    words = ("predict", "--model", tiny_run, "--format", "csv", "--input", latin.name)
    expected = ["Muñoz", "Elósegui", "Müller", "Ashby"]
    assert names_of(charnn(*words, "--encoding", "latin-1", "--quiet")) == expected
    guessed = charnn(*words, "--encoding", "auto", "--column", "name")
    assert names_of(guessed) == expected
    assert notes_of(guessed) == ["charnn: latin1.csv: read as cp1252, which is a guess"]
    (latin.parent / "utf8.csv").write_text("name\nMuñoz\n", encoding="utf-8")
    plain = charnn(*words[:-1], "utf8.csv", "--encoding", "auto", "--column", "name")
    assert (names_of(plain), notes_of(plain)) == (["Muñoz"], [])
    zipped = latin.parent / "latin1.csv.gz"
    zipped.write_bytes(gzip.compress(LATIN))
    assert names_of(charnn(*words[:-1], zipped.name, "--encoding", "auto", "--quiet")) == expected
    for name, what in (
        ("latin-99", "no encoding is called 'latin-99'; give utf-8, latin-1"),
        ("base64", "no encoding is called 'base64'"),
        ("shift_jis", "latin1.csv:2: not shift_jis (byte 0x"),
    ):
        done = charnn(*words, "--encoding", name)
        assert done.returncode == 2
        assert done.stderr.splitlines()[-1].startswith(f"charnn: error: {what}")


def test_mojibake_is_told_of(charnn, tiny_run: Path, tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("Rossi\nMÃ¼ller\nGarcÃ\u00ada\n", encoding="utf-8")
    done = charnn("predict", "--model", tiny_run, "--input", "names.txt", "--format", "csv")
    assert done.returncode == 0
    assert notes_of(done) == ["charnn: names.txt:2: looks like UTF-8 that was read as Latin-1"]
    (tmp_path / "names.txt").write_text("Rossi\nMüller\nÂngela\nÃlvaro\n", encoding="utf-8")
    assert notes_of(charnn("predict", "--model", tiny_run, "--input", "names.txt")) == []


def test_columns_are_joined_in_the_order_they_are_given_in(charnn, tiny_run: Path, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("Last Name,id,First name\nRossi,1,Anna\nMori,2,\n,3, Ken \n")
    words = ["predict", "--model", tiny_run, "--input", "x.csv", "--column", "first name", "--column", "last name"]
    rows = [json.loads(line) for line in charnn(*words, "--format", "ndjson").stdout.splitlines()]
    assert [row["name"] for row in rows] == ["Anna Rossi", "Mori", "Ken"]
    assert rows[0]["input"] == {"Last Name": "Rossi", "id": "1", "First name": "Anna"}
    alone = charnn("predict", "--model", tiny_run, "Anna Rossi", "--format", "csv", "--no-header").stdout
    joined = charnn(*words, "--format", "csv", "--no-header").stdout.splitlines()
    assert joined[0].split(",")[3:] == alone.strip().split(",")[1:]
    (tmp_path / "x.ndjson").write_text('{"a": "Anna", "b": "Rossi"}\n{"b": "Mori", "a": null}\n')
    words = ["predict", "--model", tiny_run, "--input", "x.ndjson", "--column", "a", "--column", "b"]
    rows = [json.loads(line)["name"] for line in charnn(*words, "--format", "ndjson").stdout.splitlines()]
    assert rows == ["Anna Rossi", "Mori"]


def test_joined_columns_of_parquet(charnn, tiny_run: Path, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.table({"a": ["Anna", None], "b": ["Rossi", "Mori"]}), tmp_path / "x.parquet")
    words = ("--input", "x.parquet", "--column", "a", "--column", "b", "--format", "ndjson")
    done = charnn("predict", "--model", tiny_run, *words)
    assert [json.loads(line)["name"] for line in done.stdout.splitlines()] == ["Anna Rossi", "Mori"]


@pytest.mark.parametrize(("taken", "other"), [("full name", "surname"), ("Last Name", "First Name")])
def test_a_choice_between_columns_is_said(taken: str, other: str, charnn, tiny_run: Path, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(f"{other},{taken},id\nRossi,Anna Rossi,1\n")
    done = charnn("predict", "--model", tiny_run, "--input", "x.csv", "--format", "csv")
    said = f"charnn: names are read from column '{taken}', not '{other}' (--column NAME chooses another)"
    assert said in notes_of(done)


@pytest.mark.parametrize(("given", "separator"), [("^", "^"), ("tab", "\t"), ("|", "|")])
def test_a_delimiter_may_be_given(given: str, separator: str, charnn, tiny_run: Path, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(f"id{separator}name\n1{separator}Rossi, A\n")
    done = charnn(
        "predict", "--model", tiny_run, "--input", "x.txt", "--delimiter", given, "--format", "csv", "--quiet"
    )
    assert names_of(done) == ["Rossi, A"]
    for wrong in ("", "ab", '"', "é"):
        done = charnn("predict", "--model", tiny_run, "--input", "x.txt", "--delimiter", wrong)
        assert (done.returncode, done.stderr) == (
            2, f"charnn: error: --delimiter is '{wrong}'; give one character of ASCII, or tab\n",
        )  # fmt: skip


def test_what_is_written(charnn, tiny_run: Path, tmp_path: Path) -> None:
    words = ("predict", "--model", tiny_run, "Rossi", "Mori")
    plain = charnn(*words, "--format", "csv").stdout.encode()
    for name in ("out.csv", "out.csv.gz", "OUT.CSV.GZ"):
        assert charnn(*words, "--output", name).returncode == 0
        content = (tmp_path / name).read_bytes()
        assert (gzip.decompress(content) if "gz" in name.lower() else content) == plain
    before = (tmp_path / "out.csv.gz").read_bytes()
    assert charnn(*words, "--output", "out.csv.gz").returncode == 0
    assert (tmp_path / "out.csv.gz").read_bytes() == before
    assert charnn(*words, "--output", "excel.csv", "--bom").returncode == 0
    assert (tmp_path / "excel.csv").read_bytes() == b"\xef\xbb\xbf" + plain
    assert names_of(charnn("predict", "--model", tiny_run, "--input", "excel.csv", "--format", "csv")) == [
        "Rossi", "Mori",
    ]  # fmt: skip
    assert charnn(*words, "--output", "any", "--format", "csv").returncode == 0
    assert (tmp_path / "any").read_bytes() == plain


@pytest.mark.parametrize("name", ["out.xls", "out.xlsx", "out.csv.bz2", "out.parquet.gz", "out.pdf"])
def test_a_suffix_that_says_nothing_is_refused(name: str, charnn, tiny_run: Path, tmp_path: Path) -> None:
    done = charnn("predict", "--model", tiny_run, "Rossi", "--output", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        f"charnn: error: --output {name} ends in no layout that charnn writes; choose .txt, .csv"
    )
    assert list(tmp_path.iterdir()) == []
    done = charnn("predict", "--model", tiny_run, "Rossi", "--output", f"{name}.pq", "--format", "csv")
    what = f"--output {name}.pq would hold csv, which its name does not say"
    assert done.stderr == f"charnn: error: {what}; end the name otherwise, or leave --format out\n"
    done = charnn("predict", "--model", tiny_run, "Rossi", "--output", "out.ndjson", "--bom")
    assert done.stderr == "charnn: error: --bom is for csv and tsv, not for ndjson; leave it out\n"


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    rows = [("Muñoz", "Italian"), ("Rossi", "Italian"), ("Mori", "Japanese"), ("Suzuki", "Japanese")]
    lines = ["0;who;from where;name", *(f"{number};{name};{origin};x" for number, (name, origin) in enumerate(rows))]
    (tmp_path / "table.csv").write_text("\n".join(lines) + "\n", encoding="latin-1")
    return tmp_path / "table.csv"


@pytest.mark.parametrize("encoding", ["latin-1", "auto"])
def test_train_evaluate_and_plot_take_the_columns_and_the_encoding(
    encoding: str, charnn, labelled: Path, tiny_run
) -> None:
    words = [f"data.encoding={encoding}", "data.name_column=who", "data.origin_column=from where"]
    trained = charnn(
        "train", labelled, "--dry-run", "--format", "json", *(part for word in words for part in ("--set", word))
    )
    assert trained.returncode == 0, trained.stderr
    assert json.loads(trained.stdout)["rows"] == 4
    assert ("which is a guess" in trained.stderr) == (encoding == "auto")
    options = ("--data", labelled, "--name-column", "who", "--origin-column", "FROM_WHERE", "--encoding", encoding)
    done = charnn("evaluate", tiny_run, *options, "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["n"] == 4
    drawn = charnn("plot", "confusion", tiny_run, *options, "-o", "x.svg")
    assert drawn.returncode == 0, drawn.stderr
    plain = charnn("evaluate", tiny_run, "--data", labelled)
    assert "no column of origins among '0', 'who', 'from where', 'name'" in plain.stderr
    assert "or give --origin-column\n" in plain.stderr
    assert (
        "table.csv:2: not UTF-8 (byte 0xF1); save the file as UTF-8, or give its encoding, likely cp1252"
        in plain.stderr
    )


def test_options_of_a_table_need_one(charnn, tiny_run: Path, small_names: Path) -> None:
    for command in (("evaluate",), ("plot", "confusion")):
        done = charnn(*command, tiny_run, "--origin-column", "x")
        assert done.stderr == (
            "charnn: error: --origin-column is for the table that --data names; give the table, or leave it out\n"
        )
        done = charnn(*command, tiny_run, "--data", small_names, "--name-column", "x")
        assert "is a folder, which has no columns; leave --name-column out, or give a table" in done.stderr


def test_train_says_which_of_several_columns_it_takes(charnn, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("surname,full name,origin\nRossi,Anna Rossi,Italian\nMori,Ken Mori,Japanese\n")
    done = charnn("train", "x.csv", "--dry-run")
    assert done.returncode == 0
    assert done.stderr == (
        "charnn: note: names are read from column 'full name', not 'surname' "
        "(--set data.name_column=HEADING chooses another)\n"
    )
