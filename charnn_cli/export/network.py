"""A trained model as an ONNX graph: symbols in, probabilities out, as `charnn_cli.engine` has them.

The recurrent operators of ONNX (GRU, LSTM, RNN) are those of `charnn_cli.cells`, layer by layer and in both directions,
and end each name at its own length. So the graph is built node by node from the weights, and nothing is traced. N-grams
are found in the graph too: their codes are reckoned modulo 2**64 and looked for among the model's by a binary search,
so that whoever runs it has to bring nothing but symbols.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from charnn_cli import cells
from charnn_cli.architecture import step_weights
from charnn_cli.engine import LetterEngine
from charnn_cli.export.graph import Graph
from charnn_cli.text.alphabet import END, PADDING, UNKNOWN
from charnn_cli.text.ngrams import MULTIPLIER, NgramVocabulary
from charnn_cli.trained import TrainedModel

if TYPE_CHECKING:
    from onnx import ModelProto

# Of each equation, its operator and the order in which that has the gates.
OPERATORS: Mapping[Any, tuple[str, tuple[str, ...]]] = {
    cells.lesson: ("RNN", ("state",)),
    cells.rnn: ("RNN", ("state",)),
    cells.gru: ("GRU", ("update", "reset", "candidate")),
    cells.lstm: ("LSTM", ("input", "output", "forget", "candidate")),
}
ACTIVATIONS = {"tanh": "Tanh", "relu": "Relu", "sigmoid": "Sigmoid"}
LOWEST = -1e30  # below every state and score


def onnx_model(trained: TrainedModel) -> "ModelProto":
    """Inputs `symbols` int64 (N, T), filled up with 0, and `lengths` int64 (N,); outputs `logits` and `probabilities`,
    both float32 (N, C), columns in the order of the labels. T is at least 1, and of a model that writes names 2.
    """
    graph = Graph()
    network = _Network(graph, trained)
    logits = network.letters() if trained.architecture.generates else network.classifier()
    if trained.one_word != 1.0:
        logits = graph.add("Mul", logits, network.one_word())
    graph.add("Identity", logits, output="logits")
    scaled = graph.add("Div", logits, graph.constant(np.float32(trained.temperature)))
    if trained.power != 1.0:
        first = graph.add("ReduceMax", scaled, graph.constant(np.array([1])), keepdims=1)  # (N, 1)
        short = graph.add("Sub", first, scaled)
        scaled = graph.add("Neg", graph.add("Pow", short, graph.constant(np.float32(trained.power))))
    graph.add("Softmax", scaled, output="probabilities", axis=1)
    return graph.model(
        [("symbols", TensorProto.INT64, ["N", "T"]), ("lengths", TensorProto.INT64, ["N"])],
        [(name, TensorProto.FLOAT, ["N", len(trained.labels)]) for name in ("logits", "probabilities")],
    )


class _Network:
    """The parts of a network; a name without symbols has features of 0."""

    def __init__(self, graph: Graph, trained: TrainedModel) -> None:
        self.graph, self.trained, self.architecture = graph, trained, trained.architecture
        zero, one = graph.constant(0), graph.constant(1)
        self.lengths = "lengths"
        width = graph.add("Gather", graph.add("Shape", "symbols"), one)
        self.steps = graph.add("Range", zero, width, one)  # (T,)
        self.some = graph.add("Max", self.lengths, one)  # (N,) lengths that may be divided by
        self.inside = graph.add("Less", self.steps, graph.unsqueezed(self.lengths, 1))  # (N, T)

    def weights(self, name: str) -> str:
        return self.graph.constant(self.trained.tensors[name])

    def classifier(self) -> str:
        """Logits (N, C) of a network that reads whole names."""
        head = self.architecture.head
        weight, bias = self.weights(f"{head}.weight"), self.weights(f"{head}.bias")
        logits = self.graph.add("Gemm", self._features(), weight, bias, transB=1)
        if self.trained.ngrams is not None and len(self.trained.ngrams):
            logits = self.graph.add("Add", logits, self._wide(self.trained.ngrams))
        return logits

    def one_word(self) -> str:
        """What the logits of each name are times, (N, 1): of one word, `one_word`."""
        graph, spaces = self.graph, self.trained.alphabet.spaces
        is_space = graph.number(graph.add("Equal", "symbols", graph.constant(int(spaces[0]) if len(spaces) else -1)))
        several = graph.add("ReduceMax", is_space, graph.constant(np.array([1])), keepdims=1)  # (N, 1) 0 or 1
        several = graph.add("Cast", several, to=TensorProto.BOOL)
        values = (graph.constant(np.float32(value)) for value in (1.0, self.trained.one_word))
        return graph.add("Where", several, *values)

    def _vectors(self) -> str:
        """What the first layer reads at each symbol, (N, T, I)."""
        graph = self.graph
        if self.architecture.input == "embedding":
            return graph.add("Gather", self.weights("embedding.weight"), "symbols")
        told = np.ones(len(self.trained.alphabet), dtype=np.float32)
        told[[PADDING, UNKNOWN]] = 0
        size, values = graph.constant(len(told)), graph.constant(np.array([0, 1], dtype=np.float32))
        return graph.add("Mul", graph.add("OneHot", "symbols", size, values, axis=-1), graph.constant(told))

    def _features(self) -> str:
        """What the head reads, (N, D)."""
        graph, vectors, kind = self.graph, self._vectors(), self.architecture.kind
        if not kind.has_steps:
            weight, bias = self.weights("layers.0.weight"), self.weights("layers.0.bias")
            inside = graph.unsqueezed(graph.number(self.inside), 2)  # (N, T, 1)
            mean = self._mean(graph.summed(graph.add("Mul", vectors, inside), 1))
            return graph.add("Relu", graph.add("Gemm", mean, weight, bias, transB=1))
        inputs = graph.transposed(vectors, 1, 0, 2)  # (T, N, I)
        if kind.joint:
            before = graph.add("Sub", self.lengths, graph.constant(1))
            is_last = graph.number(graph.add("Equal", self.steps, graph.unsqueezed(before, 1)))  # (N, T)
            last = graph.add("MatMul", graph.unsqueezed(is_last, 1), vectors)  # (N, 1, I)
            _, state = self._layer(inputs, before, 0)
            return graph.add("Concat", graph.reshaped(last, 0, -1), state, axis=1)
        return self._pooled(*self._layers(inputs, self.lengths))

    def _layers(self, below: str, lengths: str) -> tuple[str, str]:
        """States (T, N, D) of the last layer, and the last ones of each direction (N, D); `below` is (T, N, I)."""
        last = ""
        for layer in range(self.architecture.num_layers):
            below, last = self._layer(below, lengths, layer)
        return below, last

    def _layer(self, below: str, lengths: str, layer: int) -> tuple[str, str]:
        graph, architecture = self.graph, self.architecture
        operator, order = OPERATORS[architecture.kind.step]
        directions = [self._direction(order, layer, direction) for direction in architecture.directions]
        matrices = (graph.constant(np.stack(matrix)) for matrix in zip(*directions, strict=True))
        some = graph.add("Cast", graph.add("Max", lengths, graph.constant(1)), to=TensorProto.INT32)
        told: dict[str, Any] = {"linear_before_reset": 1} if operator == "GRU" else {}
        if operator == "RNN":
            told["activations"] = [ACTIVATIONS[architecture.activation]] * len(directions)
            if not architecture.kind.has_activation:
                told |= {"activations": ["Affine"], "activation_alpha": [1.0], "activation_beta": [0.0]}
        states, last = graph.several(
            operator, below, *matrices, some, outputs=[f"states_{layer}", f"last_{layer}"],
            hidden_size=architecture.hidden_size,
            direction="bidirectional" if architecture.bidirectional else "forward", **told,
        )  # fmt: skip
        states = graph.reshaped(graph.transposed(states, 0, 2, 1, 3), 0, 0, -1)  # (T, N, D)
        last = graph.reshaped(graph.transposed(last, 1, 0, 2), 0, -1)  # (N, D)
        is_read = graph.add("Greater", graph.unsqueezed(lengths, 1), graph.constant(0))
        return states, graph.add("Mul", last, graph.number(is_read))

    def _direction(self, order: Sequence[str], layer: int, direction: str) -> list[NDArray[np.float32]]:
        """W (G·H, I), R (G·H, H) and both biases (2·G·H,), the gates in ONNX's order."""
        gates, size = self.architecture.kind.gates, self.architecture.hidden_size
        places = np.concatenate([np.arange(size) + gates.index(gate) * size for gate in order])
        read = step_weights(self.architecture, self.trained.tensors, layer, direction)
        inputs, states, input_bias, state_bias = (weight[places] for weight in read)
        return [inputs, states, np.concatenate([input_bias, state_bias])]

    def _pooled(self, states: str, last: str) -> str:
        """One vector a name, (N, D), of the states (T, N, D) of the last layer."""
        graph, pooling = self.graph, self.architecture.pooling
        if pooling == "last":
            return last
        inside = graph.unsqueezed(graph.transposed(self.inside, 1, 0), 2)  # (T, N, 1)
        if pooling == "mean":
            return self._mean(graph.summed(graph.add("Mul", states, graph.number(inside)), 0))
        lowest = graph.constant(np.float32(LOWEST))
        if pooling == "max":
            largest = graph.add("Where", inside, states, lowest)
            return graph.add("ReduceMax", largest, graph.constant(np.array([0])), keepdims=0)
        weight = graph.constant(self.trained.tensors["attention.weight"].T)  # (D, 1); its bias changes no share
        scores = graph.add("Where", inside, graph.add("MatMul", states, weight), lowest)  # (T, N, 1)
        return graph.summed(graph.add("Mul", states, graph.add("Softmax", scores, axis=0)), 0)

    def _mean(self, total: str) -> str:
        """Sums (N, D) divided by the number of symbols."""
        return self.graph.add("Div", total, self.graph.unsqueezed(self.graph.number(self.some), 1))

    def _wide(self, vocabulary: NgramVocabulary) -> str:
        """The n-grams' part of the logits, (N, C)."""
        graph, codes = self.graph, vocabulary.codes.view(np.int64)
        order = np.argsort(codes)  # with a sign, which ONNX Runtime compares by
        weights = self.trained.tensors["wide.weight"][np.append(0, order + 1)].copy()
        weights[0] = 0
        rows = self._found(self._codes(vocabulary.orders), codes[order])  # (N, T, O)
        total = graph.summed(graph.add("Gather", graph.constant(weights), rows), 1, 2)  # (N, C)
        return graph.add("Div", total, graph.unsqueezed(graph.add("Sqrt", graph.number(self.some)), 1))

    def _codes(self, orders: Sequence[int]) -> str:
        """Codes (N, T, O) of the n-grams that end at each symbol, 0 where there are too few before it."""
        graph, zero = self.graph, self.graph.constant(0)
        values = graph.add("Add", "symbols", graph.constant(1))
        multiplier = graph.constant(np.array(MULTIPLIER).view(np.int64))
        pads = graph.constant(np.array([0, 1, 0, -1]))
        codes, wanted = graph.add("Mul", values, multiplier), []
        for order in range(1, max(orders) + 1):
            if order > 1:
                before = graph.add("Pad", codes, pads)  # of the symbol before
                codes = graph.add("Mul", graph.add("Add", before, values), multiplier)
            if order in orders:
                enough = graph.add("GreaterOrEqual", self.steps, graph.constant(order - 1))
                valid = graph.add("And", self.inside, enough)
                wanted.append(graph.unsqueezed(graph.add("Where", valid, codes, zero), 2))
        return graph.add("Concat", *wanted, axis=2)

    def _found(self, wanted: str, codes: NDArray[np.int64]) -> str:
        """Rows of codes: 1 to G in their order, 0 where one is not among the model's."""
        graph, bits = self.graph, len(codes).bit_length()
        table = np.append(codes, np.full((1 << bits) - len(codes), np.iinfo(np.int64).max))
        known = graph.constant(table)
        place = graph.add("Sub", wanted, wanted)  # how many codes are known to be smaller
        for bit in reversed(range(bits)):
            further = graph.add("Add", place, graph.constant(1 << bit))
            at = graph.add("Gather", known, graph.add("Sub", further, graph.constant(1)))
            place = graph.add("Where", graph.add("Less", at, wanted), further, place)
        is_it = graph.add("Equal", graph.add("Gather", known, place), wanted)
        is_it = graph.add("And", is_it, graph.add("Less", place, graph.constant(len(codes))))
        return graph.add("Where", is_it, graph.add("Add", place, graph.constant(1)), graph.constant(0))

    def letters(self) -> str:
        """Logits (N, C) of a network that writes names: log P(name | origin) + log P(origin), by Bayes' rule."""
        graph, labels = self.graph, len(self.trained.labels)
        minus_one = graph.constant(np.array([-1]))
        zeros, ones, ends = (graph.constant(np.array([value])) for value in (0, 1, np.iinfo(np.int64).max))
        read = graph.add("Slice", self._vectors(), zeros, minus_one, ones)  # (N, T - 1, I), all but the last symbol
        read = graph.unsqueezed(graph.transposed(read, 1, 0, 2), 2)  # (T - 1, N, 1, I)
        width = self.architecture.input_size(len(self.trained.alphabet))
        each = graph.reshaped(graph.add("Add", read, self.weights("origin.weight")), 0, -1, width)  # (T - 1, N·C, I)
        lengths = graph.add("Sub", self.lengths, graph.constant(1))  # (N,)
        of_each = graph.add("Tile", graph.unsqueezed(lengths, 1), graph.constant(np.array([1, labels])))
        states, _ = self._layers(each, graph.reshaped(of_each, -1))  # (T - 1, N·C, H)
        logits = graph.add("MatMul", states, graph.constant(self.trained.tensors["head.weight"].T.copy()))
        shares = graph.add("LogSoftmax", graph.add("Add", logits, self.weights("head.bias")), axis=-1)
        outputs = len(self.trained.tensors["head.bias"])
        shares = graph.reshaped(shares, 0, -1, labels, outputs)  # (T - 1, N, C, K)
        following = graph.add("Slice", "symbols", ones, ends, ones)
        following = graph.add("Sub", graph.transposed(following, 1, 0), graph.constant(END))  # (T - 1, N)
        wanted = graph.unsqueezed(graph.add("Max", following, graph.constant(0)), 2, 3)
        wanted = graph.add("Tile", wanted, graph.constant(np.array([1, 1, labels, 1])))
        told = graph.reshaped(graph.add("GatherElements", shares, wanted, axis=3), 0, 0, -1)  # (T - 1, N, C)
        counts = graph.add("Slice", graph.transposed(self.inside, 1, 0), ones, ends, zeros)  # (T - 1, N)
        counts = graph.add("And", counts, graph.add("GreaterOrEqual", following, graph.constant(0)))
        total = graph.summed(graph.add("Mul", told, graph.unsqueezed(graph.number(counts), 2)), 0)
        return graph.add("Add", total, graph.constant(LetterEngine(self.trained).log_priors.astype(np.float32)))
