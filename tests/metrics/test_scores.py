"""Metrics against hand-worked cases and against scikit-learn."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charnn_cli.errors import DataError
from charnn_cli.metrics import METRICS, Outcomes, compute_metrics

FOUR = np.array(
    [
        [0.7, 0.2, 0.1, 0.0],
        [0.1, 0.6, 0.2, 0.1],
        [0.5, 0.3, 0.1, 0.1],
        [0.2, 0.2, 0.5, 0.1],
    ]
)


@st.composite
def answers(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    labels = draw(st.integers(1, 6))
    count = draw(st.integers(1, 40))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    origins = random.integers(labels, size=count)
    logits = random.normal(size=(count, labels)) * 2
    logits[np.arange(count), origins] += draw(st.floats(-1, 3))
    probabilities = np.exp(logits)
    return probabilities / probabilities.sum(axis=1, keepdims=True), origins


def test_hand_worked() -> None:
    # True 0, 1, 1, 3; predicted 0, 1, 0, 2.
    result = compute_metrics(FOUR, np.array([0, 1, 1, 3]))
    assert tuple(result) == METRICS
    assert result["accuracy"] == pytest.approx(2 / 4)
    assert result["balanced_accuracy"] == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert result["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)
    assert result["weighted_f1"] == pytest.approx((1 * 2 / 3 + 2 * 2 / 3 + 1 * 0) / 4)
    assert result["top_3_accuracy"] == pytest.approx(3 / 4)  # label 3 is fourth for the last name
    assert result["nll"] == pytest.approx(-np.log([0.7, 0.6, 0.3, 0.1]).mean())


def test_a_label_taken_from_others_lowers_macro_f1_through_them_only() -> None:
    # Label 2 has no names here; the mean is over labels 0 and 1.
    probabilities = np.array([[0.9, 0.1, 0.0], [0.1, 0.2, 0.7], [0.1, 0.9, 0.0]])
    result = compute_metrics(probabilities, np.array([0, 1, 1]))
    assert result["macro_f1"] == pytest.approx((1 + 2 / 3) / 2)


def test_calibration_error_of_two_hand_worked_groups() -> None:
    # 15 names at 0.9 of which 12 are right, and 15 at 0.6 of which 9 are right: each bin holds two names of one group.
    confidence = np.repeat([0.9, 0.6], 15)
    right = np.concatenate((np.arange(15) < 12, np.arange(15) < 9))
    result = compute_metrics(np.stack((confidence, 1 - confidence), axis=1), np.where(right, 0, 1))
    assert result["ece"] == pytest.approx((0.9 - 0.8) * 0.5 + (0.6 - 0.6) * 0.5)


def test_certain_and_right_is_perfect() -> None:
    result = compute_metrics(np.eye(5), np.arange(5))
    assert {metric: result[metric] for metric in METRICS} == pytest.approx(
        {**dict.fromkeys(METRICS, 1.0), "nll": 0.0, "ece": 0.0}
    )


def test_one_label() -> None:
    assert compute_metrics(np.ones((3, 1)), np.zeros(3, dtype=int))["macro_f1"] == 1.0


def test_an_impossible_origin_costs_a_finite_number_of_nats() -> None:
    assert np.isfinite(compute_metrics(np.array([[1.0, 0.0]]), np.array([1]))["nll"])


def test_abstaining_is_wrong_and_costs_a_blind_guess() -> None:
    probabilities = np.array([[0.9, 0.1], [np.nan, np.nan]])
    outcomes = Outcomes.of(probabilities, np.array([0, 0]), abstained=np.array([False, True]))
    result = compute_metrics(outcomes)
    assert result["accuracy"] == 0.5
    assert result["top_3_accuracy"] == 0.5
    assert result["nll"] == pytest.approx((-np.log(0.9) + np.log(2)) / 2)


def test_a_label_that_the_model_lacks_is_always_a_mistake() -> None:
    result = compute_metrics(np.array([[0.8, 0.2], [0.8, 0.2]]), np.array([0, 2]))
    assert result["accuracy"] == 0.5
    assert result["balanced_accuracy"] == 0.5
    assert result["top_3_accuracy"] == 0.5
    assert result["nll"] == pytest.approx(-np.log(0.8))
    assert np.isnan(compute_metrics(np.array([[0.8, 0.2]]), np.array([2]))["nll"])


def test_no_names_is_an_error_with_a_remedy() -> None:
    with pytest.raises(DataError, match=r"no names.*another split"):
        compute_metrics(np.zeros((0, 3)), np.zeros(0, dtype=int))


def test_misfits_are_refused() -> None:
    with pytest.raises(ValueError, match="rows"):
        compute_metrics(FOUR, np.array([0, 1]))
    with pytest.raises(ValueError, match="finite"):
        compute_metrics(np.array([[np.nan, 1.0]]), np.array([0]))


@settings(max_examples=60, deadline=None)
@given(answers())
def test_agrees_with_scikit_learn(answer: tuple[np.ndarray, np.ndarray]) -> None:
    from sklearn import metrics as reference

    probabilities, origins = answer
    predicted = probabilities.argmax(axis=1)
    labels = np.arange(probabilities.shape[1])
    present = np.unique(origins)
    result = compute_metrics(probabilities, origins)
    assert result["accuracy"] == pytest.approx(reference.accuracy_score(origins, predicted))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert result["balanced_accuracy"] == pytest.approx(reference.balanced_accuracy_score(origins, predicted))
    for kind in ("macro", "weighted"):
        expected = reference.f1_score(origins, predicted, average=kind, labels=present, zero_division=0)
        assert result[f"{kind}_f1"] == pytest.approx(expected)
    if len(labels) > 1:
        assert result["nll"] == pytest.approx(reference.log_loss(origins, probabilities, labels=labels))
    if len(labels) > 3:
        assert result["top_3_accuracy"] == pytest.approx(
            reference.top_k_accuracy_score(origins, probabilities, k=3, labels=labels)
        )
    else:
        assert result["top_3_accuracy"] == 1.0


@settings(max_examples=40, deadline=None)
@given(answers(), st.randoms(use_true_random=False))
def test_order_of_the_rows_does_not_matter(answer: tuple[np.ndarray, np.ndarray], random: object) -> None:
    probabilities, origins = answer
    probabilities = probabilities.round(1)  # many equal confidences
    order = np.array(random.sample(range(len(origins)), len(origins)))  # type: ignore[attr-defined]
    assert compute_metrics(probabilities[order], origins[order]) == pytest.approx(
        compute_metrics(probabilities, origins)
    )


@settings(max_examples=40, deadline=None)
@given(answers())
def test_calibration_error_agrees_with_bins_cut_by_hand(answer: tuple[np.ndarray, np.ndarray]) -> None:
    probabilities, origins = (np.concatenate([part] * 15) for part in answer)  # 15 bins of equal size
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == origins
    order = np.argsort(confidence, kind="stable")
    bins = zip(np.split(correct[order], 15), np.split(confidence[order], 15), strict=True)
    expected = np.mean([abs(right.mean() - sure.mean()) for right, sure in bins])
    assert compute_metrics(probabilities, origins)["ece"] == pytest.approx(expected)
