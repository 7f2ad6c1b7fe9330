"""Plots of a run that writes: what it expects next, its loss in bits a letter, and the kinds that refuse it."""

import json
from pathlib import Path

import numpy as np
import pytest

from charnn_cli.cli.plot import plot
from charnn_cli.errors import UsageError
from charnn_cli.plots import KINDS, kind
from charnn_cli.plots.request import Request
from charnn_cli.predict.writing import NameWriter
from charnn_cli.store import Run


def test_belief_shows_the_next_letters(writing_run: Path) -> None:
    run = Run(writing_run)
    figure = kind("belief").make(Request((run,), ("Orlov", "Rossi")))
    first, _ = figure.axes
    assert [tick.get_text()[0] for tick in first.get_xticklabels()] == ["⊢", *"Orlov"]
    assert [tick.get_text().split()[2] for tick in first.get_xticklabels()] == [*"Orlov", "⊣"]
    assert len(first.texts) == 6 * len("⊢Orlov")
    trained = run.trained
    title = first.get_title(loc="left")
    symbols, origin = trained.encode(["Orlov"]), title.split()[2].removesuffix(":")
    told = NameWriter(trained).engine.log_likelihoods(symbols)[0, trained.labels.index(origin)]
    assert f"{-told / np.log(2):.1f} bits" in title
    following = NameWriter(trained).engine.following(symbols, trained.labels.index(origin))
    assert following.sum(axis=1) == pytest.approx(np.ones(6), abs=1e-5)
    assert first.texts[0].get_text().split()[0] == trained.alphabet.characters[following[0].argmax() - 1]
    came = [trained.alphabet.characters.index(letter) + 1 for letter in "Orlov"] + [0]
    ranks = [int((row > row[place]).sum()) + 1 for row, place in zip(following, came, strict=True)]
    told = [text.get_text().split("#")[1] for text in first.texts if "#" in text.get_text()]
    assert told == [str(rank) for rank in ranks if rank > 6]
    assert len(first.patches) == len(came)


def test_a_long_name_has_room_for_letters_alone(writing_run: Path) -> None:
    first, _ = kind("belief").make(Request((Run(writing_run),), ("Orlov", "Rossi" * 6))).axes
    assert {len(text.get_text()) for text in first.texts} == {1}
    assert first.get_xticklabels()[0].get_text() == "⊢\nO"


def test_loss_is_in_bits_a_letter(writing_run: Path, tiny_run: Path) -> None:
    figure = kind("loss").make(Request((Run(writing_run),)))
    loss, score, *_ = figure.axes
    assert loss.get_ylabel() == "loss (bits per letter)"
    records = [json.loads(line) for line in (writing_run / "history.jsonl").read_text(encoding="utf-8").splitlines()]
    bits = [record["validation_bits_per_letter"] for record in records]
    assert loss.lines[1].get_ydata() == pytest.approx(bits)
    assert score.lines[0].get_ydata() == pytest.approx(2 ** np.array(bits))
    with pytest.raises(UsageError, match="plot them apart"):
        kind("loss").make(Request((Run(writing_run), Run(tiny_run))))


@pytest.mark.parametrize("name", [name for name in KINDS if name in ("gates", "gradients", "embedding")])
def test_kinds_that_show_how_names_are_read_refuse_it(name: str, writing_run: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.png"
    with pytest.raises(UsageError, match="writes names"):
        plot(name, [writing_run], names=["Orlov"] if name == "gates" else None, output=str(target))
    assert not target.exists()
