"""What the head of a network reads of each name: the states of its layers, pooled."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from charnn_cli.engine.cells import step_of
from charnn_cli.engine.products import Array, Factor, multiply, padded, round_up
from charnn_cli.engine.recurrence import Each, Rows, Workspace, Workspaces, active_counts, longest_first, project, run
from charnn_cli.engine.weights import DirectionWeights
from charnn_cli.text.alphabet import PADDING, UNKNOWN, Symbols
from charnn_cli.trained import TrainedModel

BLOCK = 8192  # names whose shared steps are looked for together
BLOCK_OF_STATES = 512  # the same where every state is kept

# What a wild training leaves may overflow on its way; whether the logits are numbers is asked at the end.
overflow_is_no_warning = np.errstate(over="ignore", invalid="ignore")

Part = tuple[slice, Rows, Array]  # features (rows, columns) of names: these columns, these rows, the values


class Features:
    """The layers of a trained model; `each` is `map`, or one that works side by side."""

    @overflow_is_no_warning
    def __init__(self, trained: TrainedModel, each: Each) -> None:
        self.architecture = trained.architecture
        self.size = self.architecture.head_size(len(trained.alphabet))
        self._input_width = self.architecture.input_size(len(trained.alphabet))
        self._each = each
        self._tensors = trained.tensors
        self._vectors = input_vectors(trained)
        self._workspaces = Workspaces()
        self._layers: list[list[DirectionWeights]] = []
        if self.architecture.kind.has_steps:
            self._step = step_of(self.architecture)
            self._layers = self._read_layers()

    def inputs(self, symbols: Symbols) -> Array:
        """What the first layer reads at each symbol, (total, I)."""
        vectors: Array = self._vectors[symbols.ids][:, : self._input_width]
        return vectors

    def parts(self, symbols: Symbols) -> Iterator[Part]:
        """The features of every name that has symbols, in parts; without steps, of every name."""
        rows = np.flatnonzero(symbols.lengths)
        if not self.architecture.kind.has_steps:
            yield from self._each(partial(self._bag_of_symbols, symbols), _blocks(np.arange(len(symbols)), BLOCK))
        elif not len(rows):
            return
        elif self._needs_ends_only():
            if self.architecture.kind.joint:
                yield from self._each(partial(self._last_inputs, symbols), _blocks(rows, BLOCK))
            distinct, ids = _compact(symbols.ids, len(self._vectors))
            for index, direction in enumerate(self.architecture.directions):
                order = _alike_together(symbols, rows, backward=direction == "backward") if len(rows) > BLOCK else rows
                with self._workspaces.one() as workspace:
                    projected = project(self._vectors, distinct, self._layers[0][index], workspace, self._each)
                    yield from self._each(partial(self._ends, symbols, projected, ids, index), _blocks(order, BLOCK))
        else:
            yield from self._each(partial(self._pooled, symbols), _blocks(rows, BLOCK_OF_STATES))

    def _read_layers(self) -> list[list[DirectionWeights]]:
        width = self._vectors.shape[1]
        layers = []
        for layer in range(self.architecture.num_layers):
            layers.append(
                [
                    DirectionWeights.read(self.architecture, self._tensors, layer, direction, width)
                    for direction in self.architecture.directions
                ]
            )
            width = round_up(self.architecture.feature_size)
        return layers

    def _needs_ends_only(self) -> bool:
        """Whether the head reads the last state of each direction of the only layer, so that no other is kept."""
        return self.architecture.num_layers == 1 and self.architecture.pooling == "last"

    @overflow_is_no_warning
    def _bag_of_symbols(self, symbols: Symbols, rows: Rows) -> Part:
        rows = rows[longest_first(symbols.lengths[rows])]
        bag = mean_over(self._vectors, symbols.offsets[rows], symbols.lengths[rows], symbols.ids.astype(np.int64))
        weight = self._tensors["layers.0.weight"].T
        hidden = multiply(bag, Factor(padded(weight, bag.shape[1], weight.shape[1])))
        hidden += self._tensors["layers.0.bias"]
        return slice(0, self.architecture.hidden_size), rows, np.maximum(hidden, 0, out=hidden)

    def _last_inputs(self, symbols: Symbols, rows: Rows) -> Part:
        last = symbols.offsets[rows] + symbols.lengths[rows] - 1
        return slice(0, self._input_width), rows, self._vectors[symbols.ids[last]]

    @overflow_is_no_warning
    def _ends(self, symbols: Symbols, projected: Array, ids: Rows, index: int, rows: Rows) -> Part:
        """The last state of one direction: at the last symbol, of a joint cell before it; backwards at the first."""
        weights = self._layers[0][index]
        rows = rows[longest_first(symbols.lengths[rows])]
        lengths, first = symbols.lengths[rows] - self.architecture.kind.joint, symbols.offsets[rows]
        ends = np.zeros((len(rows), weights.width), dtype=np.float32)
        going_on = [*active_counts(lengths)[1:], 0]
        with self._workspaces.one() as workspace:
            steps = run(
                self._step, weights, projected, ids, first, lengths, workspace, backward=index == 1, shared=True
            )
            for t, (level, states) in enumerate(steps):
                last = level.node_of[going_on[t] :]
                np.take(states, last, axis=0, out=ends[going_on[t] : len(level.node_of)], mode="clip")
        start = self.size - self.architecture.feature_size + index * self.architecture.hidden_size
        return slice(start, start + self.architecture.hidden_size), rows, ends

    @overflow_is_no_warning
    def _pooled(self, symbols: Symbols, rows: Rows) -> Part:
        """The states of the last layer at every symbol, pooled."""
        rows = rows[longest_first(symbols.lengths[rows])]
        lengths = symbols.lengths[rows]
        places, first = _places(symbols.offsets[rows], lengths)
        vectors, ids = self._vectors, symbols.ids[places].astype(np.int64)
        with self._workspaces.one() as workspace:
            for number in range(self.architecture.num_layers):
                vectors = self._layer(number, vectors, ids, first, lengths, workspace)
                ids = np.arange(len(vectors))
        return slice(0, self.architecture.feature_size), rows, self._pool(vectors, first, lengths)

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
                return mean_over(states, first, lengths)
            case "max":
                return maximum_over(states, first, lengths)
            case "attention":
                weight = Factor(padded(self._tensors["attention.weight"].T, states.shape[1], 1))
                return attention_over(states, multiply(states, weight)[:, 0], first, lengths)
        size = self.architecture.hidden_size
        features: Array = states[first + lengths - 1]
        features[:, size:] = states[first, size:]
        return features


def input_vectors(trained: TrainedModel) -> Array:
    """What the first layer reads at each symbol of the alphabet, (V, I) with padded columns."""
    vectors = trained.tensors.get("embedding.weight")
    if vectors is None:
        vectors = np.eye(len(trained.alphabet), dtype=np.float32)
        vectors[[PADDING, UNKNOWN]] = 0
    return padded(vectors, len(vectors), round_up(vectors.shape[1]))


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


# States of every symbol → one vector a name. Names come longest first.


def mean_over(states: Array, starts: Rows, lengths: Rows, ids: Rows | None = None) -> Array:
    """(total, D) → (N, D); with `ids` (total,) the vector of place p is `states[ids[p]]`."""
    total = np.zeros((len(starts), states.shape[1]), dtype=np.float32)
    for t, active in enumerate(active_counts(lengths)):
        places = starts[:active] + t
        total[:active] += states[places if ids is None else ids[places]]
    total /= np.maximum(lengths, 1)[:, None].astype(np.float32)
    return total


def maximum_over(states: Array, starts: Rows, lengths: Rows) -> Array:
    """(total, D) → (N, D), the largest value of each column."""
    largest: Array = states[starts]
    for t, active in enumerate(active_counts(lengths)):
        np.maximum(largest[:active], states[starts[:active] + t], out=largest[:active])
    return largest


def attention_over(states: Array, scores: Array, starts: Rows, lengths: Rows) -> Array:
    """(total, D) and scores (total,) → (N, D): states weighted by the softmax of their scores within the name."""
    columns = scores[:, None]
    highest = maximum_over(columns, starts, lengths)
    total = np.zeros((len(starts), states.shape[1]), dtype=np.float32)
    shares = np.zeros((len(starts), 1), dtype=np.float32)
    for t, active in enumerate(active_counts(lengths)):
        rows = starts[:active] + t
        share = np.exp(columns[rows] - highest[:active])
        shares[:active] += share
        total[:active] += states[rows] * share
    total /= shares
    return total
