"""A training that memory does not hold is refused before it begins."""

from pathlib import Path

import pytest

from charnn_cli.config import load_settings
from charnn_cli.data import read, split
from charnn_cli.errors import DataError
from charnn_cli.train import learn_from
from charnn_cli.train.counting import check_memory, physical_memory

SIZES = {"num_labels": 100, "num_symbols": 50, "num_ngrams": 10_000, "held_out": 1000, "memory": 140_000_000}
PLAIN = ["model.wide=false", "model.language_model=false"]


def test_a_hundred_thousand_origins_are_refused_at_once(charnn, tmp_path: Path) -> None:
    rows = (f"x{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}{n},L{n}\n" for n in range(100_000))
    (tmp_path / "many.csv").write_text("name,origin\n" + "".join(rows))
    done = charnn("train", "many.csv", "--out", "run")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("charnn: error: 100,000 origins make ")
    assert "GiB of memory to train; group them to fewer (this machine has " in line
    assert not (tmp_path / "run").exists()


def test_what_fits_is_let_through() -> None:
    config = load_settings(None).config.model
    check_memory(config, **SIZES)
    with pytest.raises(DataError, match=r"100 origins make .*, or set model\.wide and model\.language_model false"):
        check_memory(config, **SIZES | {"num_ngrams": 20_000})
    with pytest.raises(DataError):
        check_memory(config, **SIZES | {"held_out": 100_000})
    check_memory(load_settings(None, PLAIN).config.model, **SIZES | {"num_ngrams": 0})
    check_memory(config, **SIZES | {"num_labels": 10**9, "memory": None})


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (["model.hidden_size=65536"], "hidden_size"),
        (["model.hidden_size=9000", "model.num_layers=16"], "hidden_size"),
        (["model.embedding_size=65536", "model.hidden_size=256"], "embedding_size"),
        (["model.num_layers=16", "model.hidden_size=200"], "num_layers"),
        (
            ["model.hidden_size=65536", "model.cell=lesson", "model.input=one_hot", "model.bidirectional=false"],
            "hidden_size",
        ),
    ],
)
def test_of_too_large_a_network_the_setting_is_named_that_makes_it_large(settings: list[str], key: str) -> None:
    config = load_settings(None, [*PLAIN, "training.next_symbol_weight=0", *settings]).config.model
    sizes = {"num_labels": 2, "num_symbols": 50, "held_out": 10, "memory": 100_000_000}
    with pytest.raises(DataError) as error:
        check_memory(config, **sizes)
    assert error.value.what.startswith(f"{key} {getattr(config, key):,} makes ")
    assert error.value.do.startswith(f"make model.{key} smaller (this machine has ")
    check_memory(config.model_copy(update={key: 1}), **sizes)  # the advice helps


def test_advice_that_would_not_help_is_not_given() -> None:
    config = load_settings(None).config.model
    with pytest.raises(DataError) as error:
        check_memory(config, **SIZES | {"num_labels": 10_000, "num_ngrams": 5000})
    assert error.value.do == "group them to fewer (this machine has 0 GiB)"
    with pytest.raises(DataError, match="or hold fewer names out"):
        check_memory(config, **SIZES | {"num_labels": 10, "num_ngrams": 5000, "held_out": 1_000_000})


def test_the_training_data_asks(small_names: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_settings(None).config
    dataset = read(small_names, rules=config.text.rules())
    sides = split(dataset, seed=0, validation_fraction=0.2, test_fraction=0.2)
    asked = []
    for place in ("training_data", "counting"):
        monkeypatch.setattr(f"charnn_cli.train.{place}.check_memory", lambda config, **sizes: asked.append(sizes))
    data = learn_from(dataset, sides, config)
    assert asked[0]["held_out"] == max(len(data.validation), len(data.test))
    assert [sizes.get("num_ngrams", 0) > 0 for sizes in asked] == [False, True, True]


def test_a_machine_says_how_much_memory_it_has() -> None:
    assert (physical_memory() or 2**40) > 2**28
