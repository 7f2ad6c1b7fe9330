"""Names that are written: the same by the same seed in any company, as frequent as the model says, as asked for."""

import numpy as np
import pytest
from engine_models import LABELS, random_model

from charnn_cli.architecture import Architecture
from charnn_cli.engine.recurrence import Workspace
from charnn_cli.errors import UsageError
from charnn_cli.predict.writing import FEWEST_TRIES, TRIES, Manner, NameWriter
from charnn_cli.text import TextRules
from charnn_cli.text.alphabet import BEGIN

RULES = TextRules(romanise=False, casefold=False, max_length=12)


@pytest.fixture(scope="module")
def writer() -> NameWriter:
    architecture = Architecture(task="generate", hidden_size=16, embedding_size=8)
    return NameWriter(random_model(architecture, rules=RULES, scale=0.4))


def names(writer: NameWriter, count: int, origin: int = 1, **manner: object) -> list[str]:
    return [name for part in writer.write(origin, count, Manner(**manner)) for name in part.names]


def short(drawn: list[str]) -> np.ndarray:
    return np.array([len(name) < 6 for name in drawn])


def test_the_first_names_are_those_of_a_longer_list(writer: NameWriter) -> None:
    longer = names(writer, 5000)
    assert names(writer, 7) == longer[:7]
    assert len(set(longer)) > 4000
    wanted = names(writer, 500, is_wanted=short)
    assert names(writer, 40, is_wanted=short) == wanted[:40]
    assert max(map(len, wanted)) == 5
    assert wanted == [name for name in names(writer, 5000) if len(name) < 6][:500]
    assert names(writer, 9, seed=1) != longer[:9] != names(writer, 9, origin=2)


def test_the_numbers_go_by_the_name_of_an_origin(writer: NameWriter) -> None:
    again = random_model(writer.trained.architecture, rules=RULES, scale=0.4, labels=("Zulu", *LABELS[1:]))
    assert (NameWriter(again)._numbers(1, range(2), 5, 3) == writer._numbers(1, range(2), 5, 3)).all()
    assert (NameWriter(again)._numbers(0, range(2), 5, 3) != writer._numbers(0, range(2), 5, 3)).any()


def test_a_log_probability_is_the_engines(writer: NameWriter) -> None:
    for part in writer.write(2, 50, Manner(temperature=0.7, top_p=0.9, start="H")):
        told = writer.engine.log_likelihoods(writer.trained.encode_texts(part.names))[:, 2]
        assert np.abs(told - part.log_probabilities).max(initial=0.0) < 1e-4


@pytest.mark.parametrize(("temperature", "top_p"), [(1.0, 1.0), (0.5, 1.0), (1.0, 0.6), (2.0, 0.8)])
def test_letters_come_as_often_as_they_should(writer: NameWriter, temperature: float, top_p: float) -> None:
    workspace = Workspace()
    _, logits = writer.engine.advance(
        writer.engine.inputs(0, workspace), None, None, np.array([BEGIN]), workspace, number=0
    )
    shares = np.exp(logits[0].astype(float) / temperature)
    shares /= shares.sum()
    falling = np.sort(shares)[::-1]
    least = falling[np.searchsorted(np.cumsum(falling), top_p)]
    shares = np.where(shares >= least, shares, 0)[1:]  # an empty name is none
    shares /= shares.sum()
    drawn = names(writer, 2000, origin=0, temperature=temperature, top_p=top_p)
    found = np.array([sum(name[0] == letter for name in drawn) for letter in writer.trained.alphabet.characters])
    assert np.abs(found / len(drawn) - shares).max() < 0.04
    assert not found[shares == 0].any()


def test_names_begin_and_end_as_is_wished(writer: NameWriter) -> None:
    assert all(name.startswith("Mc") and len(name) <= 5 for name in names(writer, 20, start="Mc", max_length=5))
    assert names(writer, 3, start="Kim", max_length=3) == ["Kim"] * 3
    for start in ("ж", "Qж", "…"):
        with pytest.raises(UsageError, match="the model has learned"):
            names(writer, 1, start=start)
    with pytest.raises(UsageError, match="longer than names of 2 letters"):
        names(writer, 1, start="Kim", max_length=2)


def test_what_cannot_be_found_is_given_up(writer: NameWriter) -> None:
    asked = 0

    def nothing(drawn: list[str]) -> np.ndarray:
        nonlocal asked
        asked += len(drawn)
        return np.zeros(len(drawn), dtype=bool)

    assert names(writer, 3, is_wanted=nothing) == []
    assert FEWEST_TRIES <= asked < 2 * (FEWEST_TRIES + 3 * TRIES)
