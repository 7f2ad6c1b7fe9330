"""Training a network that writes: what it learns, what is kept, and who refuses it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from charnn_cli.config import load_settings
from charnn_cli.data import read, split
from charnn_cli.engine import LetterEngine
from charnn_cli.errors import ConfigError
from charnn_cli.scaling import UNSCALED
from charnn_cli.store import load_trained
from charnn_cli.text.smoothed import letters_told
from charnn_cli.train import fit, learn_from, new_network, trained_model

CPU = torch.device("cpu")
SMALL = ["model.hidden_size=16", "model.embedding_size=8", "data.validation_fraction=0.2", "data.test_fraction=0.2"]


def test_a_few_names_are_learned_by_heart(small_names: Path) -> None:
    settings = [*SMALL, "model.dropout=0.0", "training.epochs=40", "training.lr=5e-2"]
    config = load_settings("generator", settings).config
    dataset = read(small_names, rules=config.text.rules())
    sides = split(dataset, seed=0, validation_fraction=0.2, test_fraction=0.2)
    data = learn_from(dataset, sides, config)
    *_, last = fit(new_network(data, config), data, config, CPU)
    assert last.record["train_loss"] < 0.9  # nats a letter; the first ones cannot be known
    trained = trained_model(data, config, last.tensors, UNSCALED, {})
    symbols = data.symbols.take(data.training)
    told = LetterEngine(trained).log_likelihoods(symbols)
    assert (told.argmax(axis=1) == data.origins[data.training]).mean() > 0.9  # Bruno has two
    own = told[np.arange(len(symbols)), data.origins[data.training]]
    assert -own.sum() / letters_told(symbols).sum() == pytest.approx(last.record["train_loss"], abs=0.1)


def test_a_run_that_writes(writing_run: Path) -> None:
    """The run of `charnn train --config generator`."""
    description = json.loads((writing_run / "model.json").read_text(encoding="utf-8"))
    assert description["architecture"]["task"] == "generate"
    trained = load_trained(writing_run)
    assert trained.tensors["head.weight"].shape == (len(trained.alphabet) - 3, 8)
    metrics = json.loads((writing_run / "metrics.json").read_text(encoding="utf-8"))
    history = [json.loads(line) for line in (writing_run / "history.jsonl").read_text(encoding="utf-8").splitlines()]
    best = history[metrics["best_epoch"] - 1]
    for key, factor in (("nats_per_letter", 1.0), ("bits_per_letter", 1 / np.log(2))):
        assert metrics["validation"]["metrics"][key] == pytest.approx(best["validation_loss"] * factor, rel=1e-5)
    assert {"ngrams", "as_classifier", "per_origin"} <= metrics["test"].keys()
    assert "writes names of 3 origins" in (writing_run / "MODEL_CARD.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["model.cell=mlp"], "'mlp' cannot write names; take a cell that reads letter by letter"),
        (["model.cell=lesson"], "'lesson' cannot write names"),
        (["model.bidirectional=true"], "reads forward"),
        (["text.romanise=true"], "set text.romanise false, or text.marks"),
        (["text.boundaries=false"], "set text.boundaries true"),
        (["training.select=accuracy"], "set training.select nll or last"),
        (["training.compile=true"], "of a generator there is nothing to compile"),
    ],
)
def test_settings_that_no_writer_can_have(settings: list[str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load_settings("generator", settings)
