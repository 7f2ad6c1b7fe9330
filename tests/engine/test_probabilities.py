"""Logits → probabilities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from charnn_cli.engine import probabilities

logits = arrays(np.float32, (3, 4), elements=st.floats(-500, 500, width=32))


@given(logits, st.floats(0.05, 20))
def test_rows_sum_to_one_and_keep_their_order(values: np.ndarray, temperature: float) -> None:
    shares = probabilities(values, temperature)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    for row, scores in zip(shares, values, strict=True):
        assert np.all(np.diff(row[np.argsort(scores)]) >= 0)


def test_weights_follow_bayes_rule() -> None:
    values = np.log(np.array([[0.5, 0.3, 0.2]], dtype=np.float32))
    shares = probabilities(values, 1.0, np.array([1.0, 2.0, 0.0]))
    np.testing.assert_allclose(shares, [[0.5 / 1.1, 0.6 / 1.1, 0.0]], rtol=1e-6)


def test_a_label_ruled_out_leaves_the_others() -> None:
    shares = probabilities(np.array([[900.0, 0.0, -1.0]], dtype=np.float32), 1.0, np.array([0.0, 1.0, 1.0]))
    assert shares[0, 0] == 0
    assert shares.sum() == pytest.approx(1)
