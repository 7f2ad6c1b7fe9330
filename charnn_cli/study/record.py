"""Finished cells, kept as lines of JSON, and the answers that each gave to its test names."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import ModelError, OutputError
from charnn_cli.files import ROOM, blamed, lock, write_all, write_bytes
from charnn_cli.store.tensor_files import read_sealed, sealed

CELLS, ANSWERS = "cells.jsonl", "answers"
LARGEST_ANSWERS = 2**36  # bytes
ELSEWHERE = "name another folder"


class Cells:
    """Finished cells in a file of JSON lines, each under a key that says what it depends on.

    A line that was cut when its writer was killed counts as none. Raises OutputError where the file is something else.
    """

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        self.path = path
        if fresh:
            path.unlink(missing_ok=True)
        self._known: dict[str, dict[str, Any]] = {}
        try:
            content = path.read_bytes() if path.exists() else b""
            whole = content.rfind(b"\n") + 1
            if whole < len(content):
                os.truncate(path, whole)
            self._known = {cell["key"]: cell for cell in map(json.loads, content[:whole].splitlines())}
        except OSError as error:
            raise OutputError(f"cannot be read ({error.strerror})", ELSEWHERE, where=path) from None
        except (ValueError, KeyError, TypeError) as error:
            raise OutputError("is no record of cells", ELSEWHERE, where=path) from error

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def __getitem__(self, key: str) -> dict[str, Any]:
        return self._known[key]

    def add(self, key: str, about: Mapping[str, Any]) -> None:
        """Keep a cell, for good where this returns."""
        self._known[key] = {"key": key, **about}
        with blamed(self.path, ROOM):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab", buffering=0) as stream:
                line = json.dumps(self._known[key], ensure_ascii=False).encode(errors="surrogatepass")
                write_all(stream, line + b"\n", where=self.path, do=ROOM)
                os.fsync(stream.fileno())


class Record:
    """The folder of a study, while its `with` block lasts the only one that writes there; one that an error left empty
    goes again.

    Raises OutputError where the folder holds something else, or another study is at work in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = -1  # the descriptor that holds the folder
        self._made: list[Path] = []  # folders that were not there before, the innermost first

    def __enter__(self) -> "Record":
        path = self.folder / CELLS
        self._made = [folder for folder in (self.folder, *self.folder.parents) if not folder.exists()]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not path.exists() and any(self.folder.iterdir()):
                raise OutputError("holds other files and no study", ELSEWHERE, where=self.folder)
            (self.folder / ANSWERS).mkdir(exist_ok=True)
            self.lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            lock(self.lock)
        except BlockingIOError:
            os.close(self.lock)
            do = f"wait for its end, or {ELSEWHERE}"
            raise OutputError("another study is at work here", do, where=self.folder) from None
        except OSError as error:
            if self.lock < 0:  # else some network file systems have no locks
                raise OutputError(f"cannot be written ({error.strerror})", ELSEWHERE, where=self.folder) from None
        self.cells = Cells(path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.lock)
        if error is not None and self._is_empty():
            with suppress(OSError):
                (self.folder / ANSWERS).rmdir()
                (self.folder / CELLS).unlink()
                for folder in self._made:
                    folder.rmdir()

    def _is_empty(self) -> bool:
        """Whether nothing came of it that was begun here."""
        names = {path.name for path in self.folder.iterdir()}
        return self.folder in self._made and names == {ANSWERS, CELLS} and not (self.folder / CELLS).stat().st_size


def save_answers(folder: Path, key: str, rows: NDArray[np.int64], probabilities: NDArray[np.floating]) -> None:
    """Keep what a cell says of its test names: rows (T,) of the dataset and their probabilities (T, C)."""
    arrays: dict[str, np.ndarray] = {"rows": rows.astype(np.int64), "probabilities": probabilities.astype(np.float32)}
    write_bytes(_answers(folder, key), sealed(arrays, {"key": key})[0])


def load_answers(folder: Path, key: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Rows (T,) and probabilities (T, C); raises ModelError where the file is missing, cut or changed."""
    try:
        arrays, _ = read_sealed(_answers(folder, key), at_most=LARGEST_ANSWERS)
    except ModelError as error:
        do = "delete it, and the same command measures that cell again"
        raise ModelError(error.what, do, where=error.where) from error
    return arrays["rows"], arrays["probabilities"]


def has_answers(folder: Path, key: str) -> bool:
    """Whether the answers of a cell are there."""
    return _answers(folder, key).is_file()


def _answers(folder: Path, key: str) -> Path:
    return folder / ANSWERS / f"{key}.safetensors"
