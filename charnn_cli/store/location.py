"""Which run folder is meant."""

import os
from pathlib import Path

from charnn_cli.errors import ModelError
from charnn_cli.files import read_bytes, write_bytes
from charnn_cli.store.model_files import DESCRIPTION

RUNS = Path("runs")
LATEST = "latest"
LONGEST_POINTER = 4096  # bytes
SHIPPED = Path(__file__).parents[1] / "pretrained"


def locate(model: str | Path | None) -> Path:
    """The run folder to answer with: `model`, else `CHARNN_MODEL`, else `runs/latest` here, else the shipped model.

    Raises ModelError where the one that is named does not exist, or none does.
    """
    named = model if model is not None else os.environ.get("CHARNN_MODEL") or None
    if named is not None:
        path = Path(named)
        if path.is_file() and path.name == LATEST:
            return _followed(path)
        if not path.is_dir():
            raise ModelError("no such run folder", f"give one of those under {RUNS}/, or train one", where=path)
        return path
    if (RUNS / LATEST).is_file():
        return _followed(RUNS / LATEST)
    if (SHIPPED / DESCRIPTION).is_file():
        return SHIPPED
    raise ModelError("no model here yet", "train one with 'charnn train DATA', or name a run folder with --model")


def is_shipped(folder: Path) -> bool:
    """Whether this is the model that comes with the package."""
    return folder == SHIPPED


def follow(folder: Path) -> None:
    """Let `latest` beside a finished run name it, where the run lies in a folder called `runs`."""
    folder = Path(os.path.abspath(folder))  # "." and ".." have no name of their own
    if folder.parent.name == RUNS.name:
        write_bytes(folder.parent / LATEST, os.fsencode(folder.name) + b"\n")


def _followed(pointer: Path) -> Path:
    try:
        name = os.fsdecode(read_bytes(pointer, at_most=LONGEST_POINTER)).strip()
        leads = name not in ("", "..") and Path(name).name == name and (pointer.parent / name).is_dir()
    except (ModelError, OSError, ValueError):
        leads = False
    if not leads:
        raise ModelError("names no run folder beside it", "name a run folder with --model", where=pointer)
    return pointer.parent / name
