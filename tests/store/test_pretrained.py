"""The model that comes with charnn: small, of the names that lie here, and the last that is asked."""

import json
import os
from pathlib import Path

import pytest

from charnn_cli import load
from charnn_cli.data import read
from charnn_cli.store import load_trained
from charnn_cli.store.location import SHIPPED
from charnn_cli.text import TextRules

WORLD = Path(__file__).parents[2] / "data" / "names-world"


def test_it_is_small_and_carries_no_path_of_a_machine() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 8e6
    assert {path.name for path in SHIPPED.iterdir()} == {"model.safetensors", "model.json", "MODEL_CARD.md"}
    assert load_trained(SHIPPED).about["data"]["path"] == "data/names-world"
    assert "charnn train data/names-world --config compact" in (SHIPPED / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_it_was_trained_on_the_names_that_lie_here() -> None:
    """Red after `make data` has changed the names: run `make pretrained`."""
    assert load_trained(SHIPPED).about["data"]["fingerprint"] == read(WORLD, rules=TextRules()).fingerprint


@pytest.mark.parametrize(
    ("name", "origin"),
    [("Hinton", "English"), ("Nakamura", "Japanese"), ("Erdoğan", "Turkish"), ("Papadopoulos", "Greek")],
)
def test_it_knows_what_everybody_knows(name: str, origin: str) -> None:
    assert load(SHIPPED).predict([name], k=1)[0].predictions[0].origin == origin


def test_it_answers_where_nothing_was_trained(charnn, tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "CHARNN_MODEL"}
    done = charnn("predict", "Hinton", "--format", "ndjson", cwd=tmp_path, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["predictions"][0]["origin"] == "English"


def test_it_has_no_curves(charnn, tmp_path: Path) -> None:
    done = charnn("plot", "loss", str(SHIPPED), cwd=tmp_path)
    message = "charnn: error: the model that comes with charnn keeps no record of its training; name a run folder\n"
    assert (done.returncode, done.stderr) == (2, message)
