"""Run folders: one writer, a state that comes back, and the run that is meant."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from charnn_cli.errors import CharnnError, ModelError, OutputError
from charnn_cli.store import Run, RunWriter, check_free, follow, is_shipped, locate
from charnn_cli.store.location import SHIPPED, runs_here
from charnn_cli.trained import SavedState

ABOUT = {"data": {"rows": 2}, "split": {"seed": 4}}


def state() -> SavedState:
    arrays = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array(7.5, dtype=np.float64)}
    return SavedState(arrays, {"epoch": 2, "best": 0.5})


def test_a_state_comes_back_as_it_went(tmp_path: Path) -> None:
    with RunWriter(tmp_path / "run") as writer:
        assert writer.load_state() is None
        writer.save_epoch([{"epoch": 1}, {"epoch": 2}], state())
        loaded = writer.load_state()
        assert writer.load_history() == [{"epoch": 1}, {"epoch": 2}]
    assert loaded is not None
    assert loaded.progress == state().progress
    assert all(np.array_equal(loaded.tensors[name], tensor) for name, tensor in state().tensors.items())


def test_a_state_with_a_flipped_bit_is_refused(tmp_path: Path) -> None:
    with RunWriter(tmp_path) as writer:
        writer.save_epoch([], state())
        path = tmp_path / "last" / "state.safetensors"
        content = bytearray(path.read_bytes())
        content[-3] ^= 1
        path.write_bytes(content)
        with pytest.raises(ModelError, match=r"state\.safetensors"):
            writer.load_state()


def test_a_second_training_in_one_folder_is_refused(tmp_path: Path) -> None:
    with RunWriter(tmp_path), pytest.raises(OutputError, match="another training writes here"), RunWriter(tmp_path):
        pass
    with RunWriter(tmp_path):
        pass


def test_a_folder_that_was_made_for_nothing_goes_again_and_another_stays(tmp_path: Path) -> None:
    with RunWriter(tmp_path / "far" / "off" / "run"):
        assert (tmp_path / "far" / "off" / "run" / "last").is_dir()
    assert not list(tmp_path.iterdir())
    (tmp_path / "mine").mkdir()
    with RunWriter(tmp_path / "mine"):
        pass
    with RunWriter(tmp_path / "begun") as writer:
        writer.save_settings("seed: 0\n", np.array([1], dtype=np.uint64), ABOUT)
    assert {path.name for path in tmp_path.iterdir()} == {"mine", "begun"}


def test_a_folder_that_cannot_be_locked_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*arguments: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", unsupported)
    with pytest.raises(OutputError, match="cannot be locked against other trainings") as caught, RunWriter(tmp_path):
        pass
    assert "another disk" in caught.value.do


def test_where_folders_are_not_opened_a_file_is_locked_in_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows."""
    locked: set[tuple[int, int]] = set()

    def locking(descriptor: int, mode: int, size: int) -> None:
        status = os.fstat(descriptor)
        if (status.st_dev, status.st_ino) in locked:
            raise OSError(36, "Resource deadlock avoided")
        locked.add((status.st_dev, status.st_ino))

    def open_files(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if Path(path).is_dir():
            raise PermissionError(13, "Permission denied")
        return os_open(path, flags, mode)

    os_open = os.open
    monkeypatch.setattr("os.open", open_files)
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
    with (
        RunWriter(tmp_path / "run"),
        pytest.raises(OutputError, match="another training writes here"),
        RunWriter(tmp_path / "run"),
    ):
        pass
    assert len(locked) == 1
    assert not list(tmp_path.iterdir()), "neither the lock nor the folder stays"


def test_a_state_that_would_be_written_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "last").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CharnnError, match="leads out of its folder"), RunWriter(tmp_path / "run"):
        pass


def test_other_files_that_look_temporary_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".notes.tmp").touch()
    with RunWriter(tmp_path):
        pass
    assert (tmp_path / ".notes.tmp").exists()


def test_leftovers_of_a_killed_writer_are_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "last").mkdir()
    leftovers = [tmp_path / ".model.json.1.tmp", tmp_path / "last" / ".state.safetensors.1.tmp"]
    for leftover in leftovers:
        leftover.touch()
    with RunWriter(tmp_path):
        assert not any(leftover.exists() for leftover in leftovers)


def test_a_folder_with_a_run_is_not_written_over(tmp_path: Path) -> None:
    check_free(tmp_path, force=False)
    (tmp_path / "config.yaml").touch()
    with pytest.raises(OutputError, match="holds a run already"):
        check_free(tmp_path, force=False)
    check_free(tmp_path, force=True)


def test_a_folder_with_settings_holds_all_that_is_known_before_the_first_step(tmp_path: Path) -> None:
    (tmp_path / "training_names.safetensors").mkdir()
    with RunWriter(tmp_path) as writer, pytest.raises(OutputError, match=r"training_names\.safetensors"):
        writer.save_settings("seed: 0\n", np.array([1], dtype=np.uint64), {})
    assert not (tmp_path / "config.yaml").exists()
    check_free(tmp_path, force=False)  # there is no run here to go on with


def test_clearing_removes_the_run_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with RunWriter(tmp_path) as writer:
        writer.save_settings("seed: 0\n", np.array([3, 1], dtype=np.uint64), ABOUT)
        run = Run(tmp_path)
        assert run.training_hashes.tolist() == [1, 3]
        assert run.split == {"seed": 4}
        writer.clear()
    assert {path.name for path in tmp_path.iterdir()} == {"notes.txt"}


def test_which_run_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CHARNN_MODEL", raising=False)
    monkeypatch.setattr("charnn_cli.store.location.SHIPPED", tmp_path / "shipped")
    with pytest.raises(ModelError, match="no model here yet"):
        locate(None)
    for name in ("runs/one", "runs/two", "shipped"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "model.json").touch()
    assert locate(None) == tmp_path / "shipped"
    follow(Path("runs/one"))
    assert locate(None) == Path("runs/one")
    assert (tmp_path / "runs" / "latest").read_text() == "one\n"
    follow(tmp_path / "elsewhere")
    assert locate("runs/latest") == Path("runs/one")
    monkeypatch.setenv("CHARNN_MODEL", "runs/two")
    assert locate(None) == Path("runs/two")
    assert locate("runs/one") == Path("runs/one")
    with pytest.raises(ModelError, match="no such run folder"):
        locate("runs/three")


def test_the_pointer_names_a_run_however_its_folder_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "runs" / "one")
    follow(Path())
    assert Run(Path()).name == "one"
    assert locate(tmp_path / "runs" / "latest") == tmp_path / "runs" / "one"
    follow(Path("../one/../two"))
    assert locate(tmp_path / "runs" / "latest") == tmp_path / "runs" / "two"


def test_the_shipped_model_has_a_name_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CHARNN_MODEL", raising=False)
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    (tmp_path / "runs" / "mine" / "model.json").touch()
    follow(tmp_path / "runs" / "mine")
    assert locate(None) == Path("runs/mine")
    assert locate("shipped") == locate(Path("shipped")) == SHIPPED
    monkeypatch.setenv("CHARNN_MODEL", "shipped")
    assert locate(None) == SHIPPED
    (tmp_path / "shipped").mkdir()
    assert locate("shipped") == SHIPPED, "what holds no run is none"
    (tmp_path / "shipped" / "config.yaml").touch()  # a run of one's own comes first
    assert locate("shipped") == Path("shipped")


@pytest.mark.parametrize("name", ["latest", "Latest", "latest/", "latest/.", "one/../latest"])
def test_no_run_takes_the_name_of_the_pointer(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / name
    with pytest.raises(OutputError, match="'latest' is no name for a run"):
        check_free(folder, force=True)
    with pytest.raises(OutputError, match="'latest' is no name for a run"), RunWriter(folder):
        pass
    assert not list(tmp_path.iterdir())


def test_a_folder_in_the_place_of_the_pointer_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CHARNN_MODEL", raising=False)
    (tmp_path / "runs" / "latest").mkdir(parents=True)
    what = "^runs/latest: is a folder, where the name of the newest run should stand"
    with pytest.raises(ModelError, match=what):
        locate(None)
    with pytest.raises(OutputError, match=what[1:]), RunWriter(tmp_path / "runs" / "one"):
        pass
    with pytest.raises(ModelError, match=r"^runs/latest: is no run folder"):
        locate("runs/latest")


def test_a_pointer_to_a_run_that_is_gone_leads_to_the_shipped_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CHARNN_MODEL", raising=False)
    (tmp_path / "runs" / "one").mkdir(parents=True)
    follow(Path("runs/one"))
    (tmp_path / "runs" / "one").rmdir()
    notes: list[str] = []
    assert is_shipped(locate(None, notes.append))
    assert notes == ["runs/latest names runs/one, which is gone: the model that comes with charnn answers"]
    with pytest.raises(ModelError, match="names no run folder beside it"):
        locate("runs/latest")


def test_what_names_the_model_is_named_in_its_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=r"^the name of the run folder is empty; train one, or name 'shipped'"):
        locate("")
    (tmp_path / "empty").mkdir()
    for name in ("gone", "empty", "/"):
        monkeypatch.setenv("CHARNN_MODEL", name)
        with pytest.raises(ModelError, match=f"^{name}: CHARNN_MODEL names no run folder; .*, or unset it$"):
            locate(None)
    (tmp_path / "empty" / "config.yaml").touch()
    monkeypatch.setenv("CHARNN_MODEL", "empty")
    assert locate(None) == Path("empty")


def test_a_name_that_is_nearly_right_is_guessed_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("2026-gru-1", "mine"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "config.yaml").touch()
    (tmp_path / "runs" / "notes").mkdir()
    for name, do in (
        ("runs/mime", "did you mean 'runs/mine'?"),
        ("shiped", "did you mean 'shipped'?"),
        ("x", "name one of runs/2026-gru-1, runs/mine, or train one"),
    ):
        with pytest.raises(ModelError, match="no such run folder") as caught:
            locate(name)
        assert caught.value.do == do
    with pytest.raises(ModelError, match=r"^runs/notes: is no run folder"):
        locate("runs/notes")
    os.utime(tmp_path / "runs" / "mine" / "config.yaml", ns=(0, 0))  # a name of one's own says nothing of when
    assert [run.name for run in runs_here()] == ["mine", "2026-gru-1"]


@pytest.mark.parametrize(
    "content", ["", "gone\n", "../shipped\n", "/\n", "..\n", ".\n", "a" * 300, "a\0", "shipped\n" + 5000 * " "]
)
def test_a_pointer_that_leads_nowhere_or_out_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "latest").write_text(content)
    (tmp_path / "shipped").mkdir()
    with pytest.raises(CharnnError, match="names no run folder beside it"):
        locate(tmp_path / "latest")
