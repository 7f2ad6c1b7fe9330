"""Names in, probabilities out."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress, islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charnn_cli.choices import NamePart
from charnn_cli.engine import Engine, LetterEngine
from charnn_cli.errors import ModelError
from charnn_cli.predict.answers import Answers, Prediction, rank
from charnn_cli.processes import processors
from charnn_cli.scaling import UNSCALED
from charnn_cli.shares.mixture import above_zero
from charnn_cli.text import normaliser, undecidable
from charnn_cli.text.parts import NameParts, name_parts, writes_family_first
from charnn_cli.trained import TrainedModel

if TYPE_CHECKING:
    from concurrent.futures import Executor

WINDOW = 1 << 15  # names that are worked on together, fewer where there are many origins
MOST_CELLS = 1 << 24  # names times origins of a window
BULK = 2048  # names from which on a second thread repays its start


@dataclass(frozen=True, slots=True)
class ToldByPart:
    """What a part of a name, `given` or `family`, says alone."""

    part: str
    name: str
    origin: str
    probability: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a model thinks so, for the T characters of the text that the network read.

    `beliefs[t]` (C,) are the probabilities that a name gets which ends after character t. `worth[t]` is the
    log-probability of the name's likeliest origin minus the same without character t, in nats: what speaks for that
    origin is positive. `parts` are what given and family name say, of a name that has both.
    """

    text: str
    origin: str
    labels: tuple[str, ...]
    beliefs: NDArray[np.float64]  # (T, C)
    worth: NDArray[np.float64]  # (T,)
    parts: tuple[ToldByPart, ...] = ()

    @property
    def points_apart(self) -> bool:
        """Whether given and family name point to different origins."""
        return len({told.origin for told in self.parts}) > 1


class Predictor:
    """Tells the origins of names by a trained model; loads no torch.

    `priors` (C,), summing to 1, are the shares of the origins among the names to come, where they differ from those
    of the training names; None answers as trained. From `bulk` names on, several `threads` share the work.
    `name_part` says which part of people's names is read, `family`, `given` or `all`; None is `all` but for a model of
    single words, which reads family names.
    """

    def __init__(
        self,
        trained: TrainedModel,
        *,
        priors: NDArray[np.float64] | None = None,
        threads: int | None = None,
        window: int | None = None,
        bulk: int = BULK,
        name_part: NamePart | None = None,
    ) -> None:
        self.trained = trained
        self.name_part = name_part or ("family" if trained.knows_single_words else "all")
        self.window = window_for(len(trained.labels)) if window is None else window
        self._threads = threads if threads is not None else worker_threads()
        self._bulk = bulk
        self.priors = priors
        self._weights = None if priors is None else priors / above_zero(trained.priors)

    def with_priors(self, priors: NDArray[np.float64] | None) -> "Predictor":
        """The same for other shares of the origins."""
        return Predictor(
            self.trained, priors=priors, threads=self._threads, window=self.window, bulk=self._bulk,
            name_part=self.name_part,
        )  # fmt: skip

    @property
    def labels(self) -> tuple[str, ...]:
        """The origins, sorted: the columns of `predict_proba`."""
        return self.trained.labels

    @property
    def reads_parts(self) -> bool:
        """Whether a part of a name may be read in its place."""
        return self.name_part != "all"

    @cached_property
    def engine(self) -> Engine | LetterEngine:
        return LetterEngine(self.trained) if self.trained.architecture.generates else Engine(self.trained)

    @property
    def reader(self) -> Engine:
        """The engine of a network that reads whole names; raises ModelError for one that writes them."""
        if isinstance(self.engine, LetterEngine):
            raise ModelError("this run writes names, and reads none as a whole", "name a run that tells origins")
        return self.engine

    def predict_proba(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Calibrated probabilities (N, C) of names, columns in the order of `labels`.

        The row of a name that cannot be told (blank, without letters, in a script the model never saw) is all NaN.
        Raises TypeError where `names` is a single string or holds something else than strings.
        """
        names = _checked(names)
        starts = range(0, len(names), self.window)
        parts = [self.probabilities(self.logits(names[start : start + self.window])[0]) for start in starts]
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
        while window := _checked(list(islice(remaining, self.window))):
            yield from self.answers(window, k, min_probability).predictions(window)

    def answers(self, names: Sequence[str], k: int, min_probability: float = 0.0) -> Answers:
        """As `predict`, as columns; the names of one window."""
        if k < 1:
            raise ValueError(f"k must be at least 1, is {k}")
        read_as = self.read_as(names)
        texts, reasons = self.read(instead(names, read_as))
        shares = self.probabilities(self.logits_told(texts, reasons))
        answers = rank(shares, reasons, self.labels, min(k, len(self.labels)), min_probability)
        return replace(answers, texts=texts, read_as=read_as)

    def explain(self, name: str) -> Explanation:
        """Belief after each letter, and what each letter is worth; raises ValueError for a name that cannot be told."""
        (text,), (reason,) = self.read_wanted([name])
        if reason:
            raise ValueError(f"'{name}' cannot be told: {reason}")
        parts = self._told_by_parts(name)
        prefixes = [text[: end + 1] for end in range(len(text))]
        shortened = [text[:at] + text[at + 1 :] for at in range(len(text))]
        read = self.probabilities(self.logits_of_texts(prefixes + shortened))
        beliefs, without = read[: len(text)], read[len(text) :]
        best = int(beliefs[-1].argmax())
        with np.errstate(divide="ignore"):
            worth = np.log(beliefs[-1, best]) - np.log(without[:, best])
        return Explanation(text, self.labels[best], self.labels, beliefs, worth, parts)

    def _told_by_parts(self, name: str) -> tuple[ToldByPart, ...]:
        """What given and family name say alone, of a name that has both."""
        (found,) = self._parted([name])
        if found is None or not found.family or not found.given:
            return ()
        texts, reasons = self.read([found.given, found.family])
        if any(reasons):
            return ()
        told = self.probabilities(self.logits_of_texts(texts))
        best = told.argmax(axis=1)
        return tuple(
            ToldByPart(part, getattr(found, part), self.labels[label], float(shares[label]))
            for part, label, shares in zip(("given", "family"), best.tolist(), told, strict=True)
        )

    def read_as(self, names: Sequence[str]) -> list[str | None] | None:
        """The part of each name that is read in its place, None where it is read whole; None where all are."""
        if not self.reads_parts:
            return None
        parts = (found and getattr(found, self.name_part) for found in self._parted(names))
        return [part or None for part in parts]

    def _parted(self, names: Sequence[str]) -> list[NameParts | None]:
        """The parts of names. Where their spelling does not tell the order, what the model says of either end does.

        The first word is the family name where both ends together point rather to origins that write it first than to
        others, and the first points to its own more surely.
        """
        found = list(map(name_parts, names))
        first = np.array([writes_family_first(label) for label in self.labels])
        both = [(row, parts, parts.turned) for row, parts in enumerate(found) if parts is not None and parts.turned]
        if not both or not first.any():
            return found
        ends = [parts.family for _, parts, _ in both] + [turned.family for _, _, turned in both if turned]
        usual, other = np.split(np.nan_to_num(self.probabilities(self.logits_told(*self.read(ends)))), 2)  # (N, C) each
        is_first = usual[:, first].sum(axis=1) + other[:, first].sum(axis=1) > 1
        is_first &= other.max(axis=1) > usual.max(axis=1)
        for row, _, turned in compress(both, is_first):
            found[row] = turned
        return found

    def read(self, names: Sequence[str]) -> tuple[list[str], list[str | None]]:
        """The texts that the network gets for N names, and why a name cannot be told, None where it can."""
        rules = self.trained.rules
        texts = list(map(normaliser(rules), names))
        reasons: list[str | None] = [None] * len(texts)
        for row, text in enumerate(texts):
            if not text.isalpha() and not any(map(str.isalpha, text)):
                reasons[row] = undecidable(names[row], rules)
        return texts, reasons

    def read_wanted(self, names: Sequence[str]) -> tuple[list[str], list[str | None]]:
        """As `read`, of the wanted parts of names."""
        return self.read(instead(names, self.read_as(names)))

    def logits(self, names: Sequence[str]) -> tuple[NDArray[np.float32], list[str | None]]:
        """Logits (N, C) of the wanted parts of names, NaN where one cannot be told, and the reasons as from `read`."""
        texts, reasons = self.read_wanted(names)
        return self.logits_told(texts, reasons), reasons

    def logits_told(self, texts: Sequence[str], reasons: Sequence[str | None]) -> NDArray[np.float32]:
        """Logits (N, C) of what `read` gives, NaN where a name cannot be told."""
        if not any(reasons):
            return self.logits_of_texts(texts)
        logits = np.full((len(texts), len(self.labels)), np.nan, dtype=np.float32)
        told = [row for row, reason in enumerate(reasons) if reason is None]
        if told:
            logits[told] = self.logits_of_texts([texts[row] for row in told])
        return logits

    def logits_of_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Logits (N, C) of normalised texts."""
        symbols = self.trained.encode_texts(texts)
        if len(texts) >= self._bulk and self._threads > 1:
            self.engine.executor = self._executor
        logits = self.engine.logits(symbols)
        if self.trained.one_word != 1.0:
            logits[[" " not in text for text in texts]] *= np.float32(self.trained.one_word)
        return logits

    def probabilities(self, logits: NDArray[np.float32], *, calibrated: bool = True) -> NDArray[np.float64]:
        """Probabilities (N, C) of logits under the wanted priors, scaled as the model says, or else as they are."""
        return (self.trained.scaling if calibrated else UNSCALED).probabilities(logits, self._weights)

    @cached_property
    def _executor(self) -> "Executor":
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(self._threads, thread_name_prefix="charnn")


def window_for(num_labels: int) -> int:
    """How many names are worked on together, so that memory stays bounded."""
    return max(1, min(WINDOW, MOST_CELLS // max(num_labels, 1)))


def instead(names: Sequence[str], parts: Sequence[str | None] | None) -> Sequence[str]:
    """The part that is read of each name, or the name."""
    return names if parts is None else [part or name for part, name in zip(parts, names, strict=True)]


def _checked(names: Iterable[str]) -> list[str]:
    if isinstance(names, str):
        raise TypeError("names must be a list of strings, not one string")
    names = list(names)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"names must be strings, found {type(name).__name__}")
    return names


def worker_threads() -> int:
    """Processors that this process may use, at most `OMP_NUM_THREADS` where that is set."""
    available = processors()
    try:
        wished = int(os.environ["OMP_NUM_THREADS"].partition(",")[0])  # OpenMP's own list: a number for each level
    except (KeyError, ValueError):
        return available
    return max(1, min(available, wished))
