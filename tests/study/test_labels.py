"""Suspected wrong labels, by confident learning on out-of-fold probabilities."""

import numpy as np
import pytest

from charnn_cli.study.labels import suspects


def test_what_was_flipped_is_found_and_ranked_by_margin() -> None:
    random = np.random.default_rng(0)
    true = random.integers(4, size=400)
    logits = random.normal(size=(400, 4))
    logits[np.arange(400), true] += 6
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels, flipped = true.copy(), random.choice(400, size=20, replace=False)
    labels[flipped] = (true[flipped] + 1) % 4
    found = suspects(probabilities, labels)
    assert np.isin(flipped, found.rows).sum() >= 19
    assert len(found) < 30
    assert (found.proposed == true[found.rows])[np.isin(found.rows, flipped)].all()
    assert (np.diff(found.margins) >= 0).all()
    assert -1 <= found.margins.min() <= found.margins.max() < 0


def test_each_label_has_a_threshold_of_its_own() -> None:
    """Of label 0 names are sure, of label 2 they are not: 0.5 belongs to 2 with confidence, and not to 0."""
    probabilities = np.array(
        [[0.9, 0.1, 0.0], [0.9, 0.0, 0.1], [0.5, 0.3, 0.2], [0.4, 0.6, 0.0], [0.3, 0.2, 0.5], [0.4, 0.1, 0.5]]
    )
    assert suspects(probabilities, np.array([0, 0, 1, 1, 2, 2])).rows.tolist() == []
    found = suspects(probabilities, np.array([0, 0, 1, 1, 2, 1]))
    assert (found.rows.tolist(), found.proposed.tolist(), found.margins.tolist()) == ([5], [2], [-0.4])


def test_as_many_are_suspected_as_are_expected() -> None:
    """Of six names with label 0 one of three that are told with confidence is a 1, so that two of six are expected."""
    probabilities = np.array([[0.9, 0.1]] * 2 + [[0.1, 0.9], [0.3, 0.7], [0.45, 0.55], [0.48, 0.52]] + [[0.1, 0.9]] * 3)
    found = suspects(probabilities, np.array([0] * 6 + [1] * 3))
    assert found.rows.tolist() == [2, 3]
    np.testing.assert_allclose(found.margins, [-0.8, -0.4])


def test_a_name_of_several_origins_is_no_suspect() -> None:
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.1, 0.9]])
    labels, names = np.array([0, 0, 1, 1]), np.array(["Rossi", "Bruno", "Bruno", "Orlov"])
    assert suspects(probabilities, labels).rows.tolist() == [2]
    assert len(suspects(probabilities, labels, names)) == 0


def test_labels_that_no_row_bears_are_never_proposed() -> None:
    assert 2 not in suspects(np.array([[0.1, 0.2, 0.7], [0.1, 0.2, 0.7]]), np.array([0, 1])).proposed
    assert len(suspects(np.empty((0, 3)), np.empty(0, dtype=np.int64))) == 0


@pytest.mark.parametrize("probabilities", [np.array([[np.nan, np.nan]]), np.array([[0.5, 0.5], [0.5, 0.5]])])
def test_what_does_not_fit_is_refused(probabilities: np.ndarray) -> None:
    with pytest.raises(ValueError, match="must be numbers"):
        suspects(probabilities, np.array([0]))
