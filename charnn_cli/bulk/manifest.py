"""Which parts of an output folder are finished, so that a job that was stopped can go on.

`_manifest.jsonl` opens with the settings of the job; then comes a line for each finished part: the input file as it
was, the part's number, and its rows and bytes. A line is written when the part has its name, by the one process that
leads the job. `_SUCCESS` appears when every part of every input is there, and holds the totals.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from charnn_cli.bulk.files import Input
from charnn_cli.errors import CharnnError, OutputError
from charnn_cli.files import ROOM, blamed, lock, write_all, write_bytes, write_json

MANIFEST, SUCCESS = "_manifest.jsonl", "_SUCCESS"
VERSION = 1
UNFINISHED = re.compile(r"\..+-\d{5,}\.\w+\.[0-9a-f]{8}\.tmp")  # as `files.replacing` names them
ELSEWHERE = "name another folder to write to"


@dataclass(frozen=True, slots=True)
class Part:
    """A finished output file."""

    rows: int
    size: int  # bytes


class Manifest:
    """The record of a job in its output folder.

    Opened where there is none, it starts one in a new or empty folder. Raises OutputError where the folder holds
    something else, or the work of other settings, where an input has changed since, or cannot be written.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any], inputs: Iterable[Input]) -> None:
        self._folder = folder
        self._path = folder / MANIFEST
        self._settings = json.loads(json.dumps(settings))
        self._inputs = {item.name: item for item in inputs}
        self._parts: dict[str, dict[int, Part]] = {name: {} for name in self._inputs}
        self._last: dict[str, int] = {}  # number of the last part, where it is finished
        if self._path.exists():
            self._read()
        else:
            self._start()
        try:
            (folder / SUCCESS).unlink(missing_ok=True)
            self._stream = self._path.open("ab", buffering=0)
        except OSError as error:
            raise OutputError(f"cannot be written ({error.strerror})", ELSEWHERE, where=folder) from None
        self._lock()
        self._sweep()

    def done(self, item: Input) -> frozenset[int]:
        """The numbers of an input's finished parts."""
        return frozenset(self._parts[item.name])

    def is_complete(self, item: Input) -> bool:
        """Whether every part of an input is finished."""
        last = self._last.get(item.name)
        return last is not None and len(self._parts[item.name]) == last + 1

    @property
    def parts(self) -> int:
        """Finished parts of the job's inputs."""
        return sum(map(len, self._parts.values()))

    @property
    def rows(self) -> int:
        """Rows in the finished parts."""
        return sum(part.rows for parts in self._parts.values() for part in parts.values())

    def add(self, item: Input, number: int, part: Part, *, is_last: bool) -> None:
        """Record a part that has its name. Raises OutputError where the file is not there as it was written."""
        self._check_written(item, number, part)
        self._remember(item.name, number, part, is_last)
        record = {
            "input": item.name,
            "size": item.size,
            "modified_ns": item.modified_ns,
            "number": number,
            "is_last": is_last,
            "part": item.part(number),
            "rows": part.rows,
            "bytes": part.size,
        }
        with blamed(self._path, ROOM):
            write_all(self._stream, json.dumps(record).encode() + b"\n", where=self._path, do=ROOM)
            os.fsync(self._stream.fileno())

    def finish(self) -> None:
        """Say that all is done. Raises CharnnError where it is not."""
        missing = [item.path for item in self._inputs.values() if not self.is_complete(item)]
        if missing:
            what = f"{len(missing)} of {len(self._inputs)} files are not labelled to their end, {missing[0]} among them"
            raise CharnnError(what, "run the command again: finished parts are kept")
        write_json(self._folder / SUCCESS, {"inputs": len(self._inputs), "parts": self.parts, "rows": self.rows})

    def __enter__(self) -> "Manifest":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sweep()
        self._stream.close()

    def _start(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            others = next(self._folder.iterdir(), None)
        except OSError as error:
            raise OutputError(f"is no folder to write to ({error.strerror})", ELSEWHERE, where=self._folder) from None
        if others is not None:
            raise OutputError("holds other files", "name a new or empty folder", where=self._folder)
        write_bytes(self._path, json.dumps({"version": VERSION, **self._settings}).encode() + b"\n")

    def _read(self) -> None:
        try:
            content = self._path.read_bytes()
            whole = content.rfind(b"\n") + 1
            if whole < len(content):  # the job was ended while it wrote the line
                os.truncate(self._path, whole)
            header, *records = map(json.loads, content[:whole].splitlines())
            self._check_settings(header)
            for record in records:
                self._take(record)
        except OSError as error:
            raise OutputError(f"cannot be read ({error.strerror})", ELSEWHERE, where=self._path) from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            what = f"is no record of labelled files ({type(error).__name__}: {error})"
            raise OutputError(what, ELSEWHERE, where=self._path) from None

    def _check_settings(self, header: dict[str, Any]) -> None:
        for key, value in {"version": VERSION, **self._settings}.items():
            if header[key] != value:
                what = f"was begun with another {key} ({_short(header[key])}, now {_short(value)})"
                raise OutputError(what, f"give the same, or {ELSEWHERE}", where=self._folder)

    def _take(self, record: dict[str, Any]) -> None:
        item = self._inputs.get(record["input"])
        if item is None:  # labelled before, and not among the inputs of today
            return
        if (record["size"], record["modified_ns"]) != (item.size, item.modified_ns):
            what = f"holds parts of {item.path} as it was before it changed"
            raise OutputError(what, ELSEWHERE, where=self._folder)
        part = Part(int(record["rows"]), int(record["bytes"]))
        try:
            self._check_written(item, record["number"], part)
        except OutputError:  # taken away since: to be done again
            return
        self._remember(item.name, record["number"], part, record["is_last"])

    def _check_written(self, item: Input, number: int, part: Part) -> None:
        path = self._folder / item.part(number)
        if not path.is_file() or path.stat().st_size != part.size:
            what = "was written by a worker but is not here as it wrote it"
            raise OutputError(what, "name a folder that every node of the cluster sees", where=path)

    def _remember(self, name: str, number: int, part: Part, is_last: bool) -> None:
        self._parts[name][number] = part
        if is_last:
            self._last[name] = number

    def _lock(self) -> None:
        """Keep other jobs out of the folder, where the file system knows how to."""
        try:
            lock(self._stream.fileno())
        except BlockingIOError:
            self._stream.close()
            what = "is being written to by another charnn predict"
            raise OutputError(what, f"wait for its end, or {ELSEWHERE}", where=self._folder) from None
        except OSError:  # some network file systems have no locks
            return

    def _sweep(self) -> None:
        """Remove what processes that died left half written."""
        for parent, _, files in os.walk(self._folder):
            for name in files:
                if UNFINISHED.fullmatch(name):
                    Path(parent, name).unlink(missing_ok=True)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
