"""Parts hold the rows of the plain path."""

import csv
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import Charnn
from engine_models import LABELS, NAMES, random_model

from charnn_cli.architecture import Architecture
from charnn_cli.bulk.blocks import blocks
from charnn_cli.bulk.files import find_inputs
from charnn_cli.bulk.on_ray import MOST_DEATHS, Job, Labeller
from charnn_cli.errors import CharnnError, DataError
from charnn_cli.store import save_trained

MODEL = random_model(Architecture(hidden_size=16, embedding_size=16, ngram_orders=(2, 3)))
ROWS = [(str(number), name, 'x,"y"\nz') for number, name in enumerate([*NAMES, "", "7", "김철수", "a\tb\\c"] * 20)]


def labelled(place: Path, output: Path, column: str | None, layout: str | None = None, **options: object) -> list[Path]:
    """The parts of small blocks, in order, by one labeller."""
    (inputs, _) = find_inputs(str(place), column, layout)
    job = Job(tuple(inputs), str(output), column, **options)  # type: ignore[arg-type]
    labeller = Labeller(job, MODEL, priors=None)
    parts = []
    for item in inputs:
        for block in blocks(item.path, column, block_bytes=1, block_rows=1, window_bytes=1 << 10):
            part = labeller.label(item, block)
            path = output / item.part(block.number)
            assert part.size == path.stat().st_size
            parts.append((path, part.rows))
    assert sum(rows for _, rows in parts) == len(ROWS)
    return [path for path, _ in parts]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    save_trained(tmp_path, MODEL)
    with (tmp_path / "people.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("id", "name", "note"), *ROWS])
    (tmp_path / "names.txt").write_text("".join(f"{name}\n" for _, name, _ in ROWS), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("people.csv", ("--format", "csv")),
        ("people.csv", ("--format", "tsv", "-k", "2")),
        ("people.csv", ("--format", "ndjson", "-k", "9")),
        ("people.csv", ("--format", "csv", "--min-probability", "0.3")),
        ("names.txt", ("--format", "tsv")),
        ("names.txt", ("--format", "ndjson", "--explain")),
    ],
)
def test_bytes_are_those_of_the_plain_path(charnn: Charnn, work: Path, source: str, words: tuple[str, ...]) -> None:
    given = dict(pairwise((*words, "")))
    column = "name" if source == "people.csv" else None
    plain = ["predict", "--model", work, "--input", work / source, *words, *(("--column", column) if column else ())]
    plain.append("--quiet")
    done = charnn(*plain)
    assert (done.returncode, done.stderr) == (0, "")
    options = {"k": int(given.get("-k", 1)), "min_probability": float(given.get("--min-probability", 0))}
    options["explain"] = "--explain" in words
    parts = labelled(work / source, work / "out", column, given["--format"], **options)
    assert len(parts) > 3
    header = b"" if given["--format"] == "ndjson" else parts[0].read_bytes().splitlines(keepends=True)[0]
    assert all(path.read_bytes().startswith(header) for path in parts)
    found = header + b"".join(path.read_bytes().removeprefix(header) for path in parts)
    assert found.decode() == done.stdout
    bare = labelled(work / source, work / "bare", column, given["--format"], header=False, **options)
    assert header + b"".join(path.read_bytes() for path in bare) == found


def test_cells_of_parquet_are_those_of_the_plain_path(charnn: Charnn, work: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = pyarrow.table({"name": [name or None for _, name, _ in ROWS], "id": list(range(len(ROWS)))})
    parquet.write_table(table, work / "in.parquet", row_group_size=100)
    words = (
        "--input",
        work / "in.parquet",
        "--column",
        "name",
        "-k",
        "2",
        "--output",
        work / "plain.parquet",
        "--quiet",
    )
    done = charnn("predict", "--model", work, *words)
    assert (done.returncode, done.stderr) == (0, "")
    parts = labelled(work / "in.parquet", work / "out", "name", k=2)
    assert len(parts) == -(-len(ROWS) // 100)
    expected = parquet.read_table(work / "plain.parquet")
    assert pyarrow.concat_tables(map(parquet.read_table, parts)).equals(expected)
    assert set(expected["origin_1"].to_pylist()) <= {*LABELS, None}
    from_csv = labelled(work / "people.csv", work / "out", "name", "parquet", k=2)
    assert pyarrow.concat_tables(map(parquet.read_table, from_csv))["origin_1"].equals(expected["origin_1"])


def test_a_part_is_the_same_however_often_it_is_written(work: Path) -> None:
    paths = labelled(work / "people.csv", work / "out", "name")
    before = [path.read_bytes() for path in paths]
    assert labelled(work / "people.csv", work / "out", "name") == paths
    assert [path.read_bytes() for path in paths] == before
    assert sorted((work / "out").iterdir()) == paths


def test_a_block_that_ends_processes_is_a_fault(work: Path) -> None:
    (work / "out").mkdir()
    for number in range(MOST_DEATHS):
        (work / "out" / f".people-00000.csv.0a1b2c3{number}.tmp").write_text("half")
    with pytest.raises(DataError, match="die, 4 so far"):
        labelled(work / "people.csv", work / "out", "name")


def test_places_that_cannot_be_written(work: Path) -> None:
    (work / "file").write_text("x")
    with pytest.raises(CharnnError, match="cannot be written"):
        labelled(work / "people.csv", work / "file", "name")
