"""A training that memory does not hold is refused before it begins."""

from pathlib import Path

import pytest

from charnn_cli.config import load_settings
from charnn_cli.data import read, split
from charnn_cli.errors import DataError
from charnn_cli.train import counting as limits
from charnn_cli.train import learn_from

SIZES = {"num_labels": 100, "num_symbols": 50, "num_ngrams": 10_000, "held_out": 1000}
PLAIN = ["model.wide=false", "model.language_model=false"]


def test_a_hundred_thousand_origins_are_refused_at_once(charnn, tmp_path: Path) -> None:
    rows = (f"{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}{n},L{n}\n" for n in range(100_000))
    (tmp_path / "many.csv").write_text("name,origin\n" + "".join(rows))
    done = charnn("train", "many.csv", "--out", "run")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("charnn: error: 100,000 origins make ")
    assert "GiB of memory to train; group them to fewer (this machine has " in line
    assert not (tmp_path / "run").exists()


def test_what_fits_is_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_settings(None).config.model
    monkeypatch.setattr(limits, "physical_memory", lambda: 140_000_000)
    limits.check_memory(config, **SIZES)
    with pytest.raises(DataError, match=r"100 origins make .* --set model\.wide=false"):
        limits.check_memory(config, **SIZES | {"num_ngrams": 20_000})
    with pytest.raises(DataError):
        limits.check_memory(config, **SIZES | {"held_out": 100_000})
    limits.check_memory(load_settings(None, PLAIN).config.model, **SIZES | {"num_ngrams": 0})
    monkeypatch.setattr(limits, "physical_memory", lambda: None)
    limits.check_memory(config, **SIZES | {"num_labels": 10**9})


def test_the_examples_ask(small_names: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert (limits.physical_memory() or 2**40) > 2**28
