"""`NameClassifier` among scikit-learn's tools: its checks, its searches, its pickles."""

import pickle
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import copies
import numpy as np
import pytest
import torch
from conftest import PATIENCE, SMALL_NAMES
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import check_is_fitted, validate_data

from charnn_cli import load
from charnn_cli.errors import OutputError
from charnn_cli.sklearn import NameClassifier

X = [name for names in SMALL_NAMES.values() for name in names]
Y = [origin for origin, names in SMALL_NAMES.items() for _ in names]
SETTINGS = {"model.embedding_size": 4}
TINY: dict[str, Any] = {"config": "rnn", "hidden_size": 4, "epochs": 1, "batch_size": 16, "settings": SETTINGS}


class OfNumbers(NameClassifier):
    """Takes what scikit-learn's checks feed, rows of numbers, and spells each as a name, a letter a number."""

    def fit(self, X: Any, y: Any) -> NameClassifier:
        return super().fit(spelled(validate_data(self, X, y, dtype=np.float64, multi_output=True)[0]), y)

    def predict_proba(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return super().predict_proba(spelled(validate_data(self, X, dtype=np.float64, reset=False)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array, tags.input_tags.two_d_array = False, True
        tags.classifier_tags.poor_score = self.epochs == 1
        return tags


def spelled(numbers: np.ndarray) -> list[str]:
    letters = (np.rint(3 * numbers).clip(-12, 12) + 12).astype(int)
    return ["".join("abcdefghijklmnopqrstuvwxy"[letter] for letter in row) for row in letters]


@pytest.fixture(scope="module")
def fitted() -> NameClassifier:
    return NameClassifier(**TINY).fit(X, Y)


def outcomes(estimator: NameClassifier, **options: Any) -> dict[str, list[str]]:
    """The names of scikit-learn's checks by their status."""
    by_status: dict[str, list[str]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for check in check_estimator(estimator, on_skip=None, **options):
            by_status.setdefault(check["status"], []).append(check["check_name"])
    return by_status


def test_it_is_an_estimator() -> None:
    assert outcomes(NameClassifier()) == {"passed": ["check_estimator_cloneable"]}  # it takes strings: no more is asked
    assert outcomes(OfNumbers(**TINY), legacy=False).keys() == {"passed"}


@pytest.mark.slow
def test_every_check_of_scikit_learn_passes() -> None:
    checks = outcomes(OfNumbers(**TINY | {"epochs": 8, "hidden_size": 8, "lr": 0.02}))
    for status, names in checks.items():
        print(f"{status}: {', '.join(names)}")
    assert len(checks["passed"]) > 50
    assert checks.keys() - {"passed"} <= {"skipped"}
    assert checks.get("skipped", []) in ([], ["check_array_api_input"])  # which asks for SCIPY_ARRAY_API=1


def test_it_trains_as_the_command_does(fitted: NameClassifier, small_names: Path, tmp_path: Path) -> None:
    sets = ["--set", "model.embedding_size=4", "--set", "data.test_fraction=0", "--set", "training.batch_size=16"]
    command = ["train", small_names, "--config", "rnn", "--hidden-size", "4", "--epochs", "1", *sets]
    done = copies.run(tmp_path, *command, "--out", "runs/same", timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    for name in ("model.safetensors", "config.yaml"):
        assert (tmp_path / "runs" / "same" / name).read_bytes() == fitted.run_files_[name]


def test_any_column_of_strings_is_taken(fitted: NameClassifier) -> None:
    import pandas

    names = ["Rossi", "Sato", "Łukasz"]
    shares = fitted.predict_proba(names)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert fitted.classes_.tolist() == sorted(SMALL_NAMES)
    assert (fitted.predict(names) == fitted.classes_[shares.argmax(axis=1)]).all()
    table = pandas.DataFrame({"name": names})
    for column in (tuple(names), np.array(names), np.array(names)[:, None], table["name"], table):
        np.testing.assert_array_equal(fitted.predict_proba(column), shares)


def test_names_that_cannot_be_told_get_the_shares_of_the_classes(fitted: NameClassifier) -> None:
    shares = fitted.predict_proba(["", "12 34", "Rossi"])
    np.testing.assert_allclose(shares[:2], 1 / 3, atol=0.02)
    assert shares[2] != pytest.approx(shares[0])
    with pytest.raises(ValueError, match="cannot be told: no_letters"):
        fitted.explain("12 34")
    assert fitted.explain("Rossi").worth.shape == (5,)


def test_classes_of_any_kind_keep_their_order() -> None:
    classes = np.array([10, 2, 2_000])[np.unique(Y, return_inverse=True)[1]]  # as text, 10 and 2000 stand before 2
    model = NameClassifier(**TINY | {"epochs": 20, "lr": 0.02, "validation_fraction": 0.0}).fit(X, classes)
    assert model.classes_.tolist() == [2, 10, 2_000]
    assert model.predict(X).dtype == classes.dtype
    assert model.score(X, classes) > 0.6


def test_a_pickle_is_the_files_of_the_run_and_loads_no_torch(fitted: NameClassifier, tmp_path: Path) -> None:
    path = tmp_path / "model.pickle"
    path.write_bytes(pickle.dumps(fitted))
    program = (
        "import pickle, sys; model = pickle.load(open(sys.argv[1], 'rb')); "
        "print(model.predict_proba(sys.argv[2:]).tobytes().hex(), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, path, *X], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [fitted.predict_proba(X).tobytes().hex(), "False"]


def test_it_is_searched_and_validated_as_any_other() -> None:
    pipeline = make_pipeline(
        FunctionTransformer(lambda names: [name.upper() for name in names]), NameClassifier(**TINY)
    )
    grid = {"nameclassifier__hidden_size": np.array([2, 3]), "nameclassifier__lr": [0.01]}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(np.array(X), Y)
    assert search.best_params_["nameclassifier__hidden_size"] in (2, 3)
    assert len(cross_val_score(NameClassifier(**TINY), X, Y, cv=2, error_score="raise")) == 2
    copy = clone(NameClassifier(**TINY).set_params(cell="lstm"))
    assert copy.get_params() == NameClassifier(**TINY, cell="lstm").get_params()
    with pytest.raises(NotFittedError):
        copy.predict(X)


def test_nothing_outside_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(1)
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    NameClassifier(**TINY | {"settings": SETTINGS | {"training.threads": threads + 1}}).fit(X, Y)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")
    NameClassifier(**TINY, verbose=1).fit(X, Y)
    assert capfd.readouterr().err.startswith("[NameClassifier] epoch 1 of 1, validation loss ")


def test_it_is_saved_as_a_run(fitted: NameClassifier, tmp_path: Path) -> None:
    fitted.save(tmp_path / "runs" / "mine")
    model = load(tmp_path / "runs" / "mine")
    np.testing.assert_array_equal(model.predict_proba(X), fitted.predict_proba(X))
    assert repr(model).startswith(
        "<charnn model mine: recipe rnn, rnn of 4, tells names of 3 origins, made of 30 names"
    )
    assert (tmp_path / "runs" / "mine" / "MODEL_CARD.md").read_text().startswith("# Model card: NameClassifier\n")
    with pytest.raises(OutputError, match="holds a run already"):
        fitted.save(tmp_path / "runs" / "mine")


def test_what_the_front_door_shows_of_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall("^```python\n(.*?)^```$", page, re.M | re.S)
    exec(code, {"names": X, "origins": Y})
    assert load("runs/mine").predict(["Rossi"])[0].status == "ok"


@pytest.mark.parametrize(
    ("names", "wrong"),
    [
        ("Rossi", "one string"),
        ([1.0, 2.0], "a float in row 0"),
        (["Rossi", None], "no name in row 1"),
        (["Rossi", float("nan")], "no name in row 1"),
        ([["Ada", "Rossi"]], r"the shape \(1, 2\)"),
        ([], "0 sample"),
    ],
)
def test_what_is_no_column_of_names_is_refused(names: Any, wrong: str, fitted: NameClassifier) -> None:
    with pytest.raises(ValueError, match=wrong):
        fitted.predict(names)


@pytest.mark.parametrize(
    ("parameters", "labels", "wrong"),
    [
        ({"hidden_size": 0}, Y, "hidden_size: model.hidden_size: must be at least 1, is 0"),
        ({"settings": {"model.hiden_size": 3}}, Y, "settings: model.hiden_size: unknown key"),
        ({"config": "generator"}, Y, "no classifier"),
        ({"config": "fsat"}, Y, "did you mean 'fast'"),
        ({}, ["one"] * 30, "2 classes or more"),
        ({}, ["a", " a"] * 15, "look alike"),
        ({}, np.linspace(0, 1, 30), "continuous"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(parameters: dict[str, Any], labels: Any, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        NameClassifier(**parameters).fit(X, labels)
