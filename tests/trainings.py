"""Trainings as processes, that tests begin, watch and interrupt."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from conftest import PATIENCE

SHARES = ["--set", "data.validation_fraction=0.2", "--set", "data.test_fraction=0.2"]


def files_of(run: Path) -> set[str]:
    return {str(path.relative_to(run)) for path in run.rglob("*") if path.is_file()}


def start(folder: Path, *arguments: object) -> "subprocess.Popen[str]":
    command = [str(Path(sys.executable).with_name("charnn")), "train", *map(str, arguments)]
    # A job in the background has them ignored, and so would what it starts.
    before = [(number, signal.signal(number, signal.SIG_DFL)) for number in (signal.SIGINT, signal.SIGHUP)]
    try:
        return subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def wait_for_epochs(history: Path, count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while not (history.exists() and len(history.read_text().splitlines()) >= count):
        assert time.monotonic() < deadline
        time.sleep(0.02)
