"""Every shipped recipe trains, and says how."""

import tomllib
from pathlib import Path

import pytest
import torch

import charnn_cli
from charnn_cli.cli import settings
from charnn_cli.config import load_settings, recipe_folder, recipe_names
from charnn_cli.config.reference import recipes
from charnn_cli.data import read, split
from charnn_cli.train import fit, learn_from, new_network

SMALL = ["training.epochs=2", "model.hidden_size=8"]


def test_the_recipes_that_the_readme_names_are_there() -> None:
    assert {"default", "fast", "lesson", "rnn", "rnn-relu-identity", "gru", "lstm", "mlp"} <= set(recipe_names())
    beside, inside = Path(__file__).parents[2] / "configs", Path(charnn_cli.__file__).parent / "configs"
    assert recipe_folder() in (beside, inside)  # of a checkout, or of what was installed


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_opens_with_the_command_that_runs_it(name: str) -> None:
    first = (recipe_folder() / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# charnn train data/names" + ("" if name == "default" else f" --config {name}")


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_trains_two_small_epochs(name: str, small_names: Path) -> None:
    short = ["training.steps_per_epoch=20"] if name == "lesson" else []
    config = load_settings(name, [*SMALL, *short]).config
    dataset = read(small_names, rules=config.text.rules())
    sides = split(dataset, seed=0, validation_fraction=0.2, test_fraction=0.2)
    data = learn_from(dataset, sides, config)
    reports = list(fit(new_network(data, config), data, config, torch.device("cpu")))
    assert len(reports) == 2
    assert reports[1].record["train_loss"] < 1.5 * reports[0].record["train_loss"]
    assert reports[1].is_best or reports[0].is_best


def test_the_recipes_of_the_cells_differ_in_the_cell_alone() -> None:
    rnn, *others = (load_settings(cell).config for cell in ("rnn", "gru", "lstm"))
    for other in others:
        assert other == rnn.model_copy(update={"model": rnn.model.model_copy(update={"cell": other.model.cell})})


def test_the_page_of_settings_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    settings.config(format="markdown")
    page = recipe_folder() / "README.md"
    assert capsys.readouterr().out == page.read_text(encoding="utf-8"), f"charnn config --format markdown > {page}"


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_says_in_a_sentence_what_it_is(name: str) -> None:
    assert 15 < len(recipes()[name]) < 250


def test_an_installed_package_finds_the_recipes_inside_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a wheel, `configs/` lies in the package and nothing lies beside it (see pyproject.toml)."""
    package = tmp_path / "charnn_cli"
    (package / "configs").mkdir(parents=True)
    (package / "configs" / "mine.yaml").write_text("seed: 7\n", encoding="utf-8")
    monkeypatch.setattr("charnn_cli.config.loading.PACKAGE", package)
    assert recipe_names() == ["mine"]
    assert load_settings("mine").config.seed == 7
    pyproject = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    included = pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included == {"configs": "charnn_cli/configs"}
