"""Where a search looks: what a recipe's `search:` may say, and what is looked at without it."""

from pathlib import Path

import pytest

from charnn_cli.config import dump_yaml, load_settings, recipe_names
from charnn_cli.config.space import Choices, Range, around, placed, value_of
from charnn_cli.errors import ConfigError


def write(folder: Path, text: str, name: str = "mine.yaml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_space_is_read_inherited_and_no_part_of_a_run(tmp_path: Path) -> None:
    below = "search:\n  training.lr: {low: 1e-3, high: 1, log: true}\n  model.hidden_size: {low: 8, high: 64}\n"
    write(tmp_path, f"extends: gru\n{below}  model.dropout: [0, 0.5]\n", "base.yaml")
    mine = "extends: base.yaml\nsearch: {model.dropout: null, model.ngram_orders: [[1, 2], [1, 2, 3]]}\n"
    settings = load_settings(write(tmp_path, mine), ["search.training.clip_norm=[null, 1.0]"])
    assert settings.search == {
        "training.lr": Range(0.001, 1.0, log=True),
        "model.hidden_size": Range(8, 64),
        "model.ngram_orders": Choices(((1, 2), (1, 2, 3))),
        "training.clip_norm": Choices((None, 1.0)),
    }
    assert isinstance(settings.search["model.hidden_size"].low, int)
    assert settings.config == load_settings("gru").config
    assert "search" not in dump_yaml(settings.config)
    assert "  training.lr: {low: 0.001, high: 1.0, log: true}" in settings.describe()
    assert settings.describe().count("base.yaml") == 2


@pytest.mark.parametrize(
    ("below", "fault"),
    [
        ("training.lrr: [1, 2]", "search.training.lrr: unknown key, did you mean 'lr'?"),
        ("training.lr: [0.1, -1]", "search.training.lr: must be above 0, is -1"),
        ("model.dropout: {low: 0.5, high: 1.5}", "search.model.dropout: must be below 1, is 1.5"),
        ("model.hidden_size: {low: 0.5, high: 8}", "search.model.hidden_size: must be a whole number, is 0.5"),
        ("model.hidden_size: {low: 8, high: 8}", "search.model.hidden_size: low must be below high, is 8 and 8"),
        ("model.dropout: {low: 0, high: 0.5, log: true}", "a log scale low must be above 0, is 0.0"),
        ("model.dropout: {low: 0, high: 0.5, log: 1}", "search.model.dropout: log must be true or false, is 1"),
        ("model.dropout: {low: 0, hgih: 1}", "is {low: 0, hgih: 1}; write a list of values, or {low"),
        ("model.dropout: 0.3", "search.model.dropout: is 0.3; write a list of values, or {low"),
        ("model.dropout: [0.3]", "must be two or more values without repeats, is [0.3]"),
        ("model.wide: [true, false, true]", "must be two or more values without repeats"),
        ("model.wide: {low: false, high: true}", "search.model.wide: has no order; write a list of values"),
        ("model.cell: [gru, grru]", "is grru; did you mean 'gru'?"),
        ("seed: [1, 2]", "search.seed: is the same in all trials; leave it out"),
        ("data.split_seed: [1, 2]", "is the same in all trials"),
        ("training.select: [nll, last]", "is the same in all trials"),
        ("training: {lr: [1, 2]}", "names no setting; write 'training.lr: …' below search"),
    ],
)
def test_a_fault_in_a_space_is_told_with_its_line(below: str, fault: str, tmp_path: Path) -> None:
    source = write(tmp_path, f"# a recipe\nsearch:\n  {below}\n")
    with pytest.raises(ConfigError) as caught:
        load_settings(source)
    (line,) = caught.value.lines()
    assert line.startswith(f"{source}:3: search.")
    assert fault in line


def test_a_space_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="search: must be a group of settings, is 3"):
        load_settings(write(tmp_path, "search: 3\n"))


@pytest.mark.parametrize("name", recipe_names())
def test_around_a_recipe_lies_itself_and_what_it_can_be(name: str, tmp_path: Path) -> None:
    config = load_settings(name).config
    space = around(config)
    assert {"training.lr", "training.batch_size", "model.hidden_size"} <= space.keys()
    assert all(value_of(config, key) in part for key, part in space.items())
    for corner in (min, max):
        ends = {
            key: corner((part.low, part.high) if isinstance(part, Range) else part.values, key=lambda end: end or 0)
            for key, part in space.items()
        }
        drawn = placed(config, ends)
        again = load_settings(write(tmp_path, dump_yaml(drawn, defaults=False)))
        assert again.config == drawn
        assert again.sources.keys() & space.keys()


def test_what_a_trial_cannot_use_is_at_its_default() -> None:
    config = load_settings("gru").config
    drawn = placed(config, {"training.optimiser": "adamw", "training.momentum": 0.9})
    assert drawn.training.momentum == 0.0
    assert placed(config, {"training.optimiser": "sgd", "training.momentum": 0.9}).training.momentum == 0.9
    with pytest.raises(ValueError, match="recipe 'lesson'"):
        placed(config, {"model.cell": "lesson"})
