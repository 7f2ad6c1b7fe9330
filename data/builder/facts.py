"""Reads the tables of `facts/`: what no package has about surnames; each file names its source in its first lines."""

from __future__ import annotations

from pathlib import Path

FACTS = Path(__file__).parent / "facts"


def lines(name: str) -> list[str]:
    """A file's lines without comments and blanks."""
    text = (FACTS / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def words(name: str) -> list[str]:
    """A file of words separated by blanks, in file order, each once."""
    return list(dict.fromkeys(word for line in lines(name) for word in line.split()))


def table(name: str) -> dict[str, list[str]]:
    """A file of tab-separated rows: first column -> the comma-separated words of all others, each once."""
    rows: dict[str, list[str]] = {}
    for line in lines(name):
        head, *columns = line.split("\t")
        found = [word.strip() for column in columns for word in column.split(",") if word.strip()]
        rows[head] = list(dict.fromkeys(rows.get(head, []) + found))
    return rows
