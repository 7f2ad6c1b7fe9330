"""Intervals and probabilities of differences, against values worked out by hand."""

import math

import pytest

from charnn_cli.study.comparing import NOT_ASKED, NOT_SHOWN, Difference, compare, corrected_t, holm


def test_the_interval_of_overlapping_splits_is_that_of_nadeau_and_bengio() -> None:
    mean, low, high, p = corrected_t([0.1, 0.2, 0.3], ratio=0.25)
    error = math.sqrt((1 / 3 + 0.25) * 0.01)  # the differences' variance is 0.01
    assert mean == pytest.approx(0.2)
    assert (low, high) == pytest.approx((0.2 - 4.302653 * error, 0.2 + 4.302653 * error))  # t of 0.975, 2 degrees
    t = 0.2 / error
    assert p == pytest.approx(1 - t / math.sqrt(t**2 + 2))  # the t-distribution of 2 degrees, in closed form


def test_differences_that_do_not_vary_have_no_width() -> None:
    assert corrected_t([0.0, 0.0], 0.1) == (0.0, 0.0, 0.0, 1.0)
    assert corrected_t([0.5, 0.5], 0.1) == (0.5, 0.5, 0.5, 0.0)


def test_holm_adjusts_the_least_most_and_keeps_the_order() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


def test_a_verdict_knows_which_metrics_are_better_low() -> None:
    def verdict(metric: str, difference: float, adjusted: float | None) -> str:
        return Difference(metric, difference, None, None, None, adjusted, ()).verdict

    assert verdict("accuracy", 0.1, 0.01) == verdict("nll", -0.1, 0.01) == "better"
    assert verdict("accuracy", -0.1, 0.01) == verdict("ece", 0.1, 0.01) == "worse"
    assert verdict("accuracy", 0.1, 0.05) == NOT_SHOWN
    assert verdict("accuracy", 0.1, None) == NOT_ASKED


def test_recipes_are_compared_on_the_splits_that_both_have() -> None:
    values = {"a": {0: 0.5, 1: 0.6, 2: 0.7}, "b": {1: 0.7, 2: 0.9, 3: 0.1}, "c": {0: 0.5}, "d": {}}
    found = compare(values, metric="accuracy", reference="a", ratio=0.1)
    assert set(found) == {"b", "c"}
    assert found["b"].by_split == pytest.approx((0.1, 0.2))
    assert (found["b"].difference, found["b"].low, found["b"].high, found["b"].p) == pytest.approx(
        corrected_t([0.1, 0.2], 0.1)
    )
    assert found["b"].adjusted == found["b"].p
    assert (found["c"].difference, found["c"].low, found["c"].adjusted) == (0.0, None, None)
