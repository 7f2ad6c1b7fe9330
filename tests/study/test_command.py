"""`charnn study`, as a command that is stopped and goes on."""

import csv
import json
import re
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import PATIENCE, SMALL_NAMES, TINY, Charnn
from copies import Copy

from charnn_cli.study.comparing import corrected_t

FAST = ["data.test_fraction=0.2", "training.batch_size=4", "training.optimiser=sgd", "training.weight_decay=0"]
SETTINGS = [
    *TINY,
    *(word for setting in [*FAST, "training.clip_norm=null", "model.activation=relu"] for word in ("--set", setting)),
]
COMMON = ["--config", "rnn", *SETTINGS, "--splits", "2", "--out", "study"]
# A learning rate that no weights survive is a cell that fails.
STUDY = [*COMMON, "--set", "training.epochs=2", "--vary", "training.lr=0.01,1e9", "--jobs", "1"]
TIMES = ("seconds", "names_per_second")


def told(folder: Path) -> dict[str, Any]:
    """What study.json says, but for times."""
    study: dict[str, Any] = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    for entry in (*study["cells"], *study["recipes"]):
        for time_key in TIMES:
            entry.pop(time_key, None)
    return study


def lines(folder: Path) -> list[dict[str, Any]]:
    content = (folder / "cells.jsonl").read_text(encoding="utf-8") if (folder / "cells.jsonl").exists() else ""
    return [json.loads(line) for line in content.splitlines(keepends=True) if line.endswith("\n")]


@pytest.fixture(scope="module")
def whole(small_names: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that nothing stopped."""
    folder = tmp_path_factory.mktemp("whole")
    out, err = Copy(folder, "study", small_names, *STUDY).communicate(PATIENCE)
    assert "4/4  " in err, err
    (folder / "stdout").write_text(out, encoding="utf-8")
    return folder / "study"


def test_a_cell_that_fails_is_a_cell_with_its_reason(whole: Path) -> None:
    study = told(whole)
    good, bad = study["recipes"]
    assert (good["recipe"], good["cells"], good["failed"]) == ("rnn, lr=0.01", 2, 0)
    assert (bad["recipe"], bad["cells"], bad["failed"]) == ("rnn, lr=1e9", 0, 2)
    assert {cell["reason"] for cell in study["cells"] if cell["status"] == "failed"} == {
        "no epoch ended with weights that answer in numbers"
    }
    assert study["differences"] == []
    table = (whole / "table.md").read_text(encoding="utf-8")
    assert table.startswith("# 30 names of 3 origins, 2 splits by name, 1 seed\n")
    assert "rnn, lr=1e9 failed on split 0, seed 0: no epoch ended" in table
    assert (table.count("no epoch ended"), table.count("; so did 1 more of its cells")) == (1, 1)


def test_a_study_that_was_killed_goes_on_with_what_is_missing(whole: Path, small_names: Path, tmp_path: Path) -> None:
    study = tmp_path / "study"
    # Beside the cells with two epochs stand others that do not end, so that there is something to kill.
    endless = [*COMMON, "--set", "training.lr=0.01", "--vary", "training.epochs=2,100000"]
    for jobs, count, number in ((1, 1, signal.SIGINT), (2, 2, signal.SIGKILL)):
        process = Copy(tmp_path, "study", small_names, *endless, "--jobs", jobs)
        deadline = time.monotonic() + PATIENCE
        while len(lines(study)) < count:
            assert process.returncode is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(number)
        _, err = process.communicate(PATIENCE)
        assert process.returncode == (130 if number == signal.SIGINT else -number)
        assert ("interrupted with 1 of 4 cells done; the same command goes on" in err) == (number == signal.SIGINT)
        figures = (study / "table.md").read_text(encoding="utf-8")  # of what was measured when Ctrl-C came
        assert "3 cells are not measured yet" in figures
    before = lines(study)
    with (study / "cells.jsonl").open("a") as stream:
        stream.write('{"key": "cut')
    _, err = Copy(tmp_path, "study", small_names, *STUDY).communicate(PATIENCE)
    assert "4 cells of 2 recipes, 2 of them done" in err
    after = lines(study)
    assert (len(before), after[:2], len(after)) == (2, before, 4)
    assert told(study) == told(whole)
    figures, other = ((folder / "table.md").read_text().partition("## what it takes")[0] for folder in (study, whole))
    assert figures == other


@pytest.fixture(scope="module")
def folds(small_names: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-validation, with the linear model."""
    folder = tmp_path_factory.mktemp("folds")
    words = ["--config", "rnn", *SETTINGS, "--set", "training.lr=0.01", "--set", "training.epochs=2", "--baseline"]
    copy = Copy(folder, "study", small_names, *words, "--folds", "2", "--jobs", "2", "--out", "study")
    _, err = copy.communicate(PATIENCE)
    assert copy.returncode == 0, err
    return folder / "study"


def test_out_of_fold_every_name_is_answered_once_by_each_recipe(folds: Path) -> None:
    import pyarrow.parquet

    rows = list(csv.DictReader((folds / "predictions.csv").read_text(encoding="utf-8").splitlines()))
    wanted = Counter((name, origin) for origin, names in SMALL_NAMES.items() for name in names)
    for recipe in ("rnn", "linear model"):
        own = [row for row in rows if row["recipe"] == recipe]
        assert Counter((row["name"], row["origin"]) for row in own) == wanted
        assert len({row["fold"] for row in own if row["name"] == "Bruno"}) == 1  # all its origins on one side
        assert {row["fold"] for row in own} == {"0", "1"}
    probabilities = [[float(row[f"probability_{origin}"]) for origin in SMALL_NAMES] for row in rows]
    assert np.allclose(np.sum(probabilities, axis=1), 1, atol=1e-5)
    best = np.argmax(probabilities, axis=1)
    shown = [row[f"probability_{row['predicted']}"] for row in rows]
    assert [row["probability"] for row in rows] == shown  # as shortest float32, all of them
    assert [row["predicted"] for row in rows] == [list(SMALL_NAMES)[place] for place in best]
    table = pyarrow.parquet.read_table(folds / "predictions.parquet")
    told = [{key: "" if value is None else str(value) for key, value in row.items()} for row in table.to_pylist()]
    assert [(row["name"], row["recipe"], row["seed"], row["predicted"]) for row in told] == [
        (row["name"], row["recipe"], row["seed"], row["predicted"]) for row in rows
    ]
    assert table.column("probability_Russian").to_pylist() == [np.float32(row["probability_Russian"]) for row in rows]


def test_the_folds_are_summed_up_in_words_figures_and_a_page(folds: Path) -> None:
    study = told(folds)
    assert [(row["recipe"], row["cells"]) for row in study["recipes"]] == [("rnn", 2), ("linear model", 2)]
    difference = next(row for row in study["differences"] if row["metric"] == "accuracy")
    by_fold = {
        recipe: [cell["metrics"]["accuracy"] for cell in study["cells"] if cell["recipe"] == recipe]
        for recipe in ("rnn", "linear model")
    }
    paired = np.subtract(by_fold["linear model"], by_fold["rnn"])
    sizes = [[cell[side] for cell in study["cells"]] for side in ("n_test", "n_train")]
    assert (difference["difference"], difference["low"], difference["high"], difference["p"]) == pytest.approx(
        corrected_t(paired.tolist(), np.sum(sizes[0]) / np.sum(sizes[1]))
    )
    page = (folds / "index.html").read_text(encoding="utf-8")
    assert "2 folds by name" in page
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page)
    for name in re.findall(r'href="([\w.]+)"', page):
        assert (folds / name).stat().st_size > 0


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--splits", "2", "--folds", "2"], "--splits and --folds are two ways to hold names out"),
        (["--seeds", "0"], "--seeds 0 leaves nothing to do"),
        (["--budget", "soon"], "--budget soon is no time"),
        (["--folds", "99"], "29 names make no 99 folds"),
        (["--set", "data.test_fraction=0"], "error: there are no test names; set data.test_fraction above 0"),
    ],
)
def test_what_cannot_be_studied_is_refused(
    words: list[str], error: str, small_names: Path, charnn: Charnn, tmp_path: Path
) -> None:
    done = charnn("study", small_names, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert error in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_folder_of_something_else_is_left_alone(small_names: Path, charnn: Charnn, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = charnn("study", small_names, "--out", tmp_path)
    assert done.returncode == 2
    assert "holds other files and no study" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
