"""Run folders: one writer, a state that comes back, and the run that is meant."""

from pathlib import Path

import numpy as np
import pytest

from charnn_cli.errors import CharnnError, ModelError, OutputError
from charnn_cli.store import Run, RunWriter, check_free, follow, locate
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
    (tmp_path / "shipped" / "model.json").touch()
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


@pytest.mark.parametrize("content", ["", "gone\n", "../shipped\n", "/\n"])
def test_a_pointer_that_leads_nowhere_or_out_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "latest").write_text(content)
    (tmp_path / "shipped").mkdir()
    with pytest.raises(CharnnError, match="names no run folder beside it"):
        locate(tmp_path / "latest")
