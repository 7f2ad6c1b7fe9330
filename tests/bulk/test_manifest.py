"""A job that was stopped goes on with what is missing, and only with that."""

import json
from pathlib import Path
from typing import Any

import pytest

from charnn_cli.bulk.files import Input
from charnn_cli.bulk.manifest import MANIFEST, SUCCESS, Manifest, Part
from charnn_cli.errors import CharnnError, OutputError

ITEM = Input("/in/a/people.csv", "a/people.csv", "csv", size=9, modified_ns=1)
SETTINGS: dict[str, Any] = {"k": 1, "column": "name"}


def opened(folder: Path, settings: dict[str, Any] = SETTINGS, item: Input = ITEM) -> Manifest:
    return Manifest(folder, settings, [item])


def write(folder: Path, number: int) -> Part:
    path = folder / ITEM.part(number)
    path.parent.mkdir(exist_ok=True)
    path.write_text("rows")
    return Part(rows=10, size=4)


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """An output folder with parts 0 and 2, the last, of three."""
    folder = tmp_path / "out"
    with opened(folder) as manifest:
        for number in (2, 0):
            manifest.add(ITEM, number, write(folder, number), is_last=number == 2)
    return folder


def test_it_goes_on(begun: Path) -> None:
    with opened(begun) as manifest:
        assert (manifest.done(ITEM), manifest.is_complete(ITEM)) == ({0, 2}, False)
        with pytest.raises(CharnnError, match=r"1 of 1 files are not labelled to their end, /in/a/people.csv"):
            manifest.finish()
        assert not (begun / SUCCESS).exists()
        manifest.add(ITEM, 1, write(begun, 1), is_last=False)
        assert (manifest.is_complete(ITEM), manifest.parts, manifest.rows) == (True, 3, 30)
        manifest.finish()
    assert json.loads((begun / SUCCESS).read_text()) == {"inputs": 1, "parts": 3, "rows": 30}
    with opened(begun) as manifest:
        assert manifest.is_complete(ITEM)
        assert not (begun / SUCCESS).exists(), "the folder is being worked on again"


def test_a_part_that_was_taken_away_is_done_again(begun: Path) -> None:
    (begun / ITEM.part(0)).unlink()
    (begun / ITEM.part(2)).write_text("cut")
    with opened(begun) as manifest:
        assert manifest.done(ITEM) == frozenset()


def test_a_line_that_was_cut_is_dropped(begun: Path) -> None:
    path = begun / MANIFEST
    content = path.read_bytes()
    path.write_bytes(content[:-9])
    with opened(begun) as manifest:
        assert manifest.done(ITEM) == {2}
        manifest.add(ITEM, 0, write(begun, 0), is_last=False)
    assert path.read_bytes() == content


def test_what_dead_processes_left_is_removed(begun: Path) -> None:
    left = begun / "a" / ".people-00001.csv.0a1b2c3d.tmp"
    other = begun / "a" / ".people.csv.tmp"
    for path in (left, other):
        path.write_text("half")
    with opened(begun):
        assert not left.exists()
        left.write_text("half")
    assert not left.exists()
    assert other.exists()


@pytest.mark.parametrize(
    ("settings", "item", "what"),
    [
        ({**SETTINGS, "k": 2}, ITEM, r"was begun with another k \(1, now 2\)"),
        ({**SETTINGS, "model": "x"}, ITEM, "is no record of labelled files"),
        (SETTINGS, Input(ITEM.path, ITEM.name, "csv", size=9, modified_ns=2), "as it was before it changed"),
    ],
)
def test_another_job_is_refused(begun: Path, settings: dict[str, Any], item: Input, what: str) -> None:
    before = (begun / MANIFEST).read_bytes()
    with pytest.raises(OutputError, match=what):
        opened(begun, settings, item)
    assert (begun / MANIFEST).read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"", b"[]\n", b"no JSON\n", b"\xff\n", b'{"version": 1, "k": 1, "column": "name"}\n{}\n']
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / MANIFEST).write_bytes(content)
    with pytest.raises(OutputError, match="is no record of labelled files"):
        opened(tmp_path)


def test_other_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(OutputError, match="holds other files"):
        opened(tmp_path)
    with pytest.raises(OutputError, match="is no folder to write to"):
        opened(tmp_path / "thesis.tex" / "out")


def test_one_job_at_a_time(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    with opened(tmp_path / "out"), pytest.raises(OutputError, match="by another charnn predict"):
        opened(tmp_path / "out")
    with opened(tmp_path / "out"):
        pass


def test_a_part_that_is_not_here_is_not_counted(tmp_path: Path) -> None:
    with opened(tmp_path) as manifest:
        with pytest.raises(OutputError, match="every node of the cluster"):
            manifest.add(ITEM, 0, Part(rows=1, size=4), is_last=True)
        assert not manifest.is_complete(ITEM)
