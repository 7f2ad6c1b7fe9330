"""The model that comes with charnn: small, of the names that lie here, and the last that is asked."""

import importlib
import json
import os
from pathlib import Path

import pytest

from charnn_cli import load
from charnn_cli.store import Run, load_trained
from charnn_cli.store.location import SHIPPED
from charnn_cli.text import TextRules

DATA = Path(__file__).parents[2] / "data"
BOX = Path(__file__).parents[2] / "bench-data" / "box"
#: Origins that `data/names-world` has not: their people are known, their surnames are too few.
FURTHER = {"Burmese", "Filipino", "Georgian", "Israeli", "Mongolian"}


def test_it_is_small_and_carries_no_path_of_a_machine() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 12e6
    assert {path.name for path in SHIPPED.iterdir()} == {"model.safetensors", "model.json", "MODEL_CARD.md"}
    assert load_trained(SHIPPED).about["data"]["path"] == "bench-data/box"
    assert (Run(SHIPPED).called, Run(SHIPPED).name) == ("shipped", "shipped")


def test_it_knows_the_origins_of_the_shipped_names_and_of_the_people_beside_them() -> None:
    world = {path.stem for path in (DATA / "names-world").glob("*.txt")}
    assert set(load_trained(SHIPPED).labels) == world | FURTHER


def test_its_card_says_which_kinds_of_names_it_knows() -> None:
    card = (SHIPPED / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "Made by `make data pretrained`" in card
    assert card.index("## What kinds of names it knows") < card.index("## Figures")
    for kind in ("full names of people", "surnames alone", "given names alone", "names in other scripts"):
        assert f"| {kind}" in card


@pytest.mark.skipif(not BOX.is_dir(), reason="`make data` has not written bench-data/box")
def test_it_was_trained_on_the_names_that_are_built_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Red after `make data` has changed the names: run `make pretrained`."""
    monkeypatch.syspath_prepend(str(DATA))
    labelled = importlib.import_module("build_pretrained").labelled
    dataset, _ = labelled(BOX, TextRules())
    assert load_trained(SHIPPED).about["data"]["fingerprint"] == dataset.fingerprint


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("Hinton", "English"),
        ("Nakamura", "Japanese"),
        ("Erdoğan", "Turkish"),
        ("Papadopoulos", "Greek"),
        ("Kenji Tanabe", "Japanese"),
        ("TANABE, KENJI", "Japanese"),
        ("K. Tanabe", "Japanese"),
        ("Dr. Kenji Tanabe, PhD", "Japanese"),
        ("Kenji Tanabe Jr.", "Japanese"),
        ("田辺健二", "Japanese"),
        ("タナベ・ケンジ", "Japanese"),
        ("Kim Min-jun", "Korean"),
        ("Minjun Kim", "Korean"),
        ("朴正熙", "Korean"),
        ("Wang Xiaoming", "Chinese"),
        ("王小明", "Chinese"),
        ("Mehmet Yilmaz", "Turkish"),
        ("محمد حسن", "Arabic"),
        ("Александр Иванов", "Russian"),
        ("สมชาย ใจดี", "Thai"),
        ("Αριστοτέλης Παπαδόπουλος", "Greek"),
        ("Հայկ Հակոբյան", "Armenian"),
        ("אברהם כהן", "Israeli"),
        ("राहुल पटेल", "Indian"),
        ("გიორგი ბერიძე", "Georgian"),
    ],
)
def test_it_knows_what_everybody_knows(name: str, origin: str) -> None:
    assert load(SHIPPED).predict([name], k=1)[0].predictions[0].origin == origin


def test_a_script_of_one_people_decides() -> None:
    best = load(SHIPPED).predict(["김민준"], k=1)[0].predictions[0]
    assert best.origin == "Korean"
    assert best.probability >= 0.98


def test_a_script_that_no_origin_writes_is_not_guessed() -> None:
    assert load(SHIPPED).predict(["ᏣᎳᎩ"], k=1)[0].reason == "unsupported_script"


@pytest.mark.parametrize("names", [("Şerban", "Șerban"), ("Bantaş", "Bantaș"), ("Pelmuş", "Pelmuș")])
def test_two_spellings_of_a_romanian_name_have_one_first_origin(names: tuple[str, str]) -> None:
    first, second = load(SHIPPED).predict(list(names), k=1)
    assert first.predictions[0].origin == second.predictions[0].origin


def test_it_answers_where_nothing_was_trained(charnn, tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "CHARNN_MODEL"}
    done = charnn("predict", "Hinton", "--format", "ndjson", cwd=tmp_path, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["predictions"][0]["origin"] == "English"


def test_it_has_no_curves(charnn, tmp_path: Path) -> None:
    done = charnn("plot", "loss", str(SHIPPED), cwd=tmp_path)
    message = "charnn: error: the model that comes with charnn keeps no record of its training; name a run folder\n"
    assert (done.returncode, done.stderr) == (2, message)
