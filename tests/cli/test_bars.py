"""On a terminal a bar stands from the first second of a training to its last."""

import contextlib
import os
import pty
import subprocess
import sys
from pathlib import Path

from conftest import TINY


def on_a_terminal(command: list[str], folder: Path) -> tuple[int, str]:
    """Exit code of a command and all that it wrote to its terminal."""
    terminal, inside = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=inside, stdout=inside, stderr=inside)
    os.close(inside)
    written = b""
    with contextlib.suppress(OSError):  # Linux's way to say that nobody writes any more
        while part := os.read(terminal, 1 << 16):
            written += part
    os.close(terminal)
    return process.wait(), written.decode()


def test_every_stage_of_a_training_has_its_bar(small_names: Path, tmp_path: Path) -> None:
    charnn = str(Path(sys.executable).with_name("charnn"))
    code, text = on_a_terminal([charnn, "train", str(small_names), "--epochs", "1", *TINY], tmp_path)
    assert code == 0
    stages = ["reading", "counting letters", "before the first step", "1/1", "measuring", "validation: accuracy"]
    places = [text.find(stage) for stage in stages]
    assert -1 not in places
    assert places == sorted(places)
