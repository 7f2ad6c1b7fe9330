"""Logits → calibrated logits → probabilities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from charnn_cli.scaling import UNSCALED, Scaling

logits = arrays(np.float32, (3, 4), elements=st.floats(-500, 500, width=32))
powers = st.sampled_from([0.25, 0.86, 1.0, 4.0])


@given(logits, st.floats(0.05, 20), powers)
def test_rows_sum_to_one_and_keep_their_order(values: np.ndarray, temperature: float, power: float) -> None:
    shares = Scaling(temperature, power).probabilities(values)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    for row, scores in zip(shares, values, strict=True):
        assert np.all(np.diff(row[np.argsort(scores)]) >= 0)


@given(logits, powers)
def test_a_name_has_the_same_bytes_alone_and_in_company(values: np.ndarray, power: float) -> None:
    scaling = Scaling(0.7, power)
    np.testing.assert_array_equal(
        scaling.probabilities(values), np.concatenate([scaling.probabilities(row[None]) for row in values])
    )


@given(logits, st.floats(0.05, 20))
def test_without_a_power_it_is_the_temperature_to_the_last_bit(values: np.ndarray, temperature: float) -> None:
    np.testing.assert_array_equal(Scaling(temperature).logits(values), values.astype(np.float64) / temperature)
    assert f"{Scaling(temperature):.2f}" == f"{temperature:.2f}"


def test_a_power_takes_the_first_further_from_the_second_and_the_second_nearer_to_the_last() -> None:
    scaling = Scaling(2.0, 0.5)
    np.testing.assert_allclose(scaling.logits(np.array([[3.0, 1.0, -5.0]])), [[0.0, -1.0, -2.0]])
    assert f"{scaling:.2f}" == "2.00, power 0.50"


def test_weights_follow_bayes_rule() -> None:
    values = np.log(np.array([[0.5, 0.3, 0.2]], dtype=np.float32))
    shares = UNSCALED.probabilities(values, np.array([1.0, 2.0, 0.0]))
    np.testing.assert_allclose(shares, [[0.5 / 1.1, 0.6 / 1.1, 0.0]], rtol=1e-6)


def test_a_label_ruled_out_leaves_the_others() -> None:
    shares = UNSCALED.probabilities(np.array([[900.0, 0.0, -1.0]], dtype=np.float32), np.array([0.0, 1.0, 1.0]))
    assert shares[0, 0] == 0
    assert shares.sum() == pytest.approx(1)
