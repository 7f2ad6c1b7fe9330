"""Intervals: seeded, around the figure, as wide as theory says, and paired where two models are compared."""

import numpy as np
import pytest

from charnn_cli.metrics import METRICS, Outcomes, compute_metrics, differences, intervals
from charnn_cli.metrics.bootstrap import resampled
from charnn_cli.metrics.scores import Weighing


def outcomes(count: int, labels: int, skill: float, seed: int = 0) -> Outcomes:
    random = np.random.default_rng(seed)
    origins = random.integers(labels, size=count)
    logits = np.random.default_rng(seed + 1).normal(size=(count, labels)) * 2
    logits[np.arange(count), origins] += skill
    probabilities = np.exp(logits)
    return Outcomes.of(probabilities / probabilities.sum(axis=1, keepdims=True), origins)


def test_weights_are_repetitions() -> None:
    data = outcomes(50, 5, skill=2)
    weights = np.random.default_rng(3).integers(0, 4, size=50)
    repeated = compute_metrics(data.take(np.repeat(np.arange(50), weights)))
    weighted = Weighing(data)(weights[None, :].astype(float))
    assert {metric: weighted[metric][0] for metric in METRICS} == pytest.approx(repeated)


def test_seeded_and_independent_of_the_chunks() -> None:
    data = outcomes(200, 4, skill=2)
    once = intervals(data, resamples=50, seed=5)
    again = intervals(data, resamples=50, seed=5, cells_at_once=700)
    assert {metric: pytest.approx(pair) for metric, pair in once.items()} == again
    assert intervals(data, resamples=50, seed=6) != once


def test_intervals_hold_the_figure() -> None:
    data = outcomes(300, 18, skill=3)
    single = compute_metrics(data)
    for metric, (low, high) in intervals(data, resamples=200).items():
        assert 0 <= low <= single[metric] <= high, metric


def test_accuracy_is_as_wide_as_the_binomial() -> None:
    data = outcomes(1000, 4, skill=2)
    accuracy = compute_metrics(data)["accuracy"]
    low, high = intervals(data)["accuracy"]
    expected = 2 * 1.96 * np.sqrt(accuracy * (1 - accuracy) / 1000)
    assert high - low == pytest.approx(expected, rel=0.1)


def test_calibration_interval_of_a_calibrated_model_reaches_down() -> None:
    random = np.random.default_rng(0)
    sure = random.uniform(0.5, 1, size=2000)
    probabilities = np.stack((sure, 1 - sure), axis=1)
    data = Outcomes.of(probabilities, np.where(random.random(2000) < sure, 0, 1))
    low, high = intervals(data)["ece"]
    assert low < 0.012
    assert high < 0.05


def test_a_model_does_not_differ_from_itself() -> None:
    data = outcomes(300, 5, skill=2)
    for difference, low, high in differences(data, data, resamples=50).values():
        assert (difference, low, high) == (0, 0, 0)


def test_pairing_narrows_the_difference() -> None:
    better = outcomes(1000, 5, skill=3)
    worse = outcomes(1000, 5, skill=2.5)  # the same names and noise, a little less skill
    difference, low, high = differences(better, worse)["accuracy"]
    assert difference == pytest.approx(compute_metrics(better)["accuracy"] - compute_metrics(worse)["accuracy"])
    assert low < difference < high
    unpaired = resampled(better, seed=1)["accuracy"] - resampled(worse, seed=2)["accuracy"]
    assert high - low < 0.7 * np.diff(np.quantile(unpaired, (0.025, 0.975)))[0]


def test_unequal_rows_cannot_be_paired() -> None:
    with pytest.raises(ValueError, match="against"):
        differences(outcomes(10, 3, skill=1), outcomes(11, 3, skill=1))
