"""The predictor: shapes, order, abstentions, priors, and errors."""

from dataclasses import replace

import numpy as np
import pytest
from engine_models import LABELS, NAMES, random_model
from hypothesis import given, settings
from hypothesis import strategies as st

from charnn_cli import load
from charnn_cli.architecture import Architecture
from charnn_cli.predict import Predictor, predictor
from charnn_cli.predict.explain import explain
from charnn_cli.store import save_trained

ARCHITECTURE = Architecture(hidden_size=16, embedding_size=16, ngram_orders=(2, 3))
TRAINED = random_model(ARCHITECTURE)
PREDICTOR = Predictor(TRAINED)


@settings(deadline=None)
@given(st.lists(st.text(max_size=20), max_size=12), st.integers(1, 7))
def test_one_prediction_a_name_in_order(names: list[str], k: int) -> None:
    predictions = PREDICTOR.predict(names, k=k)
    assert [prediction.name for prediction in predictions] == names
    shares = PREDICTOR.predict_proba(names)
    assert shares.shape == (len(names), len(LABELS))
    for prediction, row in zip(predictions, shares, strict=True):
        if prediction.reason is not None:
            assert (prediction.status, prediction.predictions, prediction.origin) == ("abstained", (), None)
            assert np.isnan(row).all()
            continue
        assert prediction.status == "ok"
        assert len(prediction.predictions) == min(k, len(LABELS))
        assert row.sum() == pytest.approx(1)
        best = np.argsort(-row, kind="stable")[:k]
        assert [guess.origin for guess in prediction.predictions] == [LABELS[label] for label in best]
        for guess, label in zip(prediction.predictions, best, strict=True):
            assert guess.probability == np.float32(row[label])
            assert guess.log_probability == np.float32(np.log(row[label]))


def test_names_that_cannot_be_told() -> None:
    reasons = [prediction.reason for prediction in PREDICTOR.predict(["", " \t", "12 34", "🙂", "王伟", "Kim"])]
    assert reasons == ["empty", "empty", "no_letters", "no_letters", "unsupported_script", None]


def test_below_the_threshold_it_abstains() -> None:
    (sure,) = PREDICTOR.predict(["Hinton"], k=1)
    assert sure.probability is not None
    (same,) = PREDICTOR.predict(["Hinton"], k=1, min_probability=sure.probability - 1e-6)
    assert same == sure
    (unsure,) = PREDICTOR.predict(["Hinton"], k=1, min_probability=sure.probability + 1e-6)
    assert (unsure.status, unsure.reason, unsure.predictions) == ("abstained", "below_threshold", ())


def test_temperature_flattens() -> None:
    hot = Predictor(replace(TRAINED, temperature=100.0)).predict_proba(["Hinton"])
    assert hot.max() < PREDICTOR.predict_proba(["Hinton"]).max()


def test_priors_reweight_by_bayes_rule() -> None:
    skewed = replace(TRAINED, priors=np.array([0.6, 0.1, 0.1, 0.1, 0.1]))
    plain, even = Predictor(skewed).predict_proba(NAMES), Predictor(skewed, priors=np.full(5, 0.2)).predict_proba(NAMES)
    expected = plain * (0.2 / skewed.priors)
    np.testing.assert_allclose(even, expected / expected.sum(axis=1, keepdims=True))


def test_windows_and_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = PREDICTOR.predict_proba(NAMES * 3)
    monkeypatch.setattr(predictor, "WINDOW", 16)
    monkeypatch.setattr(predictor, "BULK", 4)
    np.testing.assert_array_equal(Predictor(TRAINED, threads=2).predict_proba(NAMES * 3), whole)
    assert [p.name for p in PREDICTOR.stream(iter(NAMES * 3), 1)] == NAMES * 3


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="not one string"):
        PREDICTOR.predict("Hinton")
    with pytest.raises(TypeError, match="found int"):
        PREDICTOR.predict_proba(["Hinton", 3])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="at least 1"):
        PREDICTOR.predict(["Hinton"], k=0)


def test_load(tmp_path) -> None:
    save_trained(tmp_path, TRAINED)
    loaded = load(tmp_path)
    assert loaded.labels == LABELS
    np.testing.assert_array_equal(loaded.predict_proba(NAMES), PREDICTOR.predict_proba(NAMES))


def test_an_explanation_tells_beliefs_and_worth() -> None:
    explanation = explain(PREDICTOR, "Müller")
    assert explanation.text == "muller"
    np.testing.assert_array_equal(
        explanation.beliefs, PREDICTOR.predict_proba(["m", "mu", "mul", "mull", "mulle", "muller"])
    )
    best = LABELS.index(explanation.origin)
    assert best == explanation.beliefs[-1].argmax()
    without_u = PREDICTOR.predict_proba(["mller"])[0, best]
    assert explanation.worth[1] == pytest.approx(np.log(explanation.beliefs[-1, best] / without_u))


def test_many_origins_make_small_windows_and_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    model = random_model(Architecture(hidden_size=4, embedding_size=4, wide=False))
    wide = Predictor(model)
    assert wide.window == 1 << 15
    monkeypatch.setattr(predictor, "MOST_CELLS", 3 * len(model.labels))
    narrow = Predictor(model)
    assert narrow.window == 3
    assert np.array_equal(narrow.predict_proba(NAMES), wide.predict_proba(NAMES))
    assert narrow.predict(NAMES) == wide.predict(NAMES)
