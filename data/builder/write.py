"""Writes the lists: the commonest names of each origin, sorted by code point, each file whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from builder.select import Entry


def commonest(entries: Mapping[str, Entry], most: int) -> list[str]:
    """The spellings of the heaviest entries, sorted; equals are drawn by a hash of the name, never by the alphabet."""

    def rank(name: str) -> tuple[float, bytes]:
        return -entries[name].weight, hashlib.sha256(name.encode()).digest()

    return sorted({entries[name].spelling for name in sorted(entries, key=rank)[:most]})


def write_text(path: Path, text: str) -> None:
    """Write beside the path and rename over it, readable by everyone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def write_lists(folder: Path, lists: Mapping[str, list[str]]) -> None:
    """One `<Origin>.txt` for each list; files of origins no longer built are removed."""
    for origin, names in sorted(lists.items()):
        write_text(folder / f"{origin}.txt", "".join(f"{name}\n" for name in names))
    for path in folder.glob("*.txt"):
        if path.stem not in lists:
            path.unlink()


def digest(folders: list[Path]) -> str:
    """SHA-256 over the folders' file names and bytes, in order."""
    total = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.glob("*.txt")):
            content = path.read_bytes()
            total.update(f"{folder.name}/{path.name} {len(content)}\n".encode())
            total.update(content)
    return total.hexdigest()
