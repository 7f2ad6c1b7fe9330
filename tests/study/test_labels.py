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
    assert np.isin(flipped, found.rows).sum() >= 18
    assert len(found) < 30
    assert (found.proposed == true[found.rows])[np.isin(found.rows, flipped)].all()
    assert (np.diff(found.margins) >= 0).all()
    assert -1 <= found.margins.min() <= found.margins.max() < 0


def test_each_label_has_a_threshold_of_its_own() -> None:
    probabilities = np.array(
        [
            [0.9, 0.1, 0.0],
            [0.9, 0.0, 0.1],
            [0.5, 0.3, 0.2],  # the likeliest other is far below what names of label 0 get
            [0.4, 0.6, 0.0],
            [0.3, 0.2, 0.5],
            [0.5, 0.0, 0.5],  # names of label 2 get no more
        ]
    )
    labels = np.array([0, 0, 1, 1, 2, 2])
    assert suspects(probabilities, labels).rows.tolist() == []
    moved = np.array([0, 0, 1, 1, 2, 1])
    assert suspects(probabilities, moved).rows.tolist() == [5]
    assert suspects(probabilities, moved).proposed.tolist() == [2]
    assert suspects(probabilities, moved).margins.tolist() == [-0.5]


def test_labels_that_are_reached_with_confidence_are_proposed() -> None:
    """The likeliest label is none of them where its own names get it much more surely."""
    probabilities = np.array([[0.9, 0.1, 0.0], [0.9, 0.0, 0.1], [0.5, 0.3, 0.2], [0.4, 0.35, 0.25]])
    found = suspects(probabilities, np.array([0, 0, 1, 2]))
    assert found.rows.tolist() == [3]
    assert found.proposed.tolist() == [1]
    assert len(suspects(probabilities, np.array([0, 0, 1, 0]))) == 0  # its own is the likeliest, if not confidently


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
