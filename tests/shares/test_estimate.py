"""The shares of a list: found again, with intervals that hold them, and not made up where the model does not fit."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from charnn_cli.scaling import Scaling
from charnn_cli.shares import Calibration, Estimate, estimate_shares
from charnn_cli.train.list_calibration import calibrations_of

PRIORS = np.array([0.6, 0.3, 0.1])
MEANS = np.array([[1.6, 0.0], [-0.8, 1.4], [-0.8, -1.4]])  # of two measures, with a normal spread, of three origins
BIAS = np.array([0.0, 1.0, -0.5])


def drawn(counts: tuple[int, ...], random: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Logits (N, 3) of a model that knows how names are drawn and favours some origins, and the origins (N,)."""
    origins = np.repeat(np.arange(3), counts)
    points = MEANS[origins] + random.normal(size=(len(origins), 2))
    logits = points @ MEANS.T - (MEANS**2).sum(axis=1) / 2 + np.log(PRIORS) + BIAS
    return 1.5 * logits, origins


def estimated(logits: NDArray[np.float64], calibrations: dict[str, Calibration] | None = None, **more: int) -> Estimate:
    several, counts = np.ones(len(logits), dtype=bool), np.ones(len(logits), dtype=int)
    return estimate_shares(logits, several, counts, priors=PRIORS, calibrations=calibrations, **more)


def widths(found: Estimate) -> NDArray[np.float64]:
    low, high = found.intervals()
    return high - low


@pytest.fixture(scope="module")
def learned() -> dict[str, Calibration]:
    logits, origins = drawn((400, 400, 400), np.random.default_rng(0))
    return dict(calibrations_of(logits, origins, np.ones(len(logits), dtype=bool), PRIORS))


def test_shares_are_found_where_the_model_favours_other_origins(learned: dict[str, Calibration]) -> None:
    logits, origins = drawn((100, 300, 600), np.random.default_rng(1))
    found = estimated(logits, learned)
    assert found.method == "em"
    assert found.shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(found.shares, [0.1, 0.3, 0.6], atol=0.03)
    low, high = found.intervals()
    assert (low <= [0.1, 0.3, 0.6]).all()
    assert (high >= [0.1, 0.3, 0.6]).all()
    counted = np.bincount(logits.argmax(axis=1), minlength=3) / len(origins)
    assert np.abs(counted - [0.1, 0.3, 0.6]).sum() > 4 * np.abs(found.shares - [0.1, 0.3, 0.6]).sum()


def test_the_prior_takes_back_what_the_model_favours(learned: dict[str, Calibration]) -> None:
    """Answers with it are nearly those of the model that favours nobody, with the true shares."""
    logits, origins = drawn((300, 300, 300), np.random.default_rng(8))
    found = estimated(logits, learned)
    assert found.prior.sum() == pytest.approx(1)
    right = [
        np.equal((logits / 1.5 + np.log(prior / PRIORS)).argmax(axis=1), origins).mean()
        for prior in (found.prior, found.shares, np.exp(-BIAS))
    ]
    assert right[0] > right[1] + 0.01
    assert right[0] == pytest.approx(right[2], abs=0.01)


def test_intervals_hold_nineteen_of_twenty_lists() -> None:
    """Of models that are each calibrated by few names of their own."""
    random, held = np.random.default_rng(2), []
    for _ in range(40):
        logits, origins = drawn((60, 60, 60), random)
        calibrations = dict(calibrations_of(logits, origins, np.ones(len(logits), dtype=bool), PRIORS))
        for counts in ((900, 90, 10), (300, 400, 300), (20, 80, 900)):
            low, high = estimated(drawn(counts, random)[0], calibrations).intervals()
            held.append((low <= np.array(counts) / 1000) & (np.array(counts) / 1000 <= high))
    assert 0.92 <= np.mean(held) <= 0.99


def test_intervals_narrow_with_the_list_and_with_the_names_that_calibrate(learned: dict[str, Calibration]) -> None:
    few, many = (estimated(drawn((n, n, n), np.random.default_rng(3))[0], learned) for n in (50, 2000))
    assert (widths(many) < 0.5 * (widths(few))).all()
    better = {kind: replace(one, names=100 * one.names) for kind, one in learned.items()}
    sure = estimated(drawn((2000, 2000, 2000), np.random.default_rng(3))[0], better)
    assert (widths(sure) < 0.7 * (widths(many))).all()


def test_the_shares_of_a_list_that_is_read_beyond_doubt_are_as_good_as_counted() -> None:
    logits = np.repeat(np.eye(3) * 30, (10, 30, 60), axis=0)
    found = estimated(logits)
    np.testing.assert_allclose(found.shares, [0.1, 0.3, 0.6], atol=0.02)
    assert (widths(found) < 0.08).all()
    assert found.intervals()[0][0] > 0


def test_the_share_of_a_group_is_surer_than_those_that_are_confused_in_it(learned: dict[str, Calibration]) -> None:
    close = drawn((300, 300, 300), np.random.default_rng(7))[0]
    close[:, 1:] = close[:, 1:].mean(axis=1, keepdims=True) + 0.5 * (
        close[:, 1:] - close[:, 1:].mean(axis=1, keepdims=True)
    )
    found = estimated(close, learned)
    low, high = found.intervals(np.array([[True, False, False], [False, True, True]]))
    assert low[1] <= found.shares[1:].sum() <= high[1]
    assert high[1] - low[1] == pytest.approx(high[0] - low[0], rel=0.02)  # what is not in the one is in the other
    assert high[1] - low[1] < widths(found)[1:].max()


def test_a_sample_says_less_than_its_list(learned: dict[str, Calibration]) -> None:
    logits, _ = drawn((100, 300, 600), np.random.default_rng(1))
    whole, part = estimated(logits, learned), estimated(logits, learned, rows=100_000)
    np.testing.assert_array_equal(whole.shares, part.shares)
    assert (widths(part) > widths(whole)).all()


def test_a_name_in_several_rows_counts_as_often(learned: dict[str, Calibration]) -> None:
    logits, _ = drawn((20, 30, 50), np.random.default_rng(4))
    counts = np.arange(100) % 5
    several_words = np.ones(100, dtype=bool)
    found = estimate_shares(logits, several_words, counts, priors=PRIORS, calibrations=learned)
    repeated = estimated(np.repeat(logits, counts, axis=0), learned)
    np.testing.assert_allclose(found.shares, repeated.shares, atol=1e-6)
    assert found.names == repeated.names == counts.sum()
    assert (widths(found) > widths(repeated)).all()  # fewer names stand behind it


def test_a_list_of_what_the_model_never_saw_keeps_the_training_shares(learned: dict[str, Calibration]) -> None:
    random = np.random.default_rng(5)
    unlike = random.normal(size=(500, 3)) - 20  # no origin's letters are in them, and the last happens to be likeliest
    unlike[:, 2] += 1
    found = estimated(unlike, learned)
    assert not found.fits
    assert found.odd > 0.9
    assert found.method == "mean"
    assert estimated(drawn((900, 50, 50), random)[0], learned).fits


def test_few_names_are_averaged(learned: dict[str, Calibration]) -> None:
    logits, _ = drawn((5, 5, 5), np.random.default_rng(6))
    found = estimated(logits, learned)
    assert found.method == "mean"
    assert found.fits
    (own,) = learned.values()
    np.testing.assert_allclose(found.shares, own.probabilities(logits, PRIORS).mean(axis=0))


def test_where_nothing_is_calibrated_the_models_scaling_stands_in() -> None:
    logits, _ = drawn((100, 300, 600), np.random.default_rng(1))
    scaling, rows = Scaling(1.5, 0.8), np.ones(len(logits), dtype=np.int64)
    found = estimate_shares(logits, rows > 0, rows, priors=PRIORS, scaling=scaling)
    np.testing.assert_array_equal(found.shares, estimated(scaling.logits(logits)).shares)
    assert np.abs(found.shares - estimated(logits).shares).max() > 0.01


def test_names_of_one_word_have_their_own_calibration(learned: dict[str, Calibration]) -> None:
    (own,) = learned.values()
    logits, _ = drawn((100, 300, 600), np.random.default_rng(1))
    both = {"several_words": own, "one_word": replace(own, bias=own.bias + np.array([0.0, 5.0, 0.0]))}
    counts = np.ones(len(logits), dtype=int)
    options = {"priors": PRIORS, "calibrations": both}
    several = estimate_shares(logits, np.ones(len(logits), dtype=bool), counts, **options)  # type: ignore[arg-type]
    single = estimate_shares(logits, np.zeros(len(logits), dtype=bool), counts, **options)  # type: ignore[arg-type]
    np.testing.assert_allclose(several.shares, estimated(logits, learned).shares)
    assert single.shares[1] > several.shares[1] + 0.1


def test_without_a_calibration_nothing_is_odd() -> None:
    found = estimated(drawn((100, 300, 600), np.random.default_rng(1))[0])
    assert found.method == "em"
    assert found.fits
    assert not found.is_calibrated
