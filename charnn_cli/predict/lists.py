"""The shares of origins in a list that is too long to be held: from a sample of its rows."""

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from charnn_cli.predict.predictor import Predictor, instead
from charnn_cli.shares import Estimate, estimate_shares

if TYPE_CHECKING:
    from charnn_cli.formats.opening import Source

MOST_ROWS, MOST_CELLS = 30_000, 1 << 21  # of a sample, and times origins: beyond it, a model's own faults blur more


class Sample:
    """Rows of a list without end, each as likely to be among them as any other (Vitter's algorithm R, 1985).

    The same list gives the same sample. `rows` counts what was offered.
    """

    def __init__(self, num_labels: int) -> None:
        self.rows = 0
        self._size = max(1, min(MOST_ROWS, MOST_CELLS // num_labels))
        self._kept: list[bytes] = []
        self._random = np.random.default_rng(0)

    @classmethod
    def of(cls, source: "Source", num_labels: int) -> "Sample":
        """Of the rows of a source, which is read to its end."""
        sample = cls(num_labels)
        for window in source:
            sample.add(window if isinstance(window, list) else window.names)
        return sample

    def add(self, names: list[bytes]) -> None:
        """Offer the names of more rows."""
        free = self._size - len(self._kept)
        self._kept += names[:free]
        numbers = np.arange(self.rows + free, self.rows + len(names)) if free < len(names) else np.arange(0)
        self.rows += len(names)
        places = self._random.integers(0, numbers + 1) if len(numbers) else numbers
        for row in np.flatnonzero(places < self._size).tolist():
            self._kept[int(places[row])] = names[free + row]

    def estimate(self, predictor: Predictor) -> Estimate | None:
        """The shares among the names that the model can read; None where it reads none."""
        counts = Counter(name.removesuffix(b"\r") for name in self._kept)
        names = [name.decode("utf-8", "surrogateescape") for name in counts]
        rows = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))
        logits, several, is_told = [], [], []
        for start in range(0, len(names), predictor.window):
            window = names[start : start + predictor.window]
            texts, reasons = predictor.read(instead(window, predictor.read_as(window)))
            told = [text for text, reason in zip(texts, reasons, strict=True) if reason is None]
            is_told += [reason is None for reason in reasons]
            several += [" " in text for text in told]
            if told:
                logits.append(predictor.logits_of_texts(told))
        if not logits:
            return None
        rows, trained = rows[np.array(is_told)], predictor.trained
        return estimate_shares(
            np.concatenate(logits),
            np.array(several),
            rows,
            priors=trained.priors,
            scaling=trained.scaling,
            calibrations=trained.calibrations,
            rows=round(int(rows.sum()) * self.rows / len(self._kept)),
        )
