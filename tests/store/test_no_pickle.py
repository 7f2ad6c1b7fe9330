"""No command opens a pickle: the interpreter itself would tell."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PATIENCE

# `pickle.find_class` is raised, by the C code too, for every name that a pickle asks for.
PROGRAM = """
import os, sys
def hook(event, arguments):
    if event == "pickle.find_class":
        print(event, arguments, file=sys.stderr, flush=True)
        os._exit(99)
sys.addaudithook(hook)
if sys.argv[1] == "unpickle":
    import pickle
    pickle.loads(pickle.dumps(hook))
from charnn_cli.__main__ import main
main()
"""


def run_watched(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", PROGRAM, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)


@pytest.mark.parametrize(
    "words",
    [
        ["predict", "Rossi", "--model", "run"],
        ["evaluate", "run"],
        ["plot", "loss", "run"],
        ["train", "--resume", "run"],
    ],
)
def test_no_pickle_is_opened_by(words: list[str], tiny_run: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_run, tmp_path / "run")
    done = run_watched(tmp_path, *words)
    assert done.returncode == 0, done.stderr


def test_the_watch_sees_a_pickle(tmp_path: Path) -> None:
    assert run_watched(tmp_path, "unpickle").returncode == 99
