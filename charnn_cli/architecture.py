"""The shape of a network: all that the forward pass needs to know beside the weights.

`Architecture` is shared by the torch module that trains and the engine that answers; settings that matter
only while training (dropout, initialisation) are not part of it.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Cell = Literal["lesson", "rnn", "gru", "lstm", "mlp"]
Activation = Literal["tanh", "relu", "sigmoid"]
Input = Literal["one_hot", "embedding"]
Pooling = Literal["last", "mean", "max", "attention"]


@dataclass(frozen=True, slots=True)
class Architecture:
    """What a `NameClassifier` computes.

    `input` turns the symbol at step t into a vector: `one_hot` (V,) or `embedding` (E,).
    `wide` adds to the logits the sum of one weight vector (C,) for each n-gram (of `ngram_orders`) of the name, divided
    by the square root of the number of symbols.
    `activation` is the non-linearity of the cell `rnn` and is ignored by the others.
    `residual` adds a layer's input to its output where both have the same width.
    """

    cell: Cell = "gru"
    activation: Activation = "tanh"
    hidden_size: int = 128
    num_layers: int = 1
    bidirectional: bool = True
    residual: bool = False
    pooling: Pooling = "last"
    input: Input = "embedding"
    embedding_size: int = 64
    ngram_orders: tuple[int, ...] = (1, 2, 3, 4, 5)
    wide: bool = True

    @property
    def directions(self) -> tuple[str, ...]:
        """Names of the directions a layer reads in, in the order of their outputs."""
        return ("forward", "backward") if self.bidirectional else ("forward",)

    @property
    def gates(self) -> int:
        """Rows of the recurrent weights in multiples of the hidden size, in torch's order: GRU r z n, LSTM i f g o."""
        return {"gru": 3, "lstm": 4}.get(self.cell, 1)

    @property
    def feature_size(self) -> int:
        """Width of what the head reads."""
        return self.hidden_size * (len(self.directions) if self.cell in ("rnn", "gru", "lstm") else 1)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Architecture":
        """Inverse of `to_json`; raises TypeError on unknown or missing keys."""
        return cls(**{**value, "ngram_orders": tuple(value["ngram_orders"])})


def tensor_shapes(
    architecture: Architecture, *, num_symbols: int, num_labels: int, num_ngrams: int
) -> dict[str, tuple[int, ...]]:
    """Name and shape of every weight of a `NameClassifier`: what a model file must hold, no more and no less."""
    hidden, labels = architecture.hidden_size, num_labels
    one_hot = architecture.input == "one_hot" or architecture.cell == "lesson"
    width = num_symbols if one_hot else architecture.embedding_size
    shapes: dict[str, tuple[int, ...]] = {}
    if architecture.cell == "lesson":
        shapes |= {"i2h.weight": (hidden, width + hidden), "i2h.bias": (hidden,)}
        return shapes | {"i2o.weight": (labels, width + hidden), "i2o.bias": (labels,)}
    if not one_hot:
        shapes["embedding.weight"] = (num_symbols, width)
    if architecture.wide:
        shapes["wide.weight"] = (num_ngrams + 1, labels)
    if architecture.cell == "mlp":
        shapes |= {"layers.0.weight": (hidden, width), "layers.0.bias": (hidden,)}
    else:
        for layer in range(architecture.num_layers):
            rows, columns = architecture.gates * hidden, width if layer == 0 else architecture.feature_size
            for direction in architecture.directions:
                prefix = f"layers.{layer}.{direction}"
                shapes |= {f"{prefix}.weight_ih": (rows, columns), f"{prefix}.weight_hh": (rows, hidden)}
                shapes |= {f"{prefix}.bias_ih": (rows,), f"{prefix}.bias_hh": (rows,)}
        if architecture.pooling == "attention":
            shapes |= {"attention.weight": (1, architecture.feature_size), "attention.bias": (1,)}
    return shapes | {"head.weight": (labels, architecture.feature_size), "head.bias": (labels,)}
