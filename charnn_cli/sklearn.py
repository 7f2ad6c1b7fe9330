"""charnn's training and prediction as a classifier of scikit-learn."""

import sys
import tempfile
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted, column_or_1d

from charnn_cli.errors import ConfigError, DataError, ModelError, UsageError
from charnn_cli.files import write_bytes
from charnn_cli.predict import Explanation, Predictor
from charnn_cli.store import check_free, load_trained

if TYPE_CHECKING:
    from charnn_cli.config import Settings
    from charnn_cli.data import Dataset

NAMED = {  # parameters that a recipe has, too
    "cell": "model.cell",
    "hidden_size": "model.hidden_size",
    "num_layers": "model.num_layers",
    "dropout": "model.dropout",
    "epochs": "training.epochs",
    "batch_size": "training.batch_size",
    "lr": "training.lr",
    "validation_fraction": "data.validation_fraction",
}
NO_FILE = Path("names given in Python")  # where a run that was made here has its names


class NameClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Tells names apart by a network that reads them letter by letter, trained as `charnn train` does.

    `config` is a recipe or a YAML file, and parameters that are None are as it has them: `cell`, `hidden_size`,
    `num_layers`, `dropout`, `epochs`, `batch_size`, `lr`, and the `validation_fraction` of the names by which epoch and
    calibration are chosen. `settings` maps any further key, as `{"training.patience": 3}`. `random_state` is the
    training's seed, a RandomState, or None for another one each time; `verbose` says on stderr how each epoch went.

    X holds strings: a sequence, an array or Series (N,), or one column (N, 1). A name that cannot be told (blank,
    without letters, in a script that training lacked) gets the shares of the classes in training. Rows that repeat a
    name and its class are learned once, and there are no weights of samples.

    `classes_` (C,) are the classes, sorted, and `run_files_` the files of the run folder by name, which is all that a
    pickle holds of the model: to unpickle it and to predict loads no torch.
    """

    def __init__(
        self,
        config: str = "fast",
        *,
        cell: str | None = None,
        hidden_size: int | None = None,
        num_layers: int | None = None,
        dropout: float | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        lr: float | None = None,
        validation_fraction: float | None = None,
        settings: Mapping[str, Any] | None = None,
        random_state: int | np.random.RandomState | None = 0,
        verbose: int = 0,
    ) -> None:
        self.config = config
        self.cell = cell
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.dropout = dropout
        self.epochs = epochs
        self.batch_size = batch_size
        self.lr = lr
        self.validation_fraction = validation_fraction
        self.settings = settings
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any) -> "NameClassifier":
        """Train on names X (N,) and their classes y (N,), in a folder for the time being.

        Raises ValueError where the parameters are no settings or the names nothing to learn from, TrainingError where
        the training fails.
        """
        names = _names(X)
        y = column_or_1d(check_array(y, ensure_2d=False, dtype=None, input_name="y"), warn=True)
        check_consistent_length(names, y)
        check_classification_targets(y)
        classes, places = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"{type(self).__name__} needs names of 2 classes or more, and found 1 class")
        labels = _labels(classes)
        try:
            config = self._settings()
            dataset = _dataset(names, [labels[place] for place in places], config)
            files = self._trained(config, dataset)
        except (ConfigError, DataError, ModelError, UsageError) as error:
            raise ValueError("\n".join(error.lines())) from error
        self.classes_, self.run_files_ = classes, files
        self._predictor = _predictor(files)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Calibrated probabilities (N, C) of the classes, columns as in `classes_`."""
        check_is_fitted(self)
        told = self._predictor.predict_proba(_names(X))
        untold = np.isnan(told[:, 0])
        told[untold] = self._predictor.trained.priors / self._predictor.trained.priors.sum()
        labels = _labels(self.classes_)
        shares = np.zeros((len(told), len(labels)))
        shares[:, [labels.index(label) for label in self._predictor.labels]] = told
        return shares

    def predict(self, X: Any) -> NDArray[Any]:
        """The likeliest class of each name, (N,)."""
        best: NDArray[Any] = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def explain(self, name: str) -> Explanation:
        """What each letter of a name is worth; raises ValueError for one that cannot be told."""
        check_is_fitted(self)
        return self._predictor.explain(name)

    def save(self, folder: str | Path) -> None:
        """Write a run folder that `charnn predict` and `charnn_cli.load` take.

        Raises OutputError where it holds a run already, or cannot be written.
        """
        check_is_fitted(self)
        check_free(Path(folder), force=False)
        _write(self.run_files_, Path(folder))

    def _settings(self) -> "Settings":
        from charnn_cli.config import load_settings
        from charnn_cli.config.faults import scalar

        def follow(run: str) -> Mapping[str, Any]:
            from charnn_cli.train.start import Start

            return Start.of(run).settings()

        seed = self.random_state
        if not isinstance(seed, int | np.integer):
            seed = check_random_state(seed).randint(2**31 - 1)
        values = {key: getattr(self, name) for name, key in NAMED.items()} | {"seed": seed, "data.test_fraction": 0.0}
        names = {key: name for name, key in NAMED.items()} | {"seed": "random_state"}
        flags = {key: (names.get(key, "NameClassifier"), _plain(value)) for key, value in values.items()}
        assignments = [f"{key}={scalar(_plain(value))}" for key, value in (self.settings or {}).items()]
        settings = load_settings(self.config, assignments, flags, follow=follow)
        if settings.config.model.generates:
            raise UsageError("a generator writes names and is no classifier", "choose another config")
        return settings

    def _trained(self, settings: "Settings", dataset: "Dataset") -> dict[str, bytes]:
        """The files of the run that a training makes, but for the state to go on from."""
        import torch

        from charnn_cli.store import RunWriter
        from charnn_cli.train import Session

        threads = torch.get_num_threads()
        try:
            with tempfile.TemporaryDirectory(prefix="charnn-") as place, torch.random.fork_rng(devices=[]):
                folder = Path(place) / type(self).__name__  # which the card is titled by
                with RunWriter(folder) as writer:
                    session = Session.prepare(settings, dataset, NO_FILE)
                    for report in session.run(writer):
                        if self.verbose:
                            loss, epochs = report.record["validation_loss"], settings.config.training.epochs
                            told = "" if loss is None else f", validation loss {loss:.4f}"
                            print(f"[NameClassifier] epoch {report.epoch} of {epochs}{told}", file=sys.stderr)
                    session.finish(writer)
                return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
        finally:
            torch.set_num_threads(threads)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != "_predictor"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "run_files_" in state:
            self._predictor = _predictor(state["run_files_"])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array, tags.input_tags.two_d_array, tags.input_tags.string = True, False, True
        return tags


def _names(X: Any) -> list[str]:
    """The names of X; raises ValueError or TypeError where it is no column of strings."""
    if isinstance(X, str | bytes):
        raise ValueError("X is one string; give a list of names")
    if hasattr(X, "toarray"):
        raise TypeError("X is a sparse matrix; give a column of names, which are strings")
    table = np.asarray(X, dtype=object)
    if table.ndim == 2 and table.shape[1] == 1:
        table = table[:, 0]
    if table.ndim != 1:
        raise ValueError(f"X has the shape {table.shape}; give a column of names, which are strings")
    if not len(table):
        raise ValueError("Found array with 0 sample(s) while a minimum of 1 is required")
    names: list[str] = table.tolist()
    for row, name in enumerate(names):
        if not isinstance(name, str):
            what = "no name" if name is None or name != name else f"a {type(name).__name__}"
            raise ValueError(f"X holds {what} in row {row}; give strings, '' for those that are missing")
    return names


def _labels(classes: NDArray[Any]) -> list[str]:
    """The classes as a model calls them; raises ValueError where two are called the same."""
    labels = [" ".join(unicodedata.normalize("NFC", str(value)).split()) for value in classes.tolist()]
    if not all(labels) or len(set(labels)) < len(labels):
        raise ValueError("y has classes that are blank or look alike; tell them apart by more than spaces")
    return labels


def _dataset(names: list[str], labels: list[str], settings: "Settings") -> "Dataset":
    from charnn_cli.data.dataset import Collector
    from charnn_cli.data.reading import ReadReport

    collector = Collector(settings.config.text.rules(), ReadReport())
    collector.add(zip(names, labels, strict=True))
    for fault in collector.bad_labels.values():
        raise DataError(fault, "name the class otherwise")
    return collector.finish()


def _predictor(files: Mapping[str, bytes]) -> Predictor:
    """The model of a run's files, which are checked as those of any run folder."""
    with tempfile.TemporaryDirectory(prefix="charnn-") as place:
        _write(files, Path(place))
        return Predictor(load_trained(Path(place)))


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_bytes(folder / name, content)


def _plain(value: Any) -> Any:
    """A number as Python has it, where a search draws NumPy's."""
    return value.item() if isinstance(value, np.generic) else value
