"""Settings: where each comes from, and every fault at once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.config import Config, dump_yaml, load_settings, recipe_names
from charnn_cli.errors import ConfigError


def write(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def faults_of(source: str | None, *assignments: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_settings(source, assignments)
    return caught.value.lines()


def test_later_sources_win_and_are_named(tmp_path: Path) -> None:
    source = write(tmp_path, "model: {cell: lstm, hidden_size: 10, num_layers: 2}\n")
    flags = {"model.hidden_size": ("--hidden-size", 30), "training.lr": ("--lr", None)}
    settings = load_settings(source, ["model.hidden_size=20", "model.num_layers=3"], flags, place="--set")
    assert (settings.config.model.cell, settings.config.model.num_layers) == ("lstm", 3)
    assert settings.config.model.hidden_size == 30
    sources = {"model.cell": source, "model.num_layers": "--set", "model.hidden_size": "--hidden-size"}
    assert settings.sources == sources


def test_description_shows_every_setting_with_its_source(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, "model: {cell: lstm}\n"), ["training.lr=1e-3"], place="--set")
    lines = {line.split(":")[0].strip(): line for line in settings.describe().splitlines() if ":" in line}
    assert lines["cell"].endswith("mine.yaml")
    assert "lr: 0.001" in lines["lr"]
    assert lines["lr"].endswith("# --set")
    assert lines["epochs"].endswith("# default")
    assert {*Config.model_fields["training"].annotation.model_fields} <= lines.keys()


@pytest.mark.parametrize("name", recipe_names())
def test_a_dumped_config_loads_as_itself(name: str, tmp_path: Path) -> None:
    config = load_settings(name).config
    assert load_settings(write(tmp_path, dump_yaml(config))).config == config


def test_the_default_recipe_spells_out_the_defaults() -> None:
    assert load_settings("default").config == Config()


def test_yaml_1_2_reads_exponents_as_numbers_and_no_as_text(tmp_path: Path) -> None:
    assert load_settings(write(tmp_path, "training: {lr: 1e-3}\n")).config.training.lr == 0.001
    assert "must be true or false, is no" in faults_of(write(tmp_path, "model: {wide: no}\n"))[0]


def test_every_fault_comes_with_path_and_guess(tmp_path: Path) -> None:
    text = "model: {hiden_size: 3, cell: grru, dropout: 1.5}\ntraining: {clip_norm: -1, epochs: 2.5}\nlr: 3\ndata: 7\n"
    source = write(tmp_path, text)
    assert sorted(faults_of(source, "text.romanise=1")) == sorted(
        [
            f"{source}:4: data: must be a group of settings, is 7",
            f"{source}:3: lr: unknown key, did you mean 'training.lr'?",
            f"{source}:1: model.cell: must be one of 'lesson', 'rnn', 'gru', 'lstm', 'mlp', is grru; "
            "did you mean 'gru'?",
            f"{source}:1: model.dropout: must be below 1, is 1.5",
            f"{source}:1: model.hiden_size: unknown key, did you mean 'hidden_size'?",
            f"{source}:2: training.clip_norm: must be above 0, is -1",
            f"{source}:2: training.epochs: must be a whole number, is 2.5",
            "settings: text.romanise: must be true or false, is 1",
        ]
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("seed: 1\nseed: 2\n", ':2: repeated key "seed"; keep one of the two'),
        ("model: [\n", ": not YAML: "),
        ("[1]: 2\n", ": (1,): unknown key, choose from seed, data,"),
        ("- 1\n", ": holds no settings; write lines such as 'model: {cell: lstm}'"),
        ("model: {cell: lesson}\n", ": model: the lesson's cell reads one-hot letters; take the recipe 'lesson'"),
        ("model: {ngram_orders: [2, 2, 3]}\n", "must rise without repeats, as in [2, 3], is [2, 2, 3]"),
        (
            "model: {ngram_orders: [3, 1], language_model: false}\n",
            "must rise without repeats, as in [1, 3]",
        ),
        ("training: {sampling: balanced}\n", "has no end; set 'steps_per_epoch'"),
    ],
)
def test_faults_of_files(text: str, fault: str, tmp_path: Path) -> None:
    (line,) = faults_of(write(tmp_path, text))
    assert fault in line


def test_a_key_that_is_like_no_other_is_told_what_there_is() -> None:
    inside, outside = faults_of(None, "data.zzzzz=1", "qqqqq=1")
    assert inside == (
        "settings: data.zzzzz: unknown key, "
        "choose from split_seed, validation_fraction, test_fraction, name_column, origin_column, encoding"
    )
    assert outside == "settings: qqqqq: unknown key, choose from seed, data, text, model, training"


def test_a_group_that_is_set_keeps_the_settings_it_does_not_name() -> None:
    settings = load_settings("lesson", ["model={hidden_size: 64}"])
    assert (settings.config.model.cell, settings.config.model.hidden_size) == ("lesson", 64)
    assert settings.sources["model.hidden_size"] == "settings"


@pytest.mark.parametrize("text", ["2026-13-45", "[" * 5000, "!!python/object:os.system x"])
def test_an_assignment_that_is_no_yaml_is_a_fault(text: str) -> None:
    assert faults_of(None, f"seed={text}") == [f"settings: seed={text}: the value is not YAML; put it in quotes"]


def test_settings_of_different_groups_that_do_not_fit_are_told_without_a_path(tmp_path: Path) -> None:
    source = write(tmp_path, "model: {language_model: true}\ntext: {boundaries: false}\n")
    (line,) = faults_of(source)
    assert line.startswith("settings: the language model needs text.boundaries;")


def test_an_anchor_may_be_used_again(tmp_path: Path) -> None:
    """As YAML has it: an alias means the last one. The library would warn of it."""
    source = write(tmp_path, "seed: &x 1\ndata: {split_seed: &x 2}\ntext: {max_length: *x}\n")
    assert load_settings(source).config.text.max_length == 2


def test_unknown_recipe_is_guessed_at() -> None:
    assert faults_of("lstn") == ["lstn: no such file or recipe; did you mean 'lstm'?"]


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bytes.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    assert "not a YAML file in UTF-8" in faults_of(str(path))[0]
    path.write_bytes(b"[" * 100_000)
    assert str(path) in faults_of(str(path))[0]


@given(st.text(max_size=40))
def test_any_assignment_loads_or_is_a_config_fault(text: str) -> None:
    try:
        load_settings(None, [text, f"model.cell={text}"])
    except ConfigError as error:
        assert all(error.lines())


def test_a_mapping_as_a_key_is_no_yaml_for_settings(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the value is not YAML"):
        load_settings(None, ["model=? [2. : 2]"])
    with pytest.raises(ConfigError, match="not a YAML file"):
        load_settings(str(write(tmp_path, "? [2. : 2]\n")))


def test_what_stands_below_a_misspelt_group_is_told_at_once(tmp_path: Path) -> None:
    source = write(tmp_path, "modle:\n  cell: lstm\n  dropout: 1.5\nseed: 1\n")
    assert faults_of(source) == [
        f"{source}:3: modle: unknown key, did you mean 'model'?",
        f"{source}:3: model.dropout: must be below 1, is 1.5",
    ]
    assert faults_of(None, "modle.cell=grru")[1].startswith("settings: model.cell: must be one of")


def test_a_file_holds_only_what_differs_from_the_one_that_it_extends(tmp_path: Path) -> None:
    write(tmp_path, "extends: rnn\nmodel: {hidden_size: 7}\n")
    child = tmp_path / "child.yaml"
    child.write_text("extends: mine.yaml\nmodel: {cell: lstm}\n", encoding="utf-8")
    settings = load_settings(str(child), ["training.lr=0.5"])
    rnn = load_settings("rnn").config
    assert settings.config.training == rnn.training.model_copy(update={"lr": 0.5})
    assert settings.config.model == rnn.model.model_copy(update={"cell": "lstm", "hidden_size": 7})
    assert settings.sources["model.cell"] == str(child)
    assert settings.sources["model.hidden_size"].endswith("mine.yaml")
    assert settings.sources["model.dropout"].endswith("rnn.yaml")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("extends: mine.yaml\n", "extends itself"),
        ("extends: 7\n", "extends: must be text, is 7"),
        ("seed: 1\nextends: lsmt\n", "mine.yaml:2: extends: lsmt: no such file or recipe; did you mean 'lstm'?"),
    ],
)
def test_what_cannot_be_extended_is_told(text: str, what: str, tmp_path: Path) -> None:
    (fault,) = faults_of(write(tmp_path, text))
    assert what in fault


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("model.hiden", "hidden_size"),
        ("training.learning_rate", "lr"),
        ("training.optimizer", "optimiser"),
        ("model.hidden_dim", "hidden_size"),
    ],
)
def test_other_words_of_the_field_are_understood(given: str, meant: str) -> None:
    assert faults_of(None, f"{given}=1") == [f"settings: {given}: unknown key, did you mean '{meant}'?"]


@pytest.mark.parametrize(
    ("source", "assignments", "title"),
    [
        (None, [], "default-gru"),
        ("lstm", [], "lstm"),
        ("rnn-relu-identity", [], "rnn-relu-identity"),
        ("gru", ["model.cell=lstm"], "gru-lstm"),
    ],
)
def test_a_run_is_called_by_its_recipe_and_its_cell(source: str | None, assignments: list[str], title: str) -> None:
    assert load_settings(source, assignments).title == title


def test_what_a_file_is_called_is_fit_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "gru: my own.yaml").write_text("seed: 1\n")
    settings = load_settings(str(tmp_path / "gru: my own.yaml"))
    assert (settings.recipe, settings.title) == ("gru: my own", "gru-my-own")
