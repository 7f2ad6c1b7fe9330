"""Names, written by a trained generator letter by letter: each letter that was drawn is read as the next.

The k-th name of an origin is drawn with random numbers of its own, so that it depends on the seed alone: not on how
many are asked for, nor on the other origins, nor on what stands beside it in a batch.
"""

import difflib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charnn_cli.engine import LetterEngine
from charnn_cli.engine.features import overflow_is_no_warning
from charnn_cli.engine.products import Array, one_blas_thread
from charnn_cli.engine.recurrence import Rows, Workspace, distinct_keys
from charnn_cli.errors import ModelError, UsageError
from charnn_cli.text import normalise
from charnn_cli.text.alphabet import BEGIN, END, FIRST_SYMBOL
from charnn_cli.trained import TrainedModel

GROUP = 32  # names whose random numbers are drawn together, whether all of them are asked for or not
MOST_GROUPS = 128  # that are written together
TRIES = 100  # names drawn for each one that is wanted, and some thousand more, before the rest is given up
FEWEST_TRIES = 8192


@dataclass(frozen=True, slots=True)
class Manner:
    """How names are written.

    Each letter is drawn from softmax(logits / `temperature`), of which the most probable letters are kept that
    together have at least `top_p` (nucleus sampling, Holtzman et al., ICLR 2020). Names begin with `start`. Those that
    have more than `max_length` letters are left out and others drawn, and so are those that `is_wanted` does not
    keep, which takes names and gives a verdict (N,).
    """

    seed: int = 0
    temperature: float = 1.0
    top_p: float = 1.0
    start: str = ""
    max_length: int | None = None
    is_wanted: Callable[[list[str]], NDArray[np.bool_]] | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """Names of an origin, and log P(name | origin) in nats by the model itself, whatever the manner."""

    names: list[str]
    log_probabilities: NDArray[np.float64]  # (N,)


class NameWriter:
    """Writes names of the origins of a generator; loads no torch. Raises ValueError for a model that writes none."""

    def __init__(self, trained: TrainedModel) -> None:
        if not trained.architecture.generates:
            raise ValueError("this model writes no names")
        self.trained = trained
        self.engine = LetterEngine(trained)
        self._workspace = Workspace()
        self._letters = np.array([""] * FIRST_SYMBOL + list(trained.alphabet.characters))  # by symbol

    def place_of(self, origin: str) -> int:
        """The place of an origin among the labels, whatever its case.

        Raises UsageError where there is none, with those that look like it.
        """
        labels = self.trained.labels
        alike = [place for place, label in enumerate(labels) if label.casefold() == origin.casefold()]
        if origin in labels or len(alike) == 1:
            return labels.index(origin) if origin in labels else alike[0]
        by_case = {label.casefold(): label for label in labels}
        near = [by_case[label] for label in difflib.get_close_matches(origin.casefold(), by_case, n=3)]
        listed = ", ".join(labels[:60]) + (", …" if len(labels) > 60 else "")
        do = f"did you mean {' or '.join(near)}?" if near else f"choose from {listed}"
        raise UsageError(f"the model knows no origin '{origin}'", do)

    def write(self, origin: int, count: int, manner: Manner) -> Iterator[Written]:
        """`count` names of an origin in parts, or fewer where too few of those drawn are wanted.

        Raises UsageError where the model does not know the letters that they are to begin with.
        """
        start, longest = self._limits(manner)
        first, tried, missing, size = 0, 0, count, -(-count // GROUP)
        while missing > 0 and tried < TRIES * count + FEWEST_TRIES:
            groups = range(first, first + min(size, MOST_GROUPS))
            numbers = self._numbers(origin, groups, longest + 1, manner.seed)
            names, logs, ended = self._drawn(origin, numbers, start, manner)
            kept = ended & np.array([name != "" for name in names])
            if manner.is_wanted is not None:
                kept &= manner.is_wanted(names)
            places = np.flatnonzero(kept)[:missing].tolist()
            yield Written([names[place] for place in places], logs[places])
            first, tried, missing = groups.stop, tried + len(names), missing - len(places)
            size = max(2 * len(groups), -(-missing // GROUP))

    def _limits(self, manner: Manner) -> tuple[list[int], int]:
        """The symbols that names begin with, and the most letters that they have."""
        rules = self.trained.rules
        text = normalise(manner.start, rules)
        if manner.start[-1:] in (" ", "-", "'") and text[-1:] != manner.start[-1:]:
            text += manner.start[-1:]  # which is no part of a whole name
        longest = min(manner.max_length or rules.max_length, rules.max_length)
        places = {letter: FIRST_SYMBOL + place for place, letter in enumerate(self.trained.alphabet.characters)}
        unknown = [letter for letter in text if letter not in places]
        if unknown or (manner.start and not text):
            what = (
                f"'{unknown[0]}' stands in no name that" if unknown else f"nothing of '{manner.start}' is a letter that"
            )
            raise UsageError(f"{what} the model has learned", "let names begin otherwise")
        if len(text) > longest:
            raise UsageError(
                f"'{text}' is longer than names of {longest} letters", "begin shorter, or allow more letters"
            )
        return [places[letter] for letter in text], longest

    def _numbers(self, origin: int, groups: range, steps: int, seed: int) -> Array:
        """Uniform random numbers (N, steps) from 0 to 1, which depend on the origin's name and not on its place."""
        of_origin = [seed, origin_key(self.trained.labels[origin])]
        most = self.trained.rules.max_length + 1
        drawn = [np.random.default_rng([*of_origin, group]).random((GROUP, most), np.float32) for group in groups]
        return np.concatenate(drawn)[:, :steps]

    @overflow_is_no_warning
    @one_blas_thread()
    def _drawn(
        self, origin: int, numbers: Array, start: list[int], manner: Manner
    ) -> tuple[list[str], NDArray[np.float64], NDArray[np.bool_]]:
        """Names by these random numbers (N, longest + 1), log P of each, and which of them came to an end, (N,)."""
        count, steps = numbers.shape
        letters = np.zeros((count, steps), dtype=np.int64)  # symbols, 0 behind the end
        logs, ended = np.zeros(count), np.zeros(count, dtype=np.bool_)
        inputs = self.engine.inputs(origin, self._workspace)
        going_on: Rows = np.arange(count)
        states, parents, read, node_of = None, None, np.array([BEGIN]), np.zeros(count, dtype=np.int64)
        for t in range(steps):
            states, logits = self.engine.advance(inputs, states, parents, read, self._workspace, number=t)
            told, drawn_from = _probabilities(logits, manner)
            if t < len(start):
                outputs = np.full(len(going_on), start[t] - END)
            else:
                outputs = _drawn_outputs(drawn_from, node_of, numbers[going_on, t])
            logs[going_on] += told[node_of, outputs]
            symbols = outputs + END
            goes_on = symbols != END
            ended[going_on[~goes_on]] = True
            going_on, symbols = going_on[goes_on], symbols[goes_on]
            if not len(going_on):
                break
            letters[going_on, t] = symbols
            keys, node_of = distinct_keys(node_of[goes_on] * len(self._letters) + symbols)
            parents, read = np.divmod(keys, len(self._letters))
        spelled = np.ascontiguousarray(self._letters[letters[:, : t + 1]])
        return spelled.view(f"<U{t + 1}")[:, 0].tolist(), logs, ended


def origin_key(label: str) -> int:
    """What stands for an origin in the seeds of its random numbers, of 64 bits."""
    return int.from_bytes(hashlib.blake2b(label.encode(), digest_size=8).digest(), "little")


def not_among(hashes: NDArray[np.uint64]) -> Callable[[list[str]], NDArray[np.bool_]]:
    """For `Manner.is_wanted`: whether names are none of those with these `name_hash`es."""
    from charnn_cli.data.dataset import name_hash, name_key

    return lambda names: ~np.isin(name_hash(map(name_key, names)), hashes)


def _probabilities(logits: Array, manner: Manner) -> tuple[Array, Array]:
    """Of logits (nodes, V): log-probabilities, and running sums of what letters are drawn from, both (nodes, V)."""
    logits -= logits.max(axis=1, keepdims=True)
    weights = np.exp(logits)
    told = logits - np.log(weights.sum(axis=1, keepdims=True))
    if not np.isfinite(told[:, 0]).all():
        raise ModelError("the model's weights are too large to answer in numbers", "train it with a lower lr")
    if manner.temperature != 1.0:
        weights = np.exp(logits / np.float32(manner.temperature))
    if manner.top_p < 1.0:
        order = np.argsort(-weights, axis=1, kind="stable")
        falling = np.take_along_axis(weights, order, axis=1)
        before = np.cumsum(falling, axis=1) - falling
        falling[before >= manner.top_p * falling.sum(axis=1, keepdims=True)] = 0.0
        np.put_along_axis(weights, order, falling, axis=1)
    return told, np.cumsum(weights, axis=1)


def _drawn_outputs(sums: Array, node_of: Rows, numbers: Array) -> Rows:
    """An output (N,) for each number from 0 to 1 (N,), by the running sums (nodes, V) of its node."""
    totals = sums[node_of, -1]
    targets = np.minimum(numbers * totals, np.nextafter(totals, np.float32(0)))
    outputs: Rows = (sums[node_of] <= targets[:, None]).sum(axis=1)
    return outputs
