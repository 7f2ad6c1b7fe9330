"""Which files are labelled, and what their parts are called."""

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from charnn_cli.errors import DataError, UsageError
from charnn_cli.formats.table import FORMATS, JSON, NDJSON, TEXT, format_of


@dataclass(frozen=True, slots=True)
class Input:
    """A file to label."""

    path: str
    name: str  # its place below the folder that was given
    layout: str  # of its parts: csv, tsv, ndjson or parquet
    size: int  # bytes
    modified_ns: int

    def part(self, number: int) -> str:
        """The name of a part, below the output folder; in order of rows as in that of names."""
        return f"{os.path.splitext(self.name)[0]}-{number:05d}.{self.layout}"

    def check_unchanged(self) -> None:
        """Raise DataError where the file is no longer the one that was found."""
        status = _status(self.path)
        if (status.st_size, status.st_mtime_ns) != (self.size, self.modified_ns):
            raise DataError("has changed meanwhile", "label it again, into another folder", where=self.path)


def find_inputs(place: str, column: Sequence[str] | None, layout: str | None) -> tuple[list[Input], list[str]]:
    """The files of a folder, of a glob pattern or of one path, sorted, and the paths that are left out.

    Of a folder, the files below it whose suffix says that they have columns (or, without a column, that they hold
    lines) are taken; names with a leading `.` or `_` belong to whoever wrote the folder and are passed by. Of a
    pattern, every file is taken. Raises DataError and UsageError.
    """
    paths: list[str] = []
    left_out: list[str] = []
    if os.path.isdir(place):
        root = place
        for path in _below(place):
            kind = format_of(path)
            is_wanted = kind is TEXT if column is None else kind is not None and kind.has_columns
            (paths if is_wanted and os.path.isfile(path) else left_out).append(path)
    else:
        matches = [place] if os.path.lexists(place) else sorted(glob.glob(place, recursive=True))
        root, paths = _fixed_part(place), [path for path in matches if not os.path.isdir(path)]
    if not paths:
        wanted = ", ".join(kind.suffixes[0] for kind in FORMATS if kind.has_columns != (column is None))
        raise DataError("no file to label", f"give a folder with files of {wanted}, or a pattern", where=place)
    return _distinct([_input(path, root, column, layout) for path in paths]), left_out


def _below(folder: str) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] not in "._")
        yield from (os.path.join(parent, name) for name in sorted(files) if name[0] not in "._")


def _fixed_part(pattern: str) -> str:
    """The folder that all matches of a pattern lie in."""
    folder = os.path.dirname(pattern)
    while glob.has_magic(folder) and not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return folder or "."


def _input(path: str, root: str, column: Sequence[str] | None, layout: str | None) -> Input:
    kind = format_of(path) or TEXT
    if column is None and kind.has_columns:
        raise UsageError(f"{path} has columns", "say which of them holds the names")
    if not os.path.isfile(path) and os.path.lexists(path):
        raise DataError("is no plain file", "name files, or a folder of them", where=path)
    status = _status(path)
    name = Path(os.path.relpath(path, root)).as_posix()
    layout = layout or (NDJSON if kind is JSON else kind).layout  # an array cannot be cut into parts
    return Input(os.path.abspath(path), name, layout, status.st_size, status.st_mtime_ns)


def _status(path: str) -> os.stat_result:
    try:
        return os.stat(path)
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", "name a file of names", where=path) from None


def _distinct(inputs: list[Input]) -> list[Input]:
    first_of: dict[str, Input] = {}
    for item in inputs:
        other = first_of.setdefault(item.part(0), item)
        if other is not item:
            what = f"{other.name} and {item.name} would both become {item.part(0)}"
            raise UsageError(what, "rename one of them, or label them into different folders")
    return inputs
