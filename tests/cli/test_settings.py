"""`charnn config` and `charnn recipes`."""

import pytest

from charnn_cli.cli.settings import config, recipes
from charnn_cli.config import Config, recipe_names
from charnn_cli.errors import UsageError


@pytest.mark.parametrize("key", ["training.lr", "lr"])
def test_one_setting_is_told_whole(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    config(key)
    told = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines()[1:5])
    assert told["key"] == "training.lr"
    assert told["takes"].startswith("number, above 0")
    assert told["default"] == str(Config().training.lr)


def test_a_group_lists_its_settings_alone(capsys: pytest.CaptureFixture[str]) -> None:
    config("text")
    keys = [line.split()[0] for line in capsys.readouterr().out.splitlines()[2:]]
    assert len(keys) > 3
    assert all(key.startswith("text.") for key in keys)


def test_an_unknown_key_is_guessed_at() -> None:
    with pytest.raises(UsageError, match=r"did you mean 'model\.hidden_size'"):
        config("model.hiden_size")


def test_every_recipe_stands_in_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    recipes()
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[2:]] == recipe_names()
