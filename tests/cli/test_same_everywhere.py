"""One seed, the same bytes: whatever the locale, time zone, folder, hash seed, umask and order of the files."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import SMALL_NAMES, TINY
from safetensors.numpy import load_file

HERE = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
THERE = {
    "LC_ALL": "tr_TR.ISO-8859-9",
    "LANG": "tr_TR",
    "TZ": "Pacific/Kiritimati",
    "PYTHONHASHSEED": "4242",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "COLUMNS": "37",
    "NO_COLOR": "1",
}
TIMES = {"seconds", "names_per_second", "training_seconds", "finished"}
PLACES = {"path", "run", "sha256", "data"}  # where the names lay, and digests of that
SETTINGS = [*TINY, "--epochs", "2", "--set", "data.validation_fraction=0.2", "--set", "data.test_fraction=0.2"]


def _without(value: Any, keys: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(inner, keys) for key, inner in value.items() if key not in keys}
    return [_without(inner, keys) for inner in value] if isinstance(value, list) else value


@pytest.fixture
def runs(charnn, tmp_path: Path) -> list[Path]:
    """The same names, trained on twice, as far apart as one machine allows."""
    ways = [("here", list(SMALL_NAMES), HERE, 0o022), ("far away/ğ", list(reversed(SMALL_NAMES)), THERE, 0o077)]
    folders = []
    for number, (place, origins, environment, umask) in enumerate(ways):
        folder = tmp_path / place
        (folder / "names").mkdir(parents=True)
        for age, origin in enumerate(origins):
            path = folder / "names" / f"{origin}.txt"
            path.write_text("\n".join(SMALL_NAMES[origin]) + "\n", encoding="utf-8")
            os.utime(path, (age + 1, age + 1))
        data = folder / "names" if number else "names"
        done = charnn(
            "train", data, *SETTINGS, "--out", "run", cwd=folder, env={**os.environ, **environment}, umask=umask
        )
        assert done.returncode == 0, done.stderr
        folders.append(folder / "run")
    return folders


def test_a_run_is_the_same_but_for_times_and_the_place_of_its_names(runs: list[Path], charnn) -> None:
    one, other = runs
    assert {path.name for path in one.iterdir()} == {path.name for path in other.iterdir()}
    for name in ("model.safetensors", "config.yaml"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    for name, may_differ in (("model.json", PLACES - {"data"}), ("metrics.json", TIMES)):
        texts = [json.loads((run / name).read_text(encoding="utf-8")) for run in runs]
        assert _without(texts[0], may_differ) == _without(texts[1], may_differ), name
    for lines in zip(*((run / "history.jsonl").read_text().splitlines() for run in runs), strict=True):
        assert len({json.dumps(_without(json.loads(line), TIMES)) for line in lines}) == 1
    hashes, states = (
        [load_file(run / name) for run in runs] for name in ("training_names.safetensors", "last/state.safetensors")
    )
    for first, second in (hashes, states):
        assert first.keys() == second.keys()
        assert all(np.array_equal(first[name], second[name]) for name in first)
    cards = [(run / "MODEL_CARD.md").read_text(encoding="utf-8").replace(str(run.parent), "") for run in runs]
    assert re.sub(r"/?names\b", "", cards[0]) == re.sub(r"/?names\b", "", cards[1])

    answers = []
    for run, environment in zip(runs, (HERE, THERE), strict=True):
        where = {"cwd": run.parent, "env": {**os.environ, **environment}}
        predicted = charnn("predict", "Hinton", "Wałęsa", "李", "--model", "run", "-k", "3", **where)
        evaluated = charnn("evaluate", "run", "--format", "json", "--split", "all", **where)
        drawn = charnn("plot", "loss", "run", "-o", "loss.svg", **where)
        assert (predicted.returncode, evaluated.returncode, drawn.returncode) == (0, 0, 0), predicted.stderr
        figures = _without(json.loads(evaluated.stdout), {"run", "data"})
        answers.append((predicted.stdout, figures, (run.parent / "loss.svg").read_bytes()))
    assert answers[0] == answers[1]


def test_folders_whose_names_are_no_text(charnn, small_names: Path, tmp_path: Path) -> None:
    """A path is bytes: names in another encoding than the locale's come from old disks and archives."""
    data, run = (os.fsdecode(name) for name in (b"na\xffmes", b"runs/r\xff"))
    shutil.copytree(small_names, tmp_path / data)
    commands = [
        ["train", data, *SETTINGS, "--out", run, "--quiet"],
        ["predict", "Rossi"],
        ["evaluate", "--split", "all", "--report", os.fsdecode(b"re\xffport.html")],
        ["plot", "confusion", run, "--data", data, "-o", os.fsdecode(b"co\xffnfusion.svg")],
    ]
    for words in commands:
        done = charnn(*words)
        assert done.returncode == 0, f"{words}: {done.stderr}"


def test_a_run_folder_that_is_copied_answers_the_same(tiny_run: Path, charnn, tmp_path: Path) -> None:
    before = charnn("predict", "Rossi", "--model", tiny_run).stdout
    shutil.copytree(tiny_run, tmp_path / "moved")
    assert charnn("predict", "Rossi", "--model", tmp_path / "moved").stdout == before != ""
