"""Files are written whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from charnn_cli.errors import ModelError, OutputError
from charnn_cli.files import check_writable, read_json, replacing, write_all, write_bytes


def test_a_failing_block_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    write_bytes(path, b"old")
    with pytest.raises(RuntimeError, match="stop"), replacing(path) as write:
        write(b"half")
        raise RuntimeError("stop")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["kept"]


def test_a_link_that_someone_put_beside_is_not_written_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.urandom", lambda count: bytes(count))
    (tmp_path / ".file.00000000.tmp").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="File exists"):
        write_bytes(tmp_path / "file", b"content")
    assert not (tmp_path / "elsewhere").exists()


def test_whether_a_file_can_be_written_is_told_without_touching_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    check_writable(tmp_path / "file")
    with pytest.raises(OutputError, match="cannot be written"):
        check_writable(tmp_path / "gone" / "file")
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_a_written_file_can_be_read_as_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_bytes(tmp_path / "file", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o644


def test_a_folder_that_is_gone_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written") as told:
        write_bytes(tmp_path / "gone" / "file", b"")
    assert told.value.do == "make its folder, or give another folder"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 1_000_000])
def test_what_is_no_json_object_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.json"):
        read_json(path)


def test_links_that_lead_out_of_the_folder_and_folders_are_refused(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (tmp_path / "outside").write_text("{}")
    (run / "a.json").symlink_to(tmp_path / "outside")
    (run / "b.json").mkdir()
    with pytest.raises(ModelError, match="leads out of its folder"):
        read_json(run / "a.json")
    with pytest.raises(ModelError, match="no plain file"):
        read_json(run / "b.json")
    with pytest.raises(ModelError, match="is missing"):
        read_json(run / "c.json")


class Reluctant:
    """A stream that takes three bytes at a time, and every other time none."""

    def __init__(self, descriptor: int) -> None:
        self.taken, self.refuses, self.descriptor = b"", False, descriptor

    def write(self, data: memoryview) -> int | None:
        self.refuses = not self.refuses
        if self.refuses:
            return None
        self.taken += data[:3]
        return min(3, len(data))

    def fileno(self) -> int:
        return self.descriptor


@pytest.mark.parametrize("selects", [True, False])
def test_everything_is_written_to_a_stream_that_takes_little(selects: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def sockets_only(*arguments: object) -> None:
        raise OSError("sockets only")

    if not selects:
        monkeypatch.setattr("select.select", sockets_only)
    with open(os.devnull, "wb") as ready:
        stream = Reluctant(ready.fileno())
        write_all(stream, b"all of it", where="here", do="wait")
    assert stream.taken == b"all of it"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o400])
def test_a_file_hands_on_its_rights_to_the_one_that_replaces_it(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(mode)
    before = os.umask(0o027)
    try:
        with replacing(path) as write:
            (beside,) = (entry for entry in tmp_path.iterdir() if entry != path)
            assert stat.S_IMODE(beside.stat().st_mode) & ~mode == 0
            write(b"new")
    finally:
        os.umask(before)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", mode)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_somebody_else_stays_his(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    os.chown(path, 1234, 1234)
    path.chmod(0o600)
    write_bytes(path, b"new")
    status = path.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 1234, 0o600)
