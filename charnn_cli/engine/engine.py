"""The forward pass of a trained network in NumPy, equal to torch's within float32 rounding.

Names are independent of each other: the bytes of a name's logits are the same alone and in any company.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.engine import pooling
from charnn_cli.engine.cells import step_of
from charnn_cli.engine.lesson import lesson_logits
from charnn_cli.engine.products import Array, Factor, multiply, one_blas_thread, padded, round_up
from charnn_cli.engine.recurrence import Rows, Workspace, Workspaces, active_counts, longest_first, project, run
from charnn_cli.engine.trace import Trace, trace
from charnn_cli.engine.weights import DirectionWeights
from charnn_cli.engine.wide import WideSums
from charnn_cli.errors import ModelError
from charnn_cli.text.alphabet import PADDING, UNKNOWN, Symbols
from charnn_cli.trained import TrainedModel

if TYPE_CHECKING:
    from concurrent.futures import Executor

BLOCK = 8192  # names whose shared steps are looked for together
BLOCK_OF_STATES = 512  # the same where every state is kept

# What a wild training leaves may overflow on its way; whether the logits are numbers is asked at the end.
overflow_is_no_warning = np.errstate(over="ignore", invalid="ignore")

Part = tuple[slice, Rows, Array]  # features (rows, columns) of names: these columns, these rows, the values


class Engine:
    """Computes the logits of names by a trained model.

    `executor` runs the blocks of a large call side by side; the BLAS library has one thread for the time of a call.
    """

    @overflow_is_no_warning
    def __init__(self, trained: TrainedModel, executor: "Executor | None" = None) -> None:
        self.architecture = trained.architecture
        self.executor = executor
        self._tensors = dict(trained.tensors)
        self._vectors, self._input_width = _input_vectors(trained)
        self._wide = None if trained.ngrams is None else WideSums(trained.ngrams, trained.tensors["wide.weight"])
        self._workspaces = Workspaces()
        self._num_labels = len(trained.labels)
        self._heads: dict[tuple[int, int], Factor] = {}
        self._step = step_of(self.architecture.cell, self.architecture.activation)
        self._layers = [] if self.architecture.cell in ("lesson", "mlp") else self._read_layers()

    @overflow_is_no_warning
    @one_blas_thread()
    def logits(self, symbols: Symbols) -> Array:
        """Logits (N, C) of names; one without symbols has the head's bias, or for `mlp` an all-zero bag.

        Raises ModelError where they are not finite.
        """
        if self.architecture.cell == "lesson":
            with self._workspaces.one() as workspace:
                logits = lesson_logits(self._tensors, self._vectors, symbols, workspace)
        else:
            logits = np.zeros((len(symbols), self._num_labels), dtype=np.float32)
            for columns, rows, features in self._features(symbols):
                logits[rows] += multiply(features, self._head(columns, features.shape[1]))
            logits += self._tensors["head.bias"]
        if self._wide is not None:
            logits += self._wide.logits(symbols)
        if not np.isfinite(logits).all():
            raise ModelError("the model's weights are too large to answer in numbers", "train it with a lower --lr")
        return logits

    @one_blas_thread()
    def features(self, symbols: Symbols) -> Array:
        """What the head reads: pooled states (N, D). Raises ValueError for the cell `lesson`, which has no head."""
        if self.architecture.cell == "lesson":
            raise ValueError("the lesson's cell has no features between its state and its logits")
        features = np.zeros((len(symbols), self.architecture.feature_size), dtype=np.float32)
        for columns, rows, values in self._features(symbols):
            features[rows, columns] = values[:, : columns.stop - columns.start]
        return features

    def trace(self, symbols: Symbols) -> Trace:
        """States and gates at every symbol of one name. Raises ValueError for cells without steps (`mlp`)."""
        vectors = self._vectors[symbols.ids][:, : self._input_width]
        return trace(self.architecture, self._tensors, vectors)

    def _read_layers(self) -> list[list[DirectionWeights]]:
        width = self._vectors.shape[1]
        layers = []
        for layer in range(self.architecture.num_layers):
            layers.append(
                [
                    DirectionWeights.read(self._tensors, layer, direction, self.architecture, width)
                    for direction in self.architecture.directions
                ]
            )
            width = round_up(self.architecture.feature_size)
        return layers

    def _head(self, columns: slice, width: int) -> Factor:
        """The head's weights for these features, transposed and padded."""
        key = (columns.start, width)
        if key not in self._heads:
            weight = self._tensors["head.weight"][:, columns].T
            self._heads[key] = Factor(padded(weight, width, self._num_labels))
        return self._heads[key]

    def _features(self, symbols: Symbols) -> Iterator[Part]:
        """The features of every name that has symbols, in parts."""
        rows = np.flatnonzero(symbols.lengths)
        if self.architecture.cell == "mlp":
            everyone = np.arange(len(symbols))
            yield from self._each(partial(self._bag_of_symbols, symbols), _blocks(everyone, BLOCK))
        elif not len(rows):
            return
        elif self._needs_ends_only():
            distinct, ids = _compact(symbols.ids, len(self._vectors))
            for index, direction in enumerate(self.architecture.directions):
                order = _alike_together(symbols, rows, backward=direction == "backward") if len(rows) > BLOCK else rows
                with self._workspaces.one() as workspace:
                    projected = project(self._vectors, distinct, self._layers[0][index], workspace, self._each)
                    yield from self._each(partial(self._ends, symbols, projected, ids, index), _blocks(order, BLOCK))
        else:
            yield from self._each(partial(self._pooled, symbols), _blocks(rows, BLOCK_OF_STATES))

    def _each(self, work: Callable[[Any], Any], things: Iterable[Any]) -> Iterable[Any]:
        """`map`, side by side where there is an executor."""
        return map(work, things) if self.executor is None else self.executor.map(work, things)

    def _needs_ends_only(self) -> bool:
        """Whether the head reads the last state of each direction of the only layer, so that no other is kept."""
        architecture = self.architecture
        adds_input = architecture.residual and self._input_width == architecture.feature_size
        return architecture.num_layers == 1 and architecture.pooling == "last" and not adds_input

    @overflow_is_no_warning
    def _bag_of_symbols(self, symbols: Symbols, rows: Rows) -> Part:
        rows = rows[longest_first(symbols.lengths[rows])]
        bag = pooling.mean(self._vectors, symbols.offsets[rows], symbols.lengths[rows], symbols.ids.astype(np.int64))
        weight = self._tensors["layers.0.weight"].T
        hidden = multiply(bag, Factor(padded(weight, bag.shape[1], weight.shape[1])))
        hidden += self._tensors["layers.0.bias"]
        return slice(0, self.architecture.hidden_size), rows, np.maximum(hidden, 0, out=hidden)

    @overflow_is_no_warning
    def _ends(self, symbols: Symbols, projected: Array, ids: Rows, index: int, rows: Rows) -> Part:
        """The last state of one direction: forwards at the last symbol, backwards at the first."""
        weights = self._layers[0][index]
        rows = rows[longest_first(symbols.lengths[rows])]
        lengths, first = symbols.lengths[rows], symbols.offsets[rows]
        ends = np.empty((len(rows), weights.width), dtype=np.float32)
        going_on = [*active_counts(lengths)[1:], 0]
        with self._workspaces.one() as workspace:
            steps = run(
                self._step, weights, projected, ids, first, lengths, workspace, backward=index == 1, shared=True
            )
            for t, (level, states) in enumerate(steps):
                last = level.node_of[going_on[t] :]
                np.take(states, last, axis=0, out=ends[going_on[t] : len(level.node_of)], mode="clip")
        start = index * self.architecture.hidden_size
        return slice(start, start + self.architecture.hidden_size), rows, ends

    @overflow_is_no_warning
    def _pooled(self, symbols: Symbols, rows: Rows) -> Part:
        """The states of the last layer at every symbol, pooled."""
        rows = rows[longest_first(symbols.lengths[rows])]
        lengths = symbols.lengths[rows]
        places, first = _places(symbols.offsets[rows], lengths)
        vectors, ids = self._vectors, symbols.ids[places].astype(np.int64)
        size = self.architecture.feature_size
        input_width = self._input_width
        with self._workspaces.one() as workspace:
            for number in range(self.architecture.num_layers):
                outputs = self._layer(number, vectors, ids, first, lengths, workspace)
                if self.architecture.residual and input_width == size:
                    outputs += vectors[ids]
                vectors, ids, input_width = outputs, np.arange(len(outputs)), size
        return slice(0, size), rows, self._pool(vectors, first, lengths)

    def _layer(self, number: int, vectors: Array, ids: Rows, first: Rows, lengths: Rows, workspace: Workspace) -> Array:
        """States (total, D) of one layer, both directions side by side, that reads `vectors[ids]`."""
        size = self.architecture.hidden_size
        outputs = np.zeros((len(ids), round_up(self.architecture.feature_size)), dtype=np.float32)
        distinct, ids = _compact(ids, len(vectors)) if number == 0 else (ids, ids)
        for index, weights in enumerate(self._layers[number]):
            projected = project(vectors, distinct, weights, workspace)
            backward = index == 1
            at = first + lengths - 1 if backward else first
            levels = run(
                self._step, weights, projected, ids, first, lengths, workspace, backward=backward, shared=number == 0
            )
            for t, (level, states) in enumerate(levels):
                rows = at[: len(level.node_of)] + (-t if backward else t)
                outputs[rows, index * size : (index + 1) * size] = states[level.node_of, :size]
        return outputs

    def _pool(self, states: Array, first: Rows, lengths: Rows) -> Array:
        """States (total, D) → features (N, D)."""
        match self.architecture.pooling:
            case "mean":
                return pooling.mean(states, first, lengths)
            case "max":
                return pooling.maximum(states, first, lengths)
            case "attention":
                weight = Factor(padded(self._tensors["attention.weight"].T, states.shape[1], 1))
                return pooling.attention(states, multiply(states, weight)[:, 0], first, lengths)
        size = self.architecture.hidden_size
        features: Array = states[first + lengths - 1]
        features[:, size:] = states[first, size:]
        return features


def _input_vectors(trained: TrainedModel) -> tuple[Array, int]:
    """What the first layer reads at each symbol, (V, I) with padded columns, and I without them."""
    vectors = trained.tensors.get("embedding.weight")
    if vectors is None:
        vectors = np.eye(len(trained.alphabet), dtype=np.float32)
        vectors[[PADDING, UNKNOWN]] = 0
    return padded(vectors, len(vectors), round_up(vectors.shape[1])), vectors.shape[1]


def _compact(keys: NDArray[np.integer], size: int) -> tuple[Rows, Rows]:
    """Distinct keys, all below `size`, and the place of each key among them."""
    place_of = np.zeros(size, dtype=np.int64)
    place_of[keys] = 1
    distinct = np.flatnonzero(place_of)
    place_of[distinct] = np.arange(len(distinct))
    return distinct, place_of[keys]


def _blocks(rows: Rows, size: int) -> list[Rows]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _places(first: Rows, lengths: Rows) -> tuple[Rows, Rows]:
    """Places of the symbols of names that begin at `first`, end to end, and where each name begins among them."""
    begins = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) + np.repeat(first - begins, lengths), begins


def _alike_together(symbols: Symbols, rows: Rows, *, backward: bool) -> Rows:
    """The rows in an order in which names with a long common beginning (`backward`: ending) are neighbours."""
    bits = int(symbols.ids.max(initial=0) + 1).bit_length()
    first, lengths = symbols.offsets[rows], symbols.lengths[rows]
    keys = np.zeros(len(rows), dtype=np.int64)
    for step in range(63 // bits):
        inside = lengths > step
        places = np.where(inside, first + (lengths - 1 - step if backward else step), 0)
        keys = (keys << bits) | np.where(inside, symbols.ids[places] + 1, 0)
    return rows[np.argsort(keys)]
