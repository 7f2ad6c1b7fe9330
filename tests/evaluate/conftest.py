"""A run on made-up names, shared by the tests here."""

from pathlib import Path

import pytest
from evaluation_runs import made_up_names, make_run, write_data

from charnn_cli.store import Run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path / "names", made_up_names())


@pytest.fixture
def folder(tmp_path: Path, data: Path) -> Path:
    return make_run(tmp_path / "run", data)


@pytest.fixture
def run(folder: Path) -> Run:
    return Run(folder)
