"""Data files for the tests of the readers."""

from pathlib import Path

import pytest

from charnn_cli.data import Dataset, read
from charnn_cli.errors import DataError
from charnn_cli.text import TextRules

RULES = TextRules()
ROWS = [("Hinton", "Scottish"), ("Łukasiewicz", "Polish"), ("O’Neill", "Irish"), ("van der Berg, jr.", "Dutch")]


def rows_of(dataset: Dataset) -> list[tuple[str, str]]:
    return sorted(zip(dataset.names, (dataset.labels[origin] for origin in dataset.origins), strict=True))


def faults_of(path: Path, **options) -> list[str]:
    with pytest.raises(DataError) as error:
        read(path, rules=RULES, **options)
    lines = error.value.lines()
    assert all("\n" not in line and "; " in line for line in lines)
    return lines


def folder(path: Path, files: dict[str, str | bytes]) -> Path:
    path.mkdir(exist_ok=True)
    for name, content in files.items():
        (path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def table(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
