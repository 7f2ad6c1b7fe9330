"""Names in, probabilities out."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charnn_cli.engine import Engine, probabilities
from charnn_cli.predict.answers import Answers, Prediction, rank
from charnn_cli.predict.threads import one_blas_thread, worker_threads
from charnn_cli.text import normaliser, undecidable
from charnn_cli.trained import TrainedModel

if TYPE_CHECKING:
    from concurrent.futures import Executor

WINDOW = 1 << 15  # names that are worked on together
BULK = 2048  # names from which on a second thread repays its start


class Predictor:
    """Tells the origins of names by a trained model; loads no torch.

    `priors` (C,), summing to 1, are the shares of the origins among the names to come, where they differ from those
    of the training names; None answers as trained.
    """

    def __init__(
        self, trained: TrainedModel, *, priors: NDArray[np.float64] | None = None, threads: int | None = None
    ) -> None:
        self.trained = trained
        self._threads = threads if threads is not None else worker_threads()
        self._weights = None if priors is None else priors / trained.priors

    @property
    def labels(self) -> tuple[str, ...]:
        """The origins, sorted: the columns of `predict_proba`."""
        return self.trained.labels

    @cached_property
    def engine(self) -> Engine:
        return Engine(self.trained)

    def predict_proba(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Calibrated probabilities (N, C) of names, columns in the order of `labels`.

        The row of a name that cannot be told (blank, without letters, in a script the model never saw) is all NaN.
        Raises TypeError where `names` is a single string or holds something else than strings.
        """
        names = _checked(names)
        parts = [self._probabilities(names[start : start + WINDOW])[0] for start in range(0, len(names), WINDOW)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.labels)))

    def predict(self, names: Iterable[str], k: int = 3, *, min_probability: float = 0.0) -> list[Prediction]:
        """The k likeliest origins of each name, in the order of the names.

        Names whose best origin is less probable than `min_probability` abstain. Raises TypeError as `predict_proba`,
        ValueError where `k` is below 1.
        """
        return list(self.stream(names, k, min_probability=min_probability))

    def stream(self, names: Iterable[str], k: int = 3, *, min_probability: float = 0.0) -> Iterator[Prediction]:
        """As `predict`, for names without end: holds one window of them at a time."""
        remaining = iter(_checked(names) if isinstance(names, str | Sequence) else names)
        while window := _checked(list(islice(remaining, WINDOW))):
            yield from self.answers(window, k, min_probability).predictions(window)

    def answers(self, names: Sequence[str], k: int, min_probability: float = 0.0) -> Answers:
        """As `predict`, as columns; the names of one window."""
        if k < 1:
            raise ValueError(f"k must be at least 1, is {k}")
        return rank(*self._probabilities(names), self.labels, min(k, len(self.labels)), min_probability)

    def _probabilities(self, names: Sequence[str]) -> tuple[NDArray[np.float64], list[str | None]]:
        """Probabilities (N, C), NaN where there is a reason, and the reasons."""
        rules = self.trained.rules
        texts = list(map(normaliser(rules), names))
        reasons: list[str | None] = [None] * len(texts)
        for row, text in enumerate(texts):
            if not text.isalpha() and not any(map(str.isalpha, text)):
                reasons[row] = undecidable(names[row], rules)
        if not any(reasons):
            return self.of_texts(texts), reasons
        result = np.full((len(texts), len(self.labels)), np.nan)
        told = [row for row, reason in enumerate(reasons) if reason is None]
        if told:
            result[told] = self.of_texts([texts[row] for row in told])
        return result, reasons

    def of_texts(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Probabilities (N, C) of normalised texts."""
        symbols = self.trained.encode_texts(texts)
        if len(texts) >= BULK and self._threads > 1:
            self.engine.executor = self._executor
            with one_blas_thread():
                logits = self.engine.logits(symbols)
        else:
            logits = self.engine.logits(symbols)
        return probabilities(logits, self.trained.temperature, self._weights)

    @cached_property
    def _executor(self) -> "Executor":
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(self._threads, thread_name_prefix="charnn")


def _checked(names: Iterable[str]) -> list[str]:
    if isinstance(names, str):
        raise TypeError("names must be a list of strings, not one string")
    names = list(names)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"names must be strings, found {type(name).__name__}")
    return names
