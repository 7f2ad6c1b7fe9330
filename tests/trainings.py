"""Trainings as processes, that tests begin, watch and interrupt."""

import time
from pathlib import Path

from conftest import PATIENCE
from copies import Copy

SHARES = ["--set", "data.validation_fraction=0.2", "--set", "data.test_fraction=0.2"]


def files_of(run: Path) -> set[str]:
    return {str(path.relative_to(run)) for path in run.rglob("*") if path.is_file()}


def start(folder: Path, *arguments: object) -> Copy:
    return Copy(folder, "train", *arguments)


def wait_for_epochs(process: Copy, history: Path, count: int) -> None:
    """Wait until a training that goes on has so many epochs."""
    deadline = time.monotonic() + PATIENCE
    while not (history.exists() and len(history.read_text().splitlines()) >= count):
        assert process.returncode is None, process.communicate(PATIENCE)
        assert time.monotonic() < deadline
        time.sleep(0.02)
