"""A training that begins with the network of another: what it takes over, and what it says and refuses."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from engine_models import random_model

from charnn_cli.architecture import Architecture
from charnn_cli.config import load_settings
from charnn_cli.data import read
from charnn_cli.errors import ConfigError, ModelError, UsageError
from charnn_cli.model import NameClassifier, NameGenerator, from_trained
from charnn_cli.store import Run, RunWriter, load_trained
from charnn_cli.text import TextRules
from charnn_cli.text.alphabet import Alphabet
from charnn_cli.train import Session, in_words
from charnn_cli.train.start import Start, take_over
from charnn_cli.train.training_data import with_letters_of, with_marks_of

SMALL: dict[str, Any] = {"hidden_size": 5, "embedding_size": 4, "wide": False}
ARCHITECTURES = {
    "gru": Architecture(**SMALL),
    "two layers of one-hot letters": Architecture(
        **SMALL, cell="rnn", input="one_hot", num_layers=2, pooling="attention"
    ),
    "lesson": Architecture(**SMALL, cell="lesson", input="one_hot"),
    "mlp": Architecture(**SMALL, cell="mlp", input="one_hot"),
    "generator": Architecture(**SMALL, task="generate", bidirectional=False),
}
OLD, NEW = ("Czech", "Dutch", "Irish"), ("Dutch", "Albanian", "Czech", "Welsh")


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_known_letters_and_labels_say_what_they_said(kind: str) -> None:
    architecture = ARCHITECTURES[kind]
    start = random_model(architecture, labels=OLD, names=["bcdxy"])
    alphabet = Alphabet("abcde")
    network_of: Callable[..., NameClassifier | NameGenerator] = (
        NameGenerator if architecture.generates else NameClassifier
    )
    network = network_of(architecture, num_symbols=len(alphabet), num_labels=len(NEW)).eval()
    take_over(network, alphabet, NEW, start)
    old = from_trained(start).eval()
    labels = (
        torch.tensor([NEW.index("Dutch"), NEW.index("Czech")]),
        torch.tensor([OLD.index("Dutch"), OLD.index("Czech")]),
    )
    symbols = [
        torch.from_numpy(one.encode(["dbbc"], boundaries=True).ids[None].astype(np.int64))
        for one in (alphabet, start.alphabet)
    ]
    lengths = torch.tensor([symbols[0].shape[1]])
    with torch.no_grad():
        if isinstance(network, NameGenerator) and isinstance(old, NameGenerator):
            new_said, old_said = (
                one.logits(ids, lengths, origin[:1])[0]
                for one, ids, origin in zip((network, old), symbols, labels, strict=True)
            )
            outputs = [[1 + one.characters.index(letter) for letter in "bcd"] for one in (alphabet, start.alphabet)]
        else:
            new_said, old_said = network(symbols[0], lengths), old(symbols[1], lengths)
            outputs = [label.tolist() for label in labels]
    torch.testing.assert_close(new_said[:, outputs[0]], old_said[:, outputs[1]])


def test_letters_and_marks_of_the_start_are_read_where_the_rules_can() -> None:
    start = random_model(ARCHITECTURES["gru"], names=["Rossi", "Łukasz", "王伟"], rules=TextRules(marks=None))
    start = replace(start, rules=TextRules(marks=("ł",)))
    rules = with_marks_of(start, TextRules(scripts=(), marks=("é",)))
    assert rules.marks == ("é", "ł")
    assert with_letters_of(start, Alphabet("qs"), rules).characters == tuple(sorted("qrosilłukaz"))
    assert "王" in with_letters_of(start, Alphabet("q"), TextRules(scripts=("CJK",))).characters
    unmarked = TextRules(scripts=(), marks=())
    assert with_marks_of(start, unmarked) == unmarked


TRAINING = ("data.validation_fraction=0.2", "data.test_fraction=0.2", "training.epochs=2", "training.batch_size=4")


def session_of(folder: Path, start: Path, *assignments: str) -> Session:
    settings = load_settings(
        None, [*TRAINING, f"training.start_from={start}", *assignments], follow=lambda name: Start.of(name).settings()
    )
    return Session.prepare(settings, read(folder, rules=settings.config.text.rules()), folder)


@pytest.fixture
def new_names(tmp_path: Path) -> Path:
    folder = tmp_path / "names"
    folder.mkdir()
    (folder / "Italian.txt").write_text("Esposito\nFontana\nRusso\nGreco\nLombardi\nMoretti\n", encoding="utf-8")
    (folder / "Polish.txt").write_text("Nowak\nWójcik\nMazur\nKról\nWieczorek\nJabłoński\n", encoding="utf-8")
    return folder


def test_a_resumed_training_with_a_start_equals_the_uninterrupted_one(
    tiny_run: Path, new_names: Path, tmp_path: Path
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    session = session_of(new_names, tiny_run)
    with RunWriter(whole) as writer:
        assert [report.epoch for report in session.run(writer)] == [1, 2]
        session.finish(writer)
    with RunWriter(parts) as writer:
        next(session.run(writer))
    with RunWriter(parts) as writer:
        assert [report.epoch for report in session_of(new_names, tiny_run).run(writer, resume=True)] == [2]
    assert (parts / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    trained = load_trained(whole)
    assert trained.architecture.hidden_size == load_trained(tiny_run).architecture.hidden_size == 8
    start = trained.about["start"]
    assert (start["run"], start["labels"], start["tested"]) == ("tiny", ["Italian"], 0)
    assert "- began with the network of " in (whole / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "start_from: tiny" in (whole / "config.yaml").read_text(encoding="utf-8")
    assert Run(whole).settings().config.training.start_from == str(tiny_run.resolve())
    told = [path.read_bytes() for path in whole.iterdir() if path.is_file()]
    assert not any(str(folder).encode() in content for content in told for folder in (tiny_run, new_names))


def test_the_start_must_be_there_and_the_same_to_go_on(tiny_run: Path, new_names: Path, tmp_path: Path) -> None:
    start = tmp_path / "start"
    shutil.copytree(tiny_run, start)
    session = session_of(new_names, start)
    with RunWriter(tmp_path / "run") as writer:
        next(session.run(writer))
    with RunWriter(start) as writer, pytest.raises(UsageError, match="cannot begin with the one that it replaces"):
        next(session.run(writer))
    session.about["start"] = {**session.about["start"], "sha256": "0"}
    with (
        RunWriter(tmp_path / "run") as writer,
        pytest.raises(UsageError, match="is not the one that this run began with"),
    ):
        next(session.run(writer, resume=True))
    shutil.rmtree(start)
    with pytest.raises(ModelError, match="no run to begin with; name another, or put it back"):
        session_of(new_names, start)


@pytest.mark.parametrize(
    ("assignment", "fault"),
    [
        ("model.hidden_size=9", "model.hidden_size: is 9, where the network of .* has 8; leave it out"),
        ("model.cell=lstm", "model.cell: is lstm, where the network of .* has gru; leave it out"),
    ],
)
def test_what_does_not_fit_is_told(assignment: str, fault: str, tiny_run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=fault):
        session_of(tmp_path, tiny_run, assignment)


def test_n_grams_may_be_left_out_beside_a_start(tiny_run: Path) -> None:
    free = ["model.wide=false", "model.language_model=false", f"training.start_from={tiny_run}"]
    config = load_settings(None, free, follow=lambda name: Start.of(name).settings()).config
    assert (config.model.wide, config.model.hidden_size, config.model.embedding_size) == (False, 8, 4)


@pytest.mark.parametrize("tested", [None, 0, 1200])
def test_what_was_taken_over_is_said_in_a_line(tested: int | None) -> None:
    told = {"run": "shipped", "sha256": "0", "letters": 2, "labels": ["Czech", "Dutch"], "tested": tested}
    line = in_words(told, Alphabet("abc"), NEW)
    assert line.startswith(
        "begins with the network of shipped: of 3 letters it knows 2, of 4 origins 2; the rest begins anew"
    )
    assert ("it had learned 1,200 of the test names" in line) == bool(tested)


def test_the_model_that_ships_is_a_start_by_its_name() -> None:
    settings = load_settings(None, ["training.start_from=shipped"], follow=lambda name: Start.of(name).settings())
    assert settings.config.training.start_from == "shipped"
    assert "  hidden_size: 128                  # as shipped\n" in settings.describe()
    assert settings.config.model.architecture() == Start.of("shipped").trained.architecture
