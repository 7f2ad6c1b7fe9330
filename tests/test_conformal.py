"""Sets of origins hold the true one as often as is asked, over names like those that they were fitted on."""

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from charnn_cli.conformal import PredictionSets
from charnn_cli.errors import UsageError

LABELS = 12


def names(count: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]:
    """Probabilities that are too sure of themselves, more so of names of several words, and origins."""
    draw = np.random.default_rng(seed)
    several = draw.random(count) < 0.4
    true = draw.dirichlet(np.full(LABELS, 0.3), size=count)
    origins = (true.cumsum(axis=1) > draw.random(count)[:, None]).argmax(axis=1)
    sharper = true ** np.where(several, 3.0, 1.5)[:, None]
    return sharper / sharper.sum(axis=1, keepdims=True), origins, several


@pytest.fixture(scope="module")
def sets() -> PredictionSets:
    found = PredictionSets.fit(*names(6000, 0))
    assert found is not None
    return found


@pytest.mark.parametrize("coverage", [0.7, 0.9, 0.97])
def test_as_many_sets_hold_the_origin_as_are_asked_for(sets: PredictionSets, coverage: float) -> None:
    probabilities, origins, several = names(20_000, 1)
    held = sets.members(probabilities, several, coverage)
    for kind in (several, ~several):
        assert held[np.arange(len(origins)), origins][kind].mean() == pytest.approx(coverage, abs=0.015)
    assert held[np.arange(len(origins)), probabilities.argmax(axis=1)].all()
    assert held.sum(axis=1).mean() < LABELS * 0.6


def test_larger_coverage_larger_sets(sets: PredictionSets) -> None:
    probabilities, _, several = names(500, 2)
    small, large = (sets.members(probabilities, several, coverage) for coverage in (0.5, 0.95))
    assert (small <= large).all()
    assert large.sum() > small.sum()


def test_tallies_of_parts_add_up(sets: PredictionSets) -> None:
    probabilities, origins, several = names(1000, 3)
    origins[:10] = LABELS  # origins that the model lacks, which no set holds
    whole = sets.tally(probabilities, origins, several)
    parts = [sets.tally(probabilities[part], origins[part], several[part]) for part in (slice(300), slice(300, None))]
    assert (whole == sum(parts)).all()
    rows = {(row["coverage"], row["names"]): row for row in sets.measured(whole)}
    held = sets.members(probabilities[10:], several[10:], 0.9)
    assert rows[0.9, "all"]["n"] == 1000
    assert rows[0.9, "all"]["measured"] == held[np.arange(990), origins[10:]].sum() / 1000
    assert rows[0.9, "one_word"]["n"] + rows[0.9, "several_words"]["n"] == 1000


def test_few_names() -> None:
    probabilities, origins, several = names(150, 4)
    assert PredictionSets.fit(probabilities[:99], origins[:99], several[:99]) is None
    sets = PredictionSets.fit(probabilities, origins, several)
    assert sets is not None
    assert sets.names == (150, 150)  # neither kind has enough of its own
    assert sets.levels == [0.8, 0.9, 0.95]
    sets.thresholds(150 / 151)
    with pytest.raises(UsageError, match=r"the 150 validation names .* too few .* 0\.999; ask for one from"):
        sets.thresholds(0.999)


def test_through_json(sets: PredictionSets) -> None:
    again = PredictionSets.from_json(json.loads(json.dumps(sets.to_json())))
    assert again.names == sets.names
    assert (again.quantiles == sets.quantiles).all()


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.pop("one_word"),
        lambda value: value["one_word"].update(names=0),
        lambda value: value["one_word"].update(names=True),
        lambda value: value["one_word"]["quantiles"].pop(),
        lambda value: value["one_word"]["quantiles"].reverse(),
        lambda value: value["one_word"].update(quantiles=[2.0] * 101),
        lambda value: value["one_word"].update(quantiles=[float("nan")] * 101),
        lambda value: value["one_word"].update(quantiles="0.5"),
    ],
)
def test_what_is_none_is_refused(sets: PredictionSets, change: Any) -> None:
    value = sets.to_json()
    change(value)
    with pytest.raises((ValueError, TypeError, KeyError)):
        PredictionSets.from_json(value)
