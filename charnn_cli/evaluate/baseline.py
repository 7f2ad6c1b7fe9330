"""What an expert would use instead of a network: TF-IDF of character n-grams and logistic regression.

N-grams of one to five characters within words, word boundaries included; multinomial logistic regression with an L2
penalty, in two settings: one that is best at accuracy and one that is best at origins with few names.
"""

import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.data import TRAIN, VALIDATION, Dataset
from charnn_cli.errors import DataError
from charnn_cli.metrics import compute_metrics
from charnn_cli.text import TextRules, normalise

NGRAM_ORDERS = (1, 5)


@dataclass(frozen=True, slots=True)
class Setting:
    """Inverse strength of the penalty, and whether every label has the same say."""

    inverse_penalty: float
    balanced: bool

    @property
    def name(self) -> str:
        return f"C={self.inverse_penalty:g}{', balanced class weights' if self.balanced else ''}"


SETTINGS = (Setting(5, balanced=False), Setting(20, balanced=True))


def spell(names: Iterable[str], rules: TextRules) -> list[str]:
    """What the linear model reads of names: their normalised texts, and the marks that the rules know as a word."""
    plain = replace(rules, marks=())
    texts = []
    for name in names:
        text, marked = normalise(name, plain), normalise(name, rules)
        texts.append(f"{text} {marked[len(text) :]}" if len(marked) > len(text) else text)
    return texts


class LinearModel:
    """A fitted model."""

    def __init__(self, vectoriser: Any, merge: Any, regression: Any, num_labels: int) -> None:
        self._vectoriser = vectoriser
        self._merge = merge
        self._regression = regression
        self._num_labels = num_labels

    @property
    def num_weights(self) -> int:
        """Of n-grams and labels, and a bias each; 0 where there was one label alone."""
        return (
            0
            if isinstance(self._regression, int)
            else int(self._regression.coef_.shape[0] * (len(self._vectoriser.vocabulary_) + 1))
        )

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Probabilities (N, C) of normalised names; 0 for labels that had no training names."""
        result = np.zeros((len(texts), self._num_labels))
        if isinstance(self._regression, int):
            result[:, self._regression] = 1.0
        elif len(texts):
            vectors = self._vectoriser.transform(texts) @ self._merge
            result[:, self._regression.classes_] = self._regression.predict_proba(vectors)
        return result


def fit(texts: Sequence[str], origins: NDArray[np.integer], *, num_labels: int, setting: Setting) -> LinearModel:
    """Fit one setting on normalised names and their labels (N,); raises DataError where there are none.

    N-grams that stand in the same names the same number of times get the same weight, by symmetry of the penalty; a
    group of k such columns is replaced by one of sqrt(k) times their value, which has the same optimum and is found
    several times sooner.
    """
    from scipy.sparse import csr_matrix
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    if not len(texts):
        raise DataError("there are no training names for the linear model", "give data that has a training split")
    present = np.unique(origins)
    if len(present) == 1:
        return LinearModel(None, None, int(present[0]), num_labels)
    vectoriser = TfidfVectorizer(analyzer="char_wb", ngram_range=NGRAM_ORDERS, lowercase=False)
    vectors = vectoriser.fit_transform(texts)  # (N, n-grams)
    signature = vectors.T.tocsr() @ np.random.default_rng(0).normal(size=len(texts))  # equal for equal columns only
    _, group, sizes = np.unique(signature, return_inverse=True, return_counts=True)
    merge = csr_matrix((1 / np.sqrt(sizes[group]), (np.arange(len(group)), group)))  # (n-grams, groups)
    regression = LogisticRegression(
        C=setting.inverse_penalty, class_weight="balanced" if setting.balanced else None, max_iter=1000
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a thousand steps are near enough
        regression.fit(vectors @ merge, origins)
    return LinearModel(vectoriser, merge, regression, num_labels)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The better setting, and the metrics that it was chosen by."""

    setting: Setting
    model: LinearModel
    validation: dict[str, dict[str, float]]  # setting → metrics, empty without validation names
    seconds: float  # of all fits


def choose(
    training: Sequence[str],
    training_origins: NDArray[np.integer],
    validation: Sequence[str],
    validation_origins: NDArray[np.integer],
    *,
    num_labels: int,
    settings: Sequence[Setting] = SETTINGS,
    keep_validation: bool = False,
    on_fit: Callable[[int, int], None] | None = None,
) -> Chosen:
    """Fit every setting and take the one with the best macro-F1 on the validation names, or the last without any.

    With `keep_validation` the chosen one is then fitted on the validation names as well. `on_fit` is told how many fits
    of how many are done.
    """
    started = time.perf_counter()
    results: dict[str, dict[str, float]] = {}
    best: tuple[float, Setting, LinearModel] | None = None
    candidates = settings if len(validation) else settings[-1:]
    again = keep_validation and len(validation) > 0
    if on_fit is not None:
        on_fit(0, len(candidates) + again)
    for number, setting in enumerate(candidates, start=1):
        model = fit(training, training_origins, num_labels=num_labels, setting=setting)
        if len(validation):
            results[setting.name] = compute_metrics(model.probabilities(validation), validation_origins)
        score = results[setting.name]["macro_f1"] if results else 0.0
        if best is None or score > best[0]:
            best = (score, setting, model)
        if on_fit is not None:
            on_fit(number, len(candidates) + again)
    assert best is not None
    _, setting, model = best
    if again:
        everything = np.concatenate([training_origins, validation_origins])
        model = fit([*training, *validation], everything, num_labels=num_labels, setting=setting)
        if on_fit is not None:
            on_fit(len(candidates) + 1, len(candidates) + 1)
    return Chosen(setting, model, results, round(time.perf_counter() - started, 3))


def choose_by(
    dataset: Dataset,
    sides: NDArray[np.int8],
    rules: TextRules,
    *,
    keep_validation: bool = False,
    on_fit: Callable[[int, int], None] | None = None,
) -> Chosen:
    """`choose` by the training and the validation names of a split (N,) of a dataset, as some rules read them."""
    sided: list[Any] = []
    for rows in (np.flatnonzero(sides == side) for side in (TRAIN, VALIDATION)):
        sided += [spell(dataset.names[rows], rules), dataset.origins[rows]]
    return choose(*sided, num_labels=len(dataset.labels), keep_validation=keep_validation, on_fit=on_fit)
