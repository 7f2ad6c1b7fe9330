"""Which run folder is meant, and paths as text that means the same in every locale."""

import difflib
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from charnn_cli.errors import ModelError, UsageError
from charnn_cli.files import read_bytes, write_bytes
from charnn_cli.store.model_files import DESCRIPTION

RUNS = Path("runs")
LATEST = "latest"
VARIABLE = "CHARNN_MODEL"
TRAINED, BEGUN = DESCRIPTION, "config.yaml"  # one of which every run folder holds
MOST_NAMED = 5  # runs in a piece of advice
LONGEST_POINTER = 4096  # bytes
SHIPPED = Path(__file__).parents[1] / "pretrained"
SHIPPED_NAME = "shipped"  # in place of a folder, where none is called so


def locate(model: str | Path | None, on_note: Callable[[str], object] = id) -> Path:
    """The run folder to answer with: `model`, else `CHARNN_MODEL`, else `runs/latest` here, else the shipped model.

    Either may be `shipped`, which names that model wherever one asks. `on_note` is told where the run that
    `runs/latest` names is gone. Raises ModelError where the folder that is named does not exist, or there is none.
    """
    if model == "":
        raise ModelError("the name of the run folder is empty", _advice(""))
    if model is not None:
        path = Path(model)
        if path.is_file() and path.name == LATEST:
            return _followed(path, _named_by(path))
        if _is_run(path):
            return path
        if str(model) == SHIPPED_NAME:
            return SHIPPED
        raise ModelError("is no run folder" if path.exists() else "no such run folder", _advice(path.name), where=path)
    if told := os.environ.get(VARIABLE):
        return _by_variable(Path(told))
    pointer, gone = RUNS / LATEST, ""
    if pointer.is_dir():
        raise ModelError("is a folder, where the name of the newest run should stand", "rename it", where=pointer)
    if pointer.is_file():
        name = _named_by(pointer)
        if name is None or _is_folder(RUNS / name):
            return _followed(pointer, name)
        gone = f"{pointer} names {RUNS / name}, which is gone: the model that comes with charnn answers"
    if (SHIPPED / DESCRIPTION).is_file():
        if gone:
            on_note(gone)
        return SHIPPED
    raise ModelError("no model here yet", "train one with 'charnn train DATA', or name a run folder")


def _by_variable(path: Path) -> Path:
    if str(path) == SHIPPED_NAME and not path.is_dir():
        return SHIPPED
    if path.is_file() and path.name == LATEST:
        path = _followed(path, _named_by(path))
    if not _is_run(path):
        raise ModelError(f"{VARIABLE} names no run folder", f"{_advice(path.name)}, or unset it", where=path)
    return path


def _is_run(path: Path) -> bool:
    """Whether it is a folder that holds a run, finished or not."""
    return _is_folder(path) and any((path / name).exists() for name in (TRAINED, BEGUN))


def _advice(name: str) -> str:
    """Which run may be meant by a name."""
    by_name = {run.name: str(run) for run in runs_here()} | {SHIPPED_NAME: SHIPPED_NAME}
    if close := difflib.get_close_matches(name, by_name, n=1):
        return f"did you mean '{by_name[close[0]]}'?"
    *runs, _ = by_name.values()
    if not runs:
        return f"train one, or name '{SHIPPED_NAME}', the model that comes with charnn"
    newest = runs[-MOST_NAMED:]
    more = f" or {len(runs) - len(newest)} more" if len(runs) > len(newest) else ""
    return f"name one of {', '.join(newest)}{more}, or train one"


def new_run_folder(title: str) -> Path:
    """`runs/<date>-<title>-<n>` with the first free n; nothing is made yet."""
    number = 1
    while (folder := RUNS / f"{date.today().isoformat()}-{title}-{number}").exists():
        number += 1
    return folder


def named_run_folder(name: str) -> Path:
    """`runs/<name>`; raises UsageError where a folder cannot be called so."""
    if name in ("", ".", "..") or not name.isprintable() or set(name) & set("/\\:"):
        raise UsageError(f"'{name}' is no name for a run", "give one without / \\ and :, such as mine")
    return RUNS / name


def runs_here() -> list[Path]:
    """The run folders under `runs/`, the newest last."""
    try:
        return sorted((folder for folder in RUNS.iterdir() if _is_run(folder)), key=_changed)
    except OSError:
        return []


def _changed(folder: Path) -> tuple[int, str]:
    """When a run last got weights, or began, in nanoseconds; of what came at once the name decides."""
    times = [path.stat().st_mtime_ns for path in (folder / TRAINED, folder / BEGUN) if path.exists()]
    return max(times, default=0), folder.name


def is_shipped(folder: Path) -> bool:
    """Whether this is the model that comes with the package."""
    return folder == SHIPPED


def follow(folder: Path) -> bool:
    """Let `latest` beside a finished run name it, where the run lies in a folder called `runs`; whether it does."""
    folder = Path(os.path.abspath(folder))  # "." and ".." have no name of their own
    if folder.parent.name != RUNS.name:
        return False
    write_bytes(folder.parent / LATEST, os.fsencode(folder.name) + b"\n")
    return True


def _named_by(pointer: Path) -> str | None:
    """The name that a pointer holds, None where it is none of a folder beside it."""
    try:
        name = os.fsdecode(read_bytes(pointer, at_most=LONGEST_POINTER)).strip()
    except (ModelError, ValueError):
        return None
    return name if name not in ("", "..") and "\0" not in name and Path(name).name == name else None


def _followed(pointer: Path, name: str | None) -> Path:
    if name is not None and _is_folder(pointer.parent / name):
        return pointer.parent / name
    raise ModelError("names no run folder beside it", "name a run folder itself", where=pointer)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # too long for a name
        return False


def to_text(path: Path) -> str:
    """A path as a file records it: UTF-8 whatever the locale decodes paths by.

    Bytes that are no UTF-8 are lone surrogates, which JSON written with `surrogatepass` keeps.
    """
    return os.fsencode(path).decode("utf-8", "surrogateescape")


def from_text(text: Any) -> Path:
    """Inverse of `to_text` in any locale; for text that is no path, a path that leads nowhere."""
    return Path(os.fsdecode(str(text).encode("utf-8", "surrogateescape")))
