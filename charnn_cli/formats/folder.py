"""Rows of a folder of `<Origin>.txt` files, one name a line."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from charnn_cli.errors import DataError
from charnn_cli.formats.lines import UNREADABLE, checked_size, read_lines, unreadable
from charnn_cli.formats.reading import Reading


def folder_rows(folder: Path, reading: Reading) -> Iterator[tuple[str, str]]:
    """(name, origin) of every line; the origin is the file's name, and files are read in the order of their names.

    Hidden files and files that are not `.txt` are left alone.
    """
    files = _readable_files(folder, reading)
    for path, _ in files:
        origin, rows = path.stem, reading.report.rows
        try:
            for line in read_lines(path, reading):
                if line != UNREADABLE:
                    yield line, origin
        except DataError as error:
            reading.faults.add(error.what, error.do, where=path)
            continue
        if reading.report.rows == rows:
            reading.faults.add("holds no names", "write one name a line, or remove the file", where=path)


def _readable_files(folder: Path, reading: Reading) -> list[tuple[Path, int]]:
    """The files of a folder with their sizes; what cannot be read as one is a fault."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".txt" and path.name[0] != ".")
    except OSError as error:
        raise unreadable(folder, error) from None
    if not paths:
        reading.faults.add("holds no .txt files", "give a folder with one <Origin>.txt for each origin", where=folder)
    files = []
    stems: dict[str, Path] = {}
    for path in paths:
        try:
            files.append((path, checked_size(path)))
        except DataError as error:
            reading.faults.add(error.what, error.do, where=path)
            continue
        stem = unicodedata.normalize("NFC", path.stem).casefold()
        if stem in stems:
            what = f"differs from '{stems[stem].name}' in case alone"
            reading.faults.add(what, "put the names of one origin into one file", where=path)
        stems.setdefault(stem, path)
    reading.progress.total = sum(size for _, size in files)
    return files
