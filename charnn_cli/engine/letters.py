"""A network that writes names, in NumPy: the logits of the next symbol, step by step, for many names of one origin.

Names that begin alike have the same states until they part, so that steps are the nodes of a trie (see `recurrence`).
That holds for names that are read, of which the trie is known, and for names that are being written.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.engine.cells import step_of
from charnn_cli.engine.features import input_vectors, overflow_is_no_warning
from charnn_cli.engine.products import ROW_MULTIPLE, Array, Factor, one_blas_thread, padded, round_up
from charnn_cli.engine.recurrence import (
    Level,
    Rows,
    Workspace,
    Workspaces,
    levels,
    longest_first,
    padded_indices,
    project,
    tile_rows,
)
from charnn_cli.engine.weights import DirectionWeights
from charnn_cli.errors import ModelError
from charnn_cli.text.alphabet import END, Symbols
from charnn_cli.trained import TrainedModel

if TYPE_CHECKING:
    from concurrent.futures import Executor

BLOCK = 8192  # names whose shared steps are looked for together
FEW_ROWS = 24  # a multiple of every block of rows that products are made of
States = list[Array]  # (parts, nodes, H) of each layer


class LetterEngine:
    """What comes next in names, by a trained generator; `executor` works on several origins side by side."""

    @overflow_is_no_warning
    def __init__(self, trained: TrainedModel, executor: "Executor | None" = None) -> None:
        architecture, tensors = trained.architecture, trained.tensors
        self.architecture = architecture
        self.executor = executor
        self.num_labels = len(trained.labels)
        self.log_priors = np.log(np.maximum(trained.priors, trained.priors[trained.priors > 0].min() / 2))
        self._vectors = input_vectors(trained)  # (V, I)
        self._origins = padded(tensors["origin.weight"], self.num_labels, self._vectors.shape[1])  # (C, I)
        self._step = step_of(architecture)
        self._layers: list[DirectionWeights] = []
        width = self._vectors.shape[1]
        for layer in range(architecture.num_layers):
            self._layers.append(DirectionWeights.read(architecture, tensors, layer, "forward", width))
            width = self._layers[-1].width
        weight = tensors["head.weight"]
        self._head, self._bias = Factor(padded(weight.T, width, len(weight))), tensors["head.bias"]
        self._workspaces = Workspaces()

    @overflow_is_no_warning
    @one_blas_thread()
    def logits(self, symbols: Symbols) -> Array:
        """log P(name | origin) + log P(origin), (N, C): by Bayes' rule the logits of the origins.

        Raises ModelError where they are not finite.
        """
        logits = (self.log_likelihoods(symbols) + self.log_priors).astype(np.float32)
        if not np.isfinite(logits).all():
            raise ModelError("the model's weights are too large to answer in numbers", "train it with a lower lr")
        return np.asarray(logits)

    @overflow_is_no_warning
    @one_blas_thread()
    def log_likelihoods(self, symbols: Symbols) -> NDArray[np.float64]:
        """log P(name | origin) in nats of framed names, (N, C); symbols that no training name held count nothing."""
        result = np.zeros((len(symbols), self.num_labels))
        ids = symbols.ids.astype(np.int64)
        lengths = symbols.lengths - 1  # what is read: all but the last symbol
        rows = longest_first(lengths)
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            first = symbols.offsets[block]
            trie = list(levels(ids, first, lengths[block], backward=False, shared=True))
            work = partial(self._told, ids, first, trie)
            for origin, told in enumerate(self._each(work, range(self.num_labels))):
                result[block, origin] = told
        return result

    @overflow_is_no_warning
    @one_blas_thread()
    def following(self, symbols: Symbols, origin: int) -> Array:
        """P(next symbol | those before it, origin) behind each symbol but the last of one name, (T - 1, V - END)."""
        states: States | None = None
        rows = []
        with self._workspaces.one() as workspace:
            inputs, one = self.inputs(origin, workspace), np.zeros(1, dtype=np.int64)
            for t, symbol in enumerate(symbols.ids[:-1]):
                parents = None if states is None else one
                states, logits = self.advance(inputs, states, parents, np.array([symbol]), workspace, number=t)
                shares = np.exp(logits[0] - logits[0].max())
                rows.append(shares / shares.sum())
        return np.array(rows, dtype=np.float32)

    def _told(self, ids: Rows, first: Rows, trie: list[Level], origin: int) -> NDArray[np.float64]:
        """log P(name | origin) of the names (N,) of a trie, longest first."""
        told = np.zeros(len(first))
        states: States | None = None
        with self._workspaces.one() as workspace:
            inputs = self.inputs(origin, workspace)
            for t, level in enumerate(trie):
                active = len(level.node_of)
                states, logits = self.advance(inputs, states, level.parents, level.inputs, workspace, number=t)
                logits -= logits.max(axis=1, keepdims=True)
                outputs = ids[first[:active] + t + 1] - END  # (active,)
                totals = np.log(np.exp(logits).sum(axis=1, dtype=np.float64))  # (nodes,)
                logs = logits[level.node_of, np.maximum(outputs, 0)] - totals[level.node_of]
                told[:active] += np.where(outputs >= 0, logs, 0.0)
        return told

    def inputs(self, origin: int, workspace: Workspace) -> Array:
        """What `advance` reads in names of an origin, each symbol's part of the gates (G, V, H).

        It lasts until the workspace is used for another.
        """
        vectors = self._vectors + self._origins[origin]
        return project(vectors, np.arange(len(vectors)), self._layers[0], workspace)

    def advance(
        self, inputs: Array, before: States | None, parents: Rows | None, symbols: Rows, workspace: Workspace, *,
        number: int,
    ) -> tuple[States, Array]:  # fmt: skip
        """One step, the `number`-th: the states of the nodes, and the logits (nodes, V - END) of what follows each.

        A node reads one of the `symbols` (nodes,) in the state of its parent, one of the nodes of the step before;
        there are no `parents` (nodes,) at first. Logits last until the next step, and states until the one after it.
        """
        count = len(symbols)
        nodes = round_up(max(count, 1), FEW_ROWS if count <= ROW_MULTIPLE else ROW_MULTIPLE)
        symbols = padded_indices(symbols, nodes)
        parents = None if parents is None else padded_indices(parents, nodes)
        states = [
            workspace.array(f"states {layer} {number % 2}", weights.parts, nodes, weights.width)
            for layer, weights in enumerate(self._layers)
        ]
        logits = workspace.array("logits", nodes, len(self._bias))
        tile = tile_rows(max(weights.state.gates for weights in self._layers), self._layers[0].width)
        for start in range(0, nodes, tile):
            rows = slice(start, min(start + tile, nodes))
            below = inputs[0]  # what the layer below tells; the first reads letters
            for layer, weights in enumerate(self._layers):
                if layer == 0:
                    gates = workspace.array("gates", weights.state.gates, rows.stop - start, weights.width)
                    np.take(inputs, symbols[rows], axis=1, out=gates, mode="clip")
                else:
                    gates = weights.input.times(below) + weights.bias
                here = tuple(states[layer][:, rows])
                for part, now in enumerate(here):
                    if parents is None or before is None:
                        now.fill(0)
                    else:
                        np.take(before[layer][part], parents[rows], axis=0, out=now, mode="clip")
                spare = workspace.array("spare", weights.state.memory(rows.stop - start) + here[0].size)
                below = self._step(gates, here, weights, spare)[0]
            logits[rows] = self._head.times(below)[0]
        logits += self._bias
        return states, logits[:count]

    def _each(self, work: Callable[[Any], Any], things: Iterable[Any]) -> Iterable[Any]:
        return map(work, things) if self.executor is None else self.executor.map(work, things)
