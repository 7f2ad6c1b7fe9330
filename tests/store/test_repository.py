"""A run folder is a model repository as it stands: what git takes of it answers elsewhere, and tells no place."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import Charnn
from ruamel.yaml import YAML

from charnn_cli.cli.training_output import command_line
from charnn_cli.errors import ModelError
from charnn_cli.store import Run, RunWriter

ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}  # whatever the user has set


def git(folder: Path, *words: object) -> None:
    who = ["-c", "user.name=charnn", "-c", "user.email=charnn@example.org"]
    done = subprocess.run(
        ["git", *who, *map(str, words)], cwd=folder, env={**os.environ, **ALONE}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.fixture(scope="module")
def clone(tiny_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the tiny run as git for Windows makes it."""
    if shutil.which("git") is None:
        pytest.skip("git is not here")
    place = tmp_path_factory.mktemp("git")
    shutil.copytree(tiny_run, place / "tiny")
    git(place / "tiny", "init", "-q")
    git(place / "tiny", "add", ".")
    git(place / "tiny", "commit", "-q", "-m", "A model")
    git(place, "-c", "core.autocrlf=true", "clone", "-q", "tiny", "clone")
    return place / "clone"


def test_a_clone_answers_as_the_run_does(clone: Path, tiny_run: Path, charnn: Charnn) -> None:
    asked = [charnn("predict", "Rossi", "Kimura", "--model", run, "-k", 3) for run in (clone, tiny_run)]
    assert asked[0].stdout == asked[1].stdout != ""
    one, other = Run(clone), Run(tiny_run)
    assert (one.config, one.metrics, one.history, one.card) == (other.config, other.metrics, other.history, other.card)
    assert np.array_equal(one.training_hashes, other.training_hashes)
    done = charnn("evaluate", clone)
    assert done.returncode == 2
    assert f"the names that '{clone}' was made with are not at '{other.data_path.name}' any more" in done.stderr


def test_nothing_in_it_tells_where_it_was_made(clone: Path, tiny_run: Path) -> None:
    assert not (clone / "last").exists()
    files = [path for path in clone.rglob("*") if path.is_file() and ".git" not in path.relative_to(clone).parts]
    places = [os.fsencode(place) for place in (Run(tiny_run).data_path.parent, tiny_run.parent)]
    assert [path.name for path in files if any(place in path.read_bytes() for place in places)] == []
    assert Run(tiny_run).data_path.is_dir()


def test_its_page_tells_hubs_and_people_what_it_is(clone: Path) -> None:
    page = (clone / "README.md").read_text(encoding="utf-8")
    head, _, body = page.removeprefix("---\n").partition("\n---\n")
    told, measured = YAML(typ="safe").load(head), Run(clone).metrics["test"]["metrics"]
    assert (told["library_name"], told["pipeline_tag"]) == ("charnn", "text-classification")
    (result,) = told["model-index"][0]["results"]
    assert {figure["name"]: figure["value"] for figure in result["metrics"]} == measured
    assert result["dataset"]["split"] == "test"
    assert Run(clone).card in body
    name = Run(clone).data_path.name
    (command,) = (line for line in body.splitlines() if line.startswith("charnn train"))
    assert command.startswith(f"charnn train {name} --set ")
    assert {"data.test_fraction=0.2", "training.epochs=3", "model.hidden_size=8"} <= set(command.split())
    assert f"torch {Run(clone).metrics['versions']['torch']}, Python 3." in body


def test_a_recipe_of_ones_own_is_told_by_the_settings_in_the_folder() -> None:
    about = {"data": {"path": "names.csv"}, "recipe": "gru", "given": {"training.epochs": 3}}
    assert command_line(about) == "charnn train names.csv --config gru --set training.epochs=3"
    assert command_line({**about, "recipe": "mine"}) == "charnn train names.csv --config config.yaml"


def test_what_someone_else_has_put_in_place_stays(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "README.md").write_text("# My own\n")
    for readme in ("---\nlibrary_name: charnn\n---\nfirst", "---\nlibrary_name: charnn\n---\nsecond"):
        with RunWriter(folder) as writer:
            writer.clear()
            writer.finish({}, "card", readme)
    assert (folder / "README.md").read_text() == "# My own\n"
    (folder / "README.md").unlink()
    for readme in ("---\nlibrary_name: charnn\n---\nfirst", "---\nlibrary_name: charnn\n---\nsecond"):
        with RunWriter(folder) as writer:
            writer.finish({}, "card", readme)
    assert (folder / "README.md").read_text().endswith("second")
    with RunWriter(folder) as writer:
        writer.clear()
    assert not (folder / "README.md").exists()


@pytest.mark.parametrize("place", ["3", '"/a\\u0000"', '"\\ud800"', f'"{"a" * 5000}"'])
def test_places_that_are_none_are_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "last").mkdir()
    (tmp_path / "last" / "places.json").write_text(f'{{"data": {place}}}')
    with pytest.raises(ModelError, match=r"places.json: holds no places"):
        _ = Run(tmp_path).places
