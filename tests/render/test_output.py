"""A file of answers appears whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from charnn_cli.errors import OutputError
from charnn_cli.render.output import opened


def test_a_finished_file_takes_its_place_with_usual_rights(tmp_path: Path) -> None:
    path = tmp_path / "out.tsv"
    path.write_text("old")
    with opened(str(path)) as write:
        write(b"new ")
        assert path.read_text() == "old"
        write(b"rows")
    assert path.read_text() == "new rows"
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.tsv"]


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "out.tsv"
    path.write_text("old")
    with pytest.raises(RuntimeError), opened(str(path)) as write:
        write(b"half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.tsv"]


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"), opened(str(tmp_path / "none" / "out.tsv")):
        pass
    with pytest.raises(OutputError, match="folder"), opened(str(tmp_path)):
        pass
    with pytest.raises(OutputError, match="bz2 is read, and not written"), opened(str(tmp_path / "out.csv.bz2")):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_device_is_written_in_place() -> None:
    with opened("/dev/null") as write:
        write(b"gone")
    assert Path("/dev/null").is_char_device()


def test_a_private_file_stays_private_and_a_link_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "out.tsv", tmp_path / "link.tsv"
    path.write_text("old")
    path.chmod(0o600)
    link.symlink_to(path)
    with opened(str(link)) as write:
        write(b"new")
    assert link.is_symlink()
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o600)
