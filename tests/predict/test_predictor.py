"""The predictor: shapes, order, abstentions, priors, and errors."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from engine_models import LABELS, NAMES, random_model
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from charnn_cli import load
from charnn_cli.architecture import Architecture
from charnn_cli.predict import Predictor
from charnn_cli.predict.predictor import window_for
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


def test_names_of_one_word_are_sharpened_where_the_model_says_so_and_no_others() -> None:
    model = random_model(Architecture())
    names = ["abba", "abba baba", "Dr. abba", "?", "baba, a"]
    plain, sharp = (Predictor(replace(model, one_word=factor)).logits(names)[0] for factor in (1.0, 1.5))
    np.testing.assert_array_equal(sharp[[0, 2]], plain[[0, 2]] * np.float32(1.5))
    np.testing.assert_array_equal(sharp[[1, 3, 4]], plain[[1, 3, 4]])


SINGLE_WORDS = replace(TRAINED, several_words=0.05)
PEOPLE = {"Geoffrey Hinton": "Hinton", "Tanabe, K.": "Tanabe", "Dr. A. van den Berg": "van den Berg"}


def test_a_model_of_single_words_reads_people_by_their_family_names() -> None:
    predictor = Predictor(SINGLE_WORDS)
    whole = ["Hinton", "van den Berg", "", "12 34"]
    found = predictor.predict([*PEOPLE, *whole])
    assert [prediction.read_as for prediction in found] == [*PEOPLE.values(), None, None, None, None]
    np.testing.assert_array_equal(predictor.predict_proba(list(PEOPLE)), PREDICTOR.predict_proba(list(PEOPLE.values())))
    assert predictor.explain("Geoffrey Hinton").text == "hinton"


@pytest.mark.parametrize("share", [None, 0.5])
def test_other_models_read_all_of_a_name_unless_they_are_told(share: float | None) -> None:
    model = replace(TRAINED, several_words=share)
    assert [found.read_as for found in Predictor(model).predict(list(PEOPLE))] == [None] * 3
    given = Predictor(model, name_part="given").predict(["Geoffrey Hinton", "K. Tanabe", "Hinton"])
    assert [prediction.read_as for prediction in given] == ["Geoffrey", None, None]


class Told(Predictor):
    """Says what it is told to of single words."""

    def logits_of_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        words = {"kim": [2, 0, 0], "min-jun": [1, 0, 0], "basinger": [-4, 4, 0], "bas": [0, 9, 0], "jansen": [0, 8, 0]}
        return np.array([words[text] for text in texts], dtype=np.float32)


def test_the_first_word_is_the_family_name_where_both_point_to_origins_that_write_it_first() -> None:
    model = replace(SINGLE_WORDS, labels=("Korean", "Dutch", "Irish"), priors=np.full(3, 1 / 3))
    names = {"Kim Min-jun": "Kim", "Min-jun Kim": "Kim", "Kim Basinger": "Basinger", "Bas Jansen": "Jansen"}
    assert [found.read_as for found in Told(model).predict(list(names))] == list(names.values())
    given = Told(model, name_part="given").predict(["Kim Min-jun"])
    assert given[0].read_as == "Min-jun"


def test_an_explanation_says_what_either_part_says_alone() -> None:
    explanation = PREDICTOR.explain("Hinton, Satoshi")
    alone = PREDICTOR.predict(["Satoshi", "Hinton"], k=1)
    assert [(told.part, told.name) for told in explanation.parts] == [("given", "Satoshi"), ("family", "Hinton")]
    assert [told.origin for told in explanation.parts] == [prediction.origin for prediction in alone]
    assert [np.float32(told.probability) for told in explanation.parts] == [found.probability for found in alone]
    assert explanation.points_apart == (alone[0].origin != alone[1].origin)
    assert PREDICTOR.explain("Hinton").parts == ()


def test_priors_reweight_by_bayes_rule() -> None:
    skewed = replace(TRAINED, priors=np.array([0.6, 0.1, 0.1, 0.1, 0.1]))
    plain, even = Predictor(skewed).predict_proba(NAMES), Predictor(skewed, priors=np.full(5, 0.2)).predict_proba(NAMES)
    expected = plain * (0.2 / skewed.priors)
    np.testing.assert_allclose(even, expected / expected.sum(axis=1, keepdims=True))


def test_windows_and_threads_change_nothing() -> None:
    whole = PREDICTOR.predict_proba(NAMES * 3)
    other = Predictor(TRAINED, threads=2, window=16, bulk=4)
    np.testing.assert_array_equal(other.predict_proba(NAMES * 3), whole)
    assert [p.name for p in other.stream(iter(NAMES * 3), 1)] == NAMES * 3


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
    explanation = PREDICTOR.explain("Müller")
    assert explanation.text == "muller"
    np.testing.assert_array_equal(
        explanation.beliefs, PREDICTOR.predict_proba(["m", "mu", "mul", "mull", "mulle", "muller"])
    )
    best = LABELS.index(explanation.origin)
    assert best == explanation.beliefs[-1].argmax()
    without_u = PREDICTOR.predict_proba(["mller"])[0, best]
    assert explanation.worth[1] == pytest.approx(np.log(explanation.beliefs[-1, best] / without_u))


def test_logits_and_probabilities_at_the_models_temperature_or_at_one() -> None:
    names = ["Hinton", "12", "Kim"]
    hot = Predictor(replace(TRAINED, temperature=4.0))
    logits, reasons = hot.logits(names)
    assert reasons == [None, "no_letters", None]
    np.testing.assert_array_equal(hot.probabilities(logits), hot.predict_proba(names))
    plain = np.exp(logits.astype(np.float64))
    plain /= plain.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(hot.probabilities(logits, calibrated=False), plain, rtol=1e-12)
    assert np.isnan(logits[1]).all()
    assert not np.isnan(logits[[0, 2]]).any()


def test_many_origins_make_small_windows_and_the_same_answers() -> None:
    model = random_model(Architecture(hidden_size=4, embedding_size=4, wide=False))
    wide, narrow = Predictor(model), Predictor(model, window=3)
    assert wide.window == window_for(5) == 1 << 15
    assert window_for(1 << 12) == 1 << 12
    assert window_for(1 << 25) == 1
    assert np.array_equal(narrow.predict_proba(NAMES), wide.predict_proba(NAMES))
    assert narrow.predict(NAMES) == wide.predict(NAMES)
