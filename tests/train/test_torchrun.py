"""`torchrun --nproc-per-node 2 -m charnn_cli train`, run as processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import copies
import numpy as np
import pytest
from conftest import PATIENCE, TINY, Charnn
from safetensors.numpy import load_file

from charnn_cli.config import load_settings
from charnn_cli.data import read
from charnn_cli.store import RunWriter
from charnn_cli.train import Session

LAUNCHER = [sys.executable, "-m", "torch.distributed.run"]  # which is what the command torchrun runs
SHARES = ["--set", "data.validation_fraction=0.2", "--set", "data.test_fraction=0.2"]
# Nothing random, and no optimiser that makes large steps of small differences; of 17 names the last batch has one.
EXACT = ["model.dropout=0", "model.wide_dropout=0", "model.hidden_size=8"]
EXACT += ["model.embedding_size=4", "training.optimiser=sgd", "training.lr=0.5", "training.batch_size=16"]
EXACT += ["training.class_weights=balanced", "training.epochs=4"]
EXACT += ["data.validation_fraction=0.2", "data.test_fraction=0.2"]


def torchrun(
    folder: Path, *arguments: object, processes: int = 2, program: Sequence[str] = ("-m", "charnn_cli")
) -> "subprocess.Popen[str]":
    launcher = [*LAUNCHER, "--standalone", "--nproc-per-node", str(processes)]
    command = [*launcher, *program, "train", *map(str, arguments)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


AT_THE_END = """
import atexit, pathlib
from charnn_cli.__main__ import main
threads = pathlib.Path("/proc/self/task")
atexit.register(lambda: print(f"threads: {[(task / 'comm').read_text().strip() for task in threads.iterdir()]}"))
main()
"""


def charnn_lines(stderr: str) -> list[str]:
    return [line for line in stderr.splitlines() if line.startswith(("charnn: error", "interrupted"))]


def states_of(run: Path) -> dict[str, np.ndarray]:
    return load_file(run / "last" / "state.safetensors")


def train_here(names: Path, folder: Path, *, epochs: int) -> None:
    """So many epochs by one process; a run that is to be gone on with where they are not all."""
    settings = load_settings(None, EXACT)
    session = Session.prepare(settings, read(names, rules=settings.config.text.rules()), names)
    with RunWriter(folder) as writer:
        for report in session.run(writer):
            if report.epoch == epochs:
                break


def test_two_processes_go_on_with_the_run_of_one_and_end_with_its_weights(small_names: Path, tmp_path: Path) -> None:
    train_here(small_names, tmp_path / "whole", epochs=4)
    train_here(small_names, tmp_path / "begun", epochs=2)
    assert len((tmp_path / "begun" / "history.jsonl").read_text().splitlines()) == 2
    with torchrun(tmp_path, "--resume", "begun") as process:
        stdout, stderr = process.communicate(timeout=PATIENCE)
    assert (process.returncode, stdout) == (0, "begun\n"), stderr
    assert [line[:9] for line in stderr.splitlines() if line.startswith("epoch ")] == ["epoch 3/4", "epoch 4/4"]
    whole, resumed = states_of(tmp_path / "whole"), states_of(tmp_path / "begun")
    assert whole.keys() == resumed.keys()
    assert all(np.allclose(whole[name], resumed[name], atol=1e-6) for name in whole)
    records = [
        [json.loads(line) for line in (tmp_path / run / "history.jsonl").read_text().splitlines()]
        for run in ("whole", "begun")
    ]
    for one, other in zip(*records, strict=True):
        assert {key: one[key] for key in ("step", "lr", "skipped_steps")} == {
            key: other[key] for key in ("step", "lr", "skipped_steps")
        }
        for key in ("train_loss", "validation_loss", "validation_accuracy", "gradient_norm", "gradient_norm_max"):
            assert one[key] == pytest.approx(other[key], rel=1e-4)
    assert (tmp_path / "begun" / "MODEL_CARD.md").is_file()


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted as Linux shows them")
def test_no_thread_of_the_group_outlives_the_training(small_names: Path, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(AT_THE_END)
    with torchrun(tmp_path, small_names, "--epochs", 1, *TINY, *SHARES, program=["program.py"]) as process:
        stdout, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, stderr
    assert "gloo" not in stdout
    assert stdout.count("threads: [") == 2


def test_an_error_of_all_processes_is_told_once(small_names: Path, tmp_path: Path) -> None:
    with torchrun(tmp_path, small_names, "--set", "training.batch_size=1", "--out", "run") as process:
        stdout, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert stdout == ""
    expected = "2 processes cannot share batches of 1; start fewer, or raise training.batch_size"
    assert charnn_lines(stderr) == [f"charnn: error: {expected}"]
    assert stderr.count("exitcode  : 2 ") == 2
    assert not list(tmp_path.iterdir())


def worker(launcher: "subprocess.Popen[str]", rank: int) -> int:
    children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read_text().split()
    (found,) = [
        int(child)
        for child in children
        if f"\0RANK={rank}\0" in "\0" + Path(f"/proc/{child}/environ").read_text() and is_training(child)
    ]
    return found


def is_training(child: str) -> bool:
    return "charnn_cli" in Path(f"/proc/{child}/cmdline").read_text()


def epochs_of(folder: Path) -> int:
    history = folder / "run" / "history.jsonl"
    return len(history.read_text().splitlines()) if history.exists() else 0


def wait_for_epochs(folder: Path, number: int, ended: Callable[[], int | None]) -> None:
    deadline = time.monotonic() + PATIENCE
    while epochs_of(folder) < number:
        assert time.monotonic() < deadline
        assert ended() is None
        time.sleep(0.05)


@contextmanager
def under_way(names: Path, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A training of many epochs in `folder`/run, two of them done; it has ended, by itself, when the block ends."""
    command = [names, "--epochs", 10_000, *TINY, *SHARES, "--set", "training.batch_size=8", "--out", "run"]
    with torchrun(folder, *command) as process:
        try:
            wait_for_epochs(folder, 2, process.poll)
            yield process
        finally:
            process.terminate()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc to find the processes")
@pytest.mark.parametrize("rank", [0, 1])
def test_a_process_that_is_killed_ends_all_with_an_error_and_a_good_checkpoint(
    rank: int, charnn: Charnn, small_names: Path, tmp_path: Path
) -> None:
    with under_way(small_names, tmp_path) as process:
        os.kill(worker(process, rank), signal.SIGKILL)
        _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    (line,) = charnn_lines(stderr)
    assert line.startswith("charnn: error: ")
    assert line.endswith("the best weights so far are kept; mend that, then go on with charnn train --resume run")
    assert charnn("predict", "Rossi", "--model", "run").returncode == 0
    again = copies.Copy(tmp_path, "train", "--resume", "run")
    wait_for_epochs(tmp_path, 1 + epochs_of(tmp_path), lambda: again.returncode)
    again.send_signal(signal.SIGINT)
    _, stderr = again.communicate(PATIENCE)
    assert again.returncode == 130, stderr


@pytest.mark.slow
def test_ctrl_c_ends_all_and_is_told_once(charnn: Charnn, small_names: Path, tmp_path: Path) -> None:
    with under_way(small_names, tmp_path) as process:
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    (line,) = charnn_lines(stderr)
    assert line.startswith("interrupted after epoch ")
    assert line.endswith("; the best weights so far are kept, go on with: charnn train --resume run")
    assert charnn("predict", "Rossi", "--model", "run").returncode == 0


@pytest.mark.slow
def test_data_that_one_process_alone_cannot_read_is_told_by_it(small_names: Path, tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "from charnn_cli.__main__ import main\n"
        f"sys.argv[1:] = ['train', {str(small_names)!r} if os.environ['RANK'] == '0' else 'nowhere', '--out', 'run']\n"
        "main()\n"
    )
    (tmp_path / "program.py").write_text(program)
    launcher = [*LAUNCHER, "--standalone", "--nproc-per-node", "2", "program.py"]
    done = subprocess.run(launcher, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode != 0
    (line,) = charnn_lines(done.stderr)
    assert line.startswith("charnn: error: nowhere: ")
    assert not (tmp_path / "run").exists()
