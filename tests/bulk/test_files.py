"""Which files are taken, and what their parts are called."""

import os
from pathlib import Path

import pytest

from charnn_cli.bulk.files import find_inputs
from charnn_cli.errors import CharnnError, DataError, UsageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "b.csv",
        "a.TSV",
        "year=2024/c.parquet",
        "names.txt",
        "notes.md",
        "_SUCCESS",
        ".hidden.csv",
        "_old/d.csv",
    ):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return tmp_path / "in"


def test_a_folder(folder: Path) -> None:
    inputs, left_out = find_inputs(str(folder), "name", None)
    assert [(item.name, item.part(7)) for item in inputs] == [
        ("a.TSV", "a-00007.tsv"),
        ("b.csv", "b-00007.csv"),
        ("year=2024/c.parquet", "year=2024/c-00007.parquet"),
    ]
    assert [Path(path).name for path in left_out] == ["names.txt", "notes.md"]
    inputs, left_out = find_inputs(str(folder), None, None)
    assert [item.part(0) for item in inputs] == ["names-00000.tsv"]
    assert len(left_out) == 4


def test_patterns_and_single_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    for place, names in (
        ("in/*.csv", ["b.csv"]),
        ("in/**/*.parquet", ["year=2024/c.parquet"]),
        ("in/names.txt", ["names.txt"]),
        ("in/year=*/c.parquet", ["year=2024/c.parquet"]),
    ):
        inputs, left_out = find_inputs(place, "name", "ndjson")
        assert ([item.name for item in inputs], left_out) == (names, [])
        assert inputs[0].part(0).endswith("-00000.ndjson")
        assert os.path.isabs(inputs[0].path)


@pytest.mark.parametrize(
    ("place", "column", "what"),
    [
        ("none", "name", "no file to label"),
        ("in/none*.csv", "name", "no file to label"),
        ("in/b.csv", None, "which of them holds the names"),
        ("in/pipe", "name", "is no plain file"),
    ],
)
def test_what_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch, place: str, column: str, what: str) -> None:
    monkeypatch.chdir(folder.parent)
    os.mkfifo("in/pipe")
    with pytest.raises(CharnnError, match=what):
        find_inputs(place, column, None)


def test_two_files_with_parts_of_one_name(folder: Path) -> None:
    (folder / "b.parquet").write_text("x")
    find_inputs(str(folder), "name", None)
    with pytest.raises(UsageError, match=r"b.csv and b.parquet would both become b-00000.csv"):
        find_inputs(str(folder), "name", "csv")


def test_a_file_that_changes(folder: Path) -> None:
    ((item,), _) = find_inputs(str(folder / "b.csv"), "name", None)
    item.check_unchanged()
    (folder / "b.csv").write_text("xy")
    with pytest.raises(DataError, match="has changed"):
        item.check_unchanged()
