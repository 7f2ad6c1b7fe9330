"""A share of `make torture`: damaged files of a run are refused in one line that names them, or change nothing."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from torture.hostile import OF_ANY_FILE, OF_DESCRIPTION, OF_SAFETENSORS, cuts, flips

from charnn_cli.errors import ModelError
from charnn_cli.store import Run, RunWriter, load_trained

FILES = {
    "model.json": load_trained,
    "model.safetensors": load_trained,
    "config.yaml": lambda folder: dict(Run(folder).config),
    "training_names.safetensors": lambda folder: Run(folder).training_hashes.tolist(),
    "history.jsonl": lambda folder: Run(folder).history,
    "last/state.safetensors": lambda folder: state_of(folder),
}


def state_of(folder: Path) -> object:
    with RunWriter(folder) as writer:
        return writer.load_state(at_most=2**22)


@pytest.fixture
def run(tiny_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_run, tmp_path / "runs" / "run"))


def refused(file: str, run: Path) -> None:
    started = time.process_time()
    with pytest.raises(ModelError) as caught:
        FILES[file](run)
    assert time.process_time() - started < 1
    (line,) = caught.value.lines()
    assert Path(file).name in line or "holds no finished epoch" in line
    assert len(line) < 500
    assert line.isprintable()


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("what", [what for what in OF_ANY_FILE if what != "gone"])
def test_what_is_no_file_of_a_run_is_refused(file: str, what: str, run: Path) -> None:
    OF_ANY_FILE[what](run / file)
    refused(file, run)


@pytest.mark.parametrize("file", [file for file in FILES if file.endswith(".safetensors")])
@pytest.mark.parametrize("what", OF_SAFETENSORS)
def test_a_header_that_lies_is_refused(file: str, what: str, run: Path) -> None:
    OF_SAFETENSORS[what](run / file)
    refused(file, run)


@pytest.mark.parametrize("what", OF_DESCRIPTION)
def test_a_description_with_the_right_digest_is_refused_all_the_same(what: str, run: Path) -> None:
    OF_DESCRIPTION[what](run / "model.json")
    with pytest.raises(ModelError, match=r"model\.(json|safetensors)"):
        load_trained(run)


@pytest.mark.parametrize("file", FILES)
def test_a_cut_or_flipped_file_is_refused_or_changes_nothing(file: str, run: Path, tiny_run: Path) -> None:
    whole = (run / file).read_bytes()
    expected = repr(FILES[file](tiny_run))
    for _, attack in (*cuts(run / file), *flips(run / file, 20, seed=0)):
        attack(run / file)
        try:
            found = FILES[file](run)
        except ModelError as error:
            assert Path(file).name in error.lines()[0]
        else:
            assert repr(found) == expected
        (run / file).write_bytes(whole)


def test_labels_may_look_like_paths_and_write_nothing(run: Path, tmp_path: Path) -> None:
    from torture.hostile import rewritten

    rewritten(labels=["../../a", "/etc/b", "c\\d"])(run / "model.json")
    before = sorted(tmp_path.rglob("*"))
    command = [str(Path(sys.executable).with_name("charnn")), "predict", "Rossi", "-k", "3", "--model", str(run)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "../../a" in done.stdout
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory can be limited on Linux alone")
def test_three_gigabytes_of_weights_are_refused_in_500_megabytes(run: Path) -> None:
    OF_DESCRIPTION["weights of 3 GB that are there"](run / "model.json")
    command = f"ulimit -v 500000; exec {Path(sys.executable).with_name('charnn')} predict Rossi --model {run}"
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert "model.safetensors: is cut, changed, or not the file that model.json describes" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_files_of_another_run_are_refused(run: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(run, tmp_path / "other"))
    trained, about = load_trained(other), Run(other).about
    hashes = Run(other).training_hashes
    saved = state_of(other)
    with RunWriter(other) as writer:
        writer.save_settings("seed: 5\n", hashes, about)
        writer.save_best(trained)
        writer.save_epoch([{"epoch": 1}], saved)  # type: ignore[arg-type]
    for file in ("config.yaml", "training_names.safetensors", "last/state.safetensors", "history.jsonl"):
        kept = (run / file).read_bytes()
        shutil.copy(other / file, run / file)
        refused(file, run)
        (run / file).write_bytes(kept)
    assert FILES["history.jsonl"](run)
