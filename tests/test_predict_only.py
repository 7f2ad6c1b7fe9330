"""Where names are only told, a few packages are enough: those that the README names."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

import charnn_cli

ROOT = Path(charnn_cli.__file__).parents[1]
README = Path(__file__).parents[1] / "README.md"
PROGRAM = "import sys; sys.path[:0] = sys.argv[1:3]; del sys.argv[1:3]; from charnn_cli.__main__ import main; main()"


def named() -> list[str]:
    """The packages of the README's line that installs for prediction alone."""
    (line,) = re.findall(
        r"^pip install --constraint constraints\.txt ([a-z ]+?) *(?:#.*)?$", README.read_text("utf-8"), re.M
    )
    return line.split()


def needed(names: list[str]) -> Iterator[metadata.Distribution]:
    """These packages and all that they need."""
    waiting, seen = list(names), set[str]()
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # of another system or Python
            continue
        yield found
        waiting += [re.split(r"[^\w.-]", line)[0] for line in found.requires or () if "extra ==" not in line]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the README names, and nothing else."""
    folder = tmp_path_factory.mktemp("packages")
    for distribution in needed(named()):
        for top in {file.parts[0] for file in distribution.files or () if file.parts[0] not in ("..", "__pycache__")}:
            (folder / top).symlink_to(str(distribution.locate_file(top)))
    return folder


@pytest.mark.parametrize("format", ["table", "text", "tsv", "csv", "ndjson", "json"])
def test_every_format_is_written_there(format: str, packages: Path) -> None:
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, str(packages), str(ROOT)]
    words = ["predict", "Hinton", "김민준", "N/A", "--model", "shipped", "--format", format]
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Hinton" in done.stdout
    if format == "json":
        assert [row["reason"] for row in json.loads(done.stdout)] == [None, None, "no_name"]


def test_a_training_says_there_what_is_missing(packages: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, str(packages), str(ROOT), "train", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("charnn: error: ")
    assert "pip install" in line
