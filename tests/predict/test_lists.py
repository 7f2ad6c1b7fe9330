"""`predict --summary` and `--prior list`: lists with the model in the box, and what is no list."""

import csv
import gzip
import io
import json
from pathlib import Path

import numpy as np
import pytest

from charnn_cli.predict.lists import Sample

# Family names of which most are told; no one person's.
NAMES = {
    "Japanese": "Suzuki Tanaka Yamamoto Nakamura Kobayashi Yoshida Matsumoto Inoue Kimura Hayashi Shimizu Yamazaki",
    "Polish": "Kowalski Nowakowski Wojciechowski Kaczmarek Szymanski Dabrowski Kozlowski Jankowski Wisniewski",
    "Greek": "Papadopoulos Georgiou Nikolaidis Papageorgiou Dimitriou Economou Pappas Vlachos Samaras",
}


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gzipped table of 300 rows with two columns of a name, one of which is blank in every tenth row."""
    path = tmp_path_factory.mktemp("list") / "list.csv.gz"
    names = [name for surnames in NAMES.values() for name in surnames.split()]
    rows = ["id,given,family", *(f"{row},,{names[row % len(names)] if row % 10 else ''}" for row in range(300))]
    path.write_bytes(gzip.compress("\n".join([*rows, ""]).encode()))
    return path


def test_a_summary_beside_the_rows(charnn, listed: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    words = ("predict", "--input", listed, "--column", "given", "--column", "family", "--prior", "list", "--summary")
    done = charnn(*words, "--format", "json", "--output", "out.csv", "--group", "regions")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["rows"], told["answered"], told["abstained"]) == (300, 270, {"empty": 30})
    assert sum(line["share"] for line in told["shares"]) == pytest.approx(1)
    assert [line["origin"] for line in told["shares"][:3]] == ["Japanese", "Greek", "Polish"]
    with (tmp_path / "out.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    counted = {line["origin"]: line["count"] for line in told["shares"] if line["count"]}
    assert counted == {origin: sum(row["origin"] == origin for row in rows) for origin in counted}
    assert sum(counted.values()) == sum(group["count"] for group in told["groups"]) == 270
    assert "300 rows, 30 without an answer (30 empty)" in done.stderr


def test_a_summary_of_a_stream_in_place_of_the_rows(charnn, listed: Path) -> None:  # type: ignore[no-untyped-def]
    text = gzip.decompress(listed.read_bytes()).decode()
    done = charnn("predict", "--column", "family", "--summary", input=text)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout), delimiter="\t"))
    assert {row["origin"] for row in rows[:3]} == {"Japanese", "Greek", "Polish"}
    few = charnn("predict", "Suzuki", "Tanaka", "--summary")
    assert "note: shares: as in training: too few names (2) to tell their own" in few.stderr
    shown = charnn("predict", "--column", "family", "--summary", "--format", "table", input=text).stdout
    assert shown.startswith("300 rows: 270 answered, 30 not (30 empty); in ")
    assert "###" in shown


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--prior", "list"], "--prior list reads the names twice, and a stream comes once; give a file"),
        (["Kim", "Li", "--prior", "list"], "told by 50 readable names or more, not 2"),
        (["--summary", "--format", "ndjson"], "--summary is not written as ndjson; choose table, json, csv or tsv"),
        (["--summary", "--output", "-"], "would mix on stdout"),
        (["--summary", "--explain"], "--explain is of rows"),
        (["--summary", "--input", "list", "--output", "out.csv", "--resume"], "--resume does not go on with a summary"),
    ],
)
def test_what_does_not_fit(words: list[str], what: str, charnn, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "list").write_text("Kim\n")
    done = charnn("predict", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert what in done.stderr


def test_a_sample_is_the_list_until_it_is_longer_and_then_any_of_its_rows() -> None:
    sample, short = Sample(1 << 15), Sample(1 << 15)  # of 64 rows
    names = [str(row).encode() for row in range(640)]
    short.add(names[:30])
    short.add(names[30:50])
    assert short._kept == names[:50]
    for start in range(0, 640, 50):
        sample.add(names[start : start + 50])
    assert sample.rows == 640
    assert len(set(sample._kept)) == 64
    kept = np.array(sample._kept, dtype=int)
    assert 250 < kept.mean() < 390
    assert kept.max() > 500
