"""The linear model against scikit-learn's plain pipeline, and at its edges."""

import numpy as np
import pytest
from evaluation_runs import made_up_names

from charnn_cli.errors import DataError
from charnn_cli.evaluate import baseline


@pytest.fixture(scope="module")
def examples() -> tuple[list[str], np.ndarray]:
    names = made_up_names(40)
    texts = [name.lower() for group in names.values() for name in group]
    return texts, np.repeat(np.arange(3), [len(group) for group in names.values()])


@pytest.mark.parametrize("setting", baseline.SETTINGS)
def test_merged_columns_have_the_same_optimum(
    examples: tuple[list[str], np.ndarray], setting: baseline.Setting
) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts, origins = examples
    plain = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), lowercase=False),
        LogisticRegression(
            C=setting.inverse_penalty, class_weight="balanced" if setting.balanced else None, max_iter=1000, tol=1e-6
        ),
    ).fit(texts, origins)
    model = baseline.fit(texts, origins, num_labels=3, setting=setting)
    unknown = ["abbag", "mmmm", "lgha", "x"]
    np.testing.assert_allclose(model.probabilities(unknown), plain.predict_proba(unknown), atol=5e-3)


def test_labels_without_training_names_get_nothing(examples: tuple[list[str], np.ndarray]) -> None:
    texts, origins = examples
    result = baseline.fit(texts, origins * 2, num_labels=6, setting=baseline.SETTINGS[0]).probabilities(texts)
    assert result.shape == (len(texts), 6)
    assert (result[:, [1, 3, 5]] == 0).all()
    assert result.sum(axis=1) == pytest.approx(1)


def test_one_label_is_certain() -> None:
    model = baseline.fit(["abc", "abd"], np.array([1, 1]), num_labels=2, setting=baseline.SETTINGS[0])
    assert model.probabilities(["x"]).tolist() == [[0.0, 1.0]]


def test_nothing_to_learn_from() -> None:
    with pytest.raises(DataError, match="no training names"):
        baseline.fit([], np.zeros(0, dtype=int), num_labels=2, setting=baseline.SETTINGS[0])


def test_the_setting_with_the_better_macro_f1_is_taken(examples: tuple[list[str], np.ndarray]) -> None:
    texts, origins = examples
    useless = baseline.Setting(1e-9, balanced=False)
    for settings in ((useless, baseline.SETTINGS[0]), (baseline.SETTINGS[0], useless)):
        chosen = baseline.choose(texts, origins, texts, origins, num_labels=3, settings=settings)
        assert chosen.setting == baseline.SETTINGS[0]
        assert set(chosen.validation) == {useless.name, baseline.SETTINGS[0].name}


def test_without_validation_names_the_balanced_setting_is_taken(examples: tuple[list[str], np.ndarray]) -> None:
    texts, origins = examples
    chosen = baseline.choose(texts, origins, [], origins[:0], num_labels=3)
    assert chosen.setting.balanced
    assert chosen.validation == {}
