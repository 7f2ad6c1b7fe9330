"""The tables by origin, by pair and by confidence, against hand-worked cases."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charnn_cli.metrics import Outcomes, compute_metrics, confused_pairs, confusion, per_origin, reliability

LABELS = ("Czech", "Dutch", "Irish", "Thai")


def outcomes(origins: list[int], predicted: list[int | None], confidence: list[float] | None = None) -> Outcomes:
    sure = confidence or [0.7] * len(origins)
    rows = [
        np.where(np.arange(4) == answer, certain, (1 - certain) / 3)
        for answer, certain in zip(predicted, sure, strict=True)
    ]
    return Outcomes.of(np.array(rows), np.array(origins), np.array([answer is None for answer in predicted]))


def test_rows_by_origin() -> None:
    rows = {row.origin: row for row in per_origin(outcomes([0, 0, 0, 1, 1, 0], [0, 1, 1, 1, 2, None]), LABELS)}
    assert tuple(rows) == LABELS
    czech = rows["Czech"]
    assert (czech.support, czech.mistake, czech.mistake_count, czech.abstained) == (4, "Dutch", 2, 1)
    assert czech.precision == 1
    assert czech.recall == pytest.approx(1 / 4)
    assert czech.f1 == pytest.approx(2 / 5)
    assert rows["Dutch"].precision == pytest.approx(1 / 3)
    irish = rows["Irish"]  # no names here, but taken for an answer
    assert (irish.precision, irish.recall, irish.f1, irish.mistake) == (0, None, 0, None)
    thai = rows["Thai"]
    assert (thai.support, thai.precision, thai.recall, thai.f1) == (0, None, None, None)


def test_intervals_by_origin() -> None:
    rows = per_origin(outcomes([0] * 10 + [1, 1], [0] * 8 + [1, 1] + [0, 0]), LABELS)
    spans = rows[0].intervals  # 8 of its 10 names; 10 names were given it; 12 are one or the other
    assert spans["recall"] == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert spans["precision"] == spans["recall"]
    low, high = (2 * share / (1 + share) for share in (0.3906, 0.8619))  # of 8 of 12
    assert spans["f1"] == pytest.approx((low, high), abs=2e-4)
    assert rows[1].intervals["f1"] == pytest.approx((0, 0.6576), abs=1e-4)  # of 0 of 4
    assert rows[3].intervals == {"precision": None, "recall": None, "f1": None}


def test_confusion_counts_answers_only() -> None:
    counts = confusion(outcomes([0, 0, 1, 3], [0, 1, None, 3]))
    assert counts.tolist() == [[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]]


def test_labels_that_the_model_lacks_have_a_row() -> None:
    data = outcomes([0, 4], [0, 1])
    rows = per_origin(data, (*LABELS, "Welsh"))
    assert (rows[4].origin, rows[4].support, rows[4].recall, rows[4].mistake) == ("Welsh", 1, 0, "Dutch")
    assert confusion(data).shape == (5, 5)


def test_pairs_with_the_surest_names_first() -> None:
    data = outcomes([0, 0, 0, 1, 2], [1, 1, 0, 2, 2], [0.5, 0.9, 0.9, 0.6, 0.9])
    pairs = confused_pairs(data, LABELS, ["Adamek", "Bartos", "Cerny", "Dijk", "Egan"], examples=1)
    assert [(pair.origin, pair.predicted, pair.count, pair.examples) for pair in pairs] == [
        ("Czech", "Dutch", 2, ("Bartos",)),
        ("Dutch", "Irish", 1, ("Dijk",)),
    ]
    assert pairs[0].share == pytest.approx(2 / 3)
    assert len(confused_pairs(data, LABELS, list("abcde"), count=1)) == 1


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 200), st.integers(0, 2**32 - 1))
def test_bins_sum_to_the_metrics(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.ones(4), size=count)
    data = Outcomes.of(probabilities, random.integers(4, size=count))
    bins = reliability(data)
    single = compute_metrics(data)
    assert len(bins) == 15
    assert sum(bin.count for bin in bins) == pytest.approx(count)
    assert sum(bin.count * bin.accuracy for bin in bins) / count == pytest.approx(single["accuracy"])
    assert sum(bin.count * bin.confidence for bin in bins) == pytest.approx(data.confidence.sum())
    error = sum(bin.count * abs(bin.accuracy - bin.confidence) for bin in bins) / count
    assert error == pytest.approx(single["ece"])
    assert all(left.confidence <= right.confidence + 1e-12 for left, right in pairwise(bins))
