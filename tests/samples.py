"""Samples of output in documents, made by running their commands: `make docs`. See cog, whose blocks ask for them."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "charnn_cli/cli/README.md")


def sample(command: str, *, terminal: bool = False) -> None:
    """Print a command and what it prints, as it does on a terminal or into a pipe; the model in the box answers."""
    run = f"{command} --format table" if terminal else command
    print(f"```\n$ {command}\n{output(run)}```")


def output(command: str) -> str:
    """What a command prints in an empty folder."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    environment = {**os.environ, "PATH": path, "CHARNN_MODEL": "shipped", "LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, encoding="utf-8"
        )
    return done.stdout
