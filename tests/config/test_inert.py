"""A setting that can do nothing beside the others is a fault, where somebody set it and a training is to begin."""

from pathlib import Path

import pytest

from charnn_cli.config import dump_yaml, load_settings, recipe_names
from charnn_cli.config.faults import INERT
from charnn_cli.config.schema import Config
from charnn_cli.errors import ConfigError

NO_NEXT = "training.next_symbol_weight=0.0"
NO_NGRAMS = ["model.wide=false", "model.language_model=false"]
WRITES = [*NO_NGRAMS, "model.task=generate", "model.bidirectional=false", "text.romanise=false", "text.casefold=false"]
TO_NO_EFFECT = {
    "model.pooling=mean": WRITES,
    "model.activation=relu": ["model.cell=gru"],
    "model.forget_bias=2.0": ["model.cell=rnn"],
    "model.embedding_size=32": ["model.input=one_hot"],
    "model.ngram_orders=[1]": NO_NGRAMS,
    "model.ngram_min_count=2": NO_NGRAMS,
    "model.ngram_max_size=9": NO_NGRAMS,
    "model.dropout=0.5": [
        *NO_NGRAMS, "model.cell=lesson", "model.input=one_hot", "model.bidirectional=false", NO_NEXT,
    ],
    "model.wide_dropout=0.1": NO_NGRAMS,
    "model.learned_orders=5": ["model.ngram_orders=[1,2,3,4]"],
    "model.mark_dropout=0.1": ["text.marks=false"],
    "training.class_weights=balanced": WRITES,
    "training.next_symbol_weight=0.5": WRITES,
    "training.momentum=0.9": ["training.optimiser=adam"],
    "training.truncate_every=4": [*NO_NGRAMS, "model.cell=mlp", "model.bidirectional=false", NO_NEXT],
    "training.patience=3": ["training.select=last"],
    "training.select=macro_f1": ["data.validation_fraction=0.0"],
}  # fmt: skip
TO_SOME_EFFECT = {
    "model.pooling=mean": [],
    "training.class_weights=balanced": [],
    "training.next_symbol_weight=0.5": [],
    "model.activation=relu": ["model.cell=rnn"],
    "model.forget_bias=2.0": ["model.cell=lstm"],
    "model.embedding_size=32": [],
    "model.ngram_orders=[1]": [],
    "model.ngram_min_count=2": [],
    "model.ngram_max_size=9": [],
    "model.dropout=0.5": [],
    "model.wide_dropout=0.1": [],
    "model.learned_orders=2": [],
    "model.mark_dropout=0.1": [],
    "training.momentum=0.9": ["training.optimiser=sgd"],
    "training.truncate_every=4": [],
    "training.patience=3": [],
    "training.select=macro_f1": [],
}


def test_every_rule_is_tried_both_ways() -> None:
    keys = {setting.partition("=")[0] for setting in TO_NO_EFFECT}
    assert keys == {setting.partition("=")[0] for setting in TO_SOME_EFFECT} == set(INERT)


@pytest.mark.parametrize("setting", TO_NO_EFFECT)
def test_a_setting_to_no_effect_is_a_fault(setting: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_settings(None, [*TO_NO_EFFECT[setting], setting])
    key = setting.partition("=")[0]
    (line,) = error.value.lines()
    assert line.startswith(f"settings: {key}: does nothing ")
    assert "; leave it out, or at its default " in line


@pytest.mark.parametrize("setting", TO_SOME_EFFECT)
def test_a_setting_to_some_effect_is_none(setting: str) -> None:
    load_settings(None, [*TO_SOME_EFFECT[setting], setting])


@pytest.mark.parametrize("setting", TO_NO_EFFECT)
def test_the_default_may_be_spelled_out(setting: str, tmp_path: Path) -> None:
    config = load_settings(None, TO_NO_EFFECT[setting]).config
    path = tmp_path / "all.yaml"
    path.write_text(dump_yaml(config))
    assert load_settings(str(path)).config == config
    path.write_text(load_settings(str(path)).describe())
    assert load_settings(str(path)).config == config


@pytest.mark.parametrize("recipe", recipe_names())
def test_a_recipe_goes_with_another_seed_and_a_shipped_recipe_says_nothing_idle(recipe: str) -> None:
    assert load_settings(recipe, ["seed=7"]).config.seed == 7


def test_a_run_that_began_with_an_idle_setting_can_be_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(dump_yaml(Config()).replace("momentum: 0.0", "momentum: 0.9"))
    with pytest.raises(ConfigError, match=r"training\.momentum: does nothing"):
        load_settings(str(path))
    assert load_settings(str(path), recorded=True).config.training.momentum == 0.9


def test_a_run_that_names_the_residual_layers_that_it_has_not_can_be_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    for value, problem in (("false", None), ("true", "unknown key")):
        path.write_text(dump_yaml(Config()).replace("  pooling:", f"  residual: {value}\n  pooling:"))
        if problem is None:
            assert load_settings(str(path), recorded=True).config == Config()
        else:
            with pytest.raises(ConfigError, match=problem):
                load_settings(str(path), recorded=True)


def test_a_key_with_a_dot_is_refused_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("model.cell: lstm\nmodel: {cell: gru, a.b: 1}\nseed: x\n")
    with pytest.raises(ConfigError) as error:
        load_settings(str(path))
    assert error.value.lines() == [
        f"{path}: model.cell: a file has no keys with a dot; write 'model: {{cell: …}}'",
        f"{path}:3: seed: must be a whole number, is x",
        f"{path}:2: model.a.b: unknown key, did you mean 'model.task'?",
    ]
