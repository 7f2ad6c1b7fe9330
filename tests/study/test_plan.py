"""Which cells a study has, and what each of them is known by."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import TINY

from charnn_cli.data import TEST
from charnn_cli.errors import ConfigError, UsageError
from charnn_cli.study.measure import measure
from charnn_cli.study.plan import LINEAR, Design, linear_recipe, recipes


def test_every_recipe_is_combined_with_every_value() -> None:
    varied = ["training.lr=0.1,0.2", "model.ngram_orders=[1, 2, 3],[1, 2]"]
    found = recipes(["default", "fast"], ["training.epochs=3", "model.learned_orders=1"], varied, place="--set")
    assert len(found) == 8
    assert found[1].label == "default, lr=0.1, ngram_orders=[1, 2]"
    assert found[-1].settings.config.training.lr == 0.2
    assert {recipe.settings.config.training.epochs for recipe in found} == {3}


@pytest.mark.parametrize("word", ["training.lr", "training.lr=", "training.lr=1,,2", "=1,2"])
def test_what_varies_nothing_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="names no setting and values"):
        recipes(["rnn"], [], [word], place="--set")


def test_what_would_be_compared_with_itself_is_refused() -> None:
    with pytest.raises(UsageError, match="are the same settings"):
        recipes(["rnn", "rnn"], [], [], place="--set")
    with pytest.raises(UsageError, match=r"'training.lr' is varied twice"):
        recipes(["rnn"], [], ["training.lr=1", "training.lr=2"], place="--set")
    with pytest.raises(ConfigError, match="unknown key"):
        recipes(["rnn"], [], ["training.rate=1,2"], place="--set")


@pytest.mark.parametrize("word", ["data.split_seed=1,2", "data.test_fraction=0.1,0.2"])
def test_recipes_that_are_tested_on_different_names_are_no_comparison(word: str) -> None:
    with pytest.raises(UsageError, match="would be tested on different names"):
        recipes(["rnn"], [], [word], place="--set")
    assert len(recipes(["rnn"], [word.split(",")[0]], ["data.validation_fraction=0.1,0.2"], place="--set")) == 2


def test_cells_of_one_split_stand_together_and_the_linear_model_has_no_seeds(small_names: Path) -> None:
    chosen = recipes(["rnn", "gru"], ["seed=5"], [], place="--set")
    cells = Design(seeds=2, splits=2).cells([*chosen, linear_recipe(chosen)], small_names)
    assert [tuple(cell.about.values()) for cell in cells[:5]] == [
        ("rnn", 5, 0),
        ("gru", 5, 0),
        (LINEAR, None, 0),
        ("rnn", 6, 0),
        ("gru", 6, 0),
    ]
    assert cells[5].settings.config.data.split_seed == 1
    assert len({cell.key for cell in cells}) == len(cells) == 10


def test_a_cell_is_known_by_settings_names_and_program(small_names: Path, tmp_path: Path) -> None:
    def key(path: Path = small_names, recipe: str = "rnn", place: int = 0, **design: Any) -> str:
        return Design(1, 2, **design).cells(recipes([recipe], [], [], place="--set"), path)[place].key

    same = tmp_path / "elsewhere"
    same.mkdir()
    for file in small_names.iterdir():
        (same / file.name).write_bytes(file.read_bytes())
    assert key() == key(same)
    (same / "Welsh.txt").write_text("Jones\nEvans\n")
    other = tmp_path / "other"
    same.rename(other)
    keys = [key(), key(other), key(folds=True), key(folds=True, place=1), key(recipe="gru"), key(place=1)]
    assert len({*keys, key(program="another")}) == 7


def test_the_folds_of_a_study_hold_every_name_once(small_names: Path) -> None:
    cells = Design(seeds=1, splits=3, folds=True).cells(recipes(["rnn"], [], [], place="--set"), small_names)
    dataset = cells[0].names.read()
    tested = np.concatenate([np.flatnonzero(cell.sides(dataset) == TEST) for cell in cells])
    assert sorted(tested.tolist()) == list(range(len(dataset)))


def test_a_cell_is_the_training_that_charnn_train_does(small_names: Path, tiny_run: Path) -> None:
    assignments = ["training.epochs=3", "data.validation_fraction=0.2", "data.test_fraction=0.2", *TINY[1::2]]
    (cell,) = Design(1, 1).cells(recipes(["default"], assignments, [], place="--set"), small_names)
    told = measure(cell)
    metrics = json.loads((tiny_run / "metrics.json").read_text(encoding="utf-8"))
    assert told.figures["metrics"] == metrics["test"]["metrics"]
    assert told.figures["validation"] == metrics["validation"]["metrics"]
    assert (told.figures["n_test"], told.figures["best_epoch"]) == (metrics["test"]["n"], metrics["best_epoch"])
    assert told.probabilities.shape == (len(told.rows), 3)
