"""The shape of a network: all that the forward pass needs to know beside the weights.

`Architecture` is shared by the torch module that trains and the engine that answers; settings that matter
only while training (dropout, initialisation) are not part of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from charnn_cli.cells import ACTIVATIONS, CELLS, Array, CellKind, Stepped
from charnn_cli.choices import Activation, Cell, Task
from charnn_cli.text.alphabet import END

Input = Literal["one_hot", "embedding"]
Pooling = Literal["last", "mean", "max", "attention"]


@dataclass(frozen=True, slots=True)
class Architecture:
    """What a network computes: a `NameClassifier`, or where the task is `generate` a `NameGenerator`.

    `input` turns the symbol at step t into a vector: `one_hot` (V,) or `embedding` (E,).
    `wide` adds to the logits the sum of one weight vector (C,) for each n-gram (of `ngram_orders`) of the name, divided
    by the square root of the number of symbols.
    `activation` is the non-linearity of the cell `rnn` and is ignored by the others.
    A cell that does not stack has one layer that reads forward, whatever is asked for; and who writes, reads forward,
    with nothing pooled or beside.
    """

    cell: Cell = "gru"
    activation: Activation = "tanh"
    hidden_size: int = 128
    num_layers: int = 1
    bidirectional: bool = True
    pooling: Pooling = "last"
    input: Input = "embedding"
    embedding_size: int = 64
    ngram_orders: tuple[int, ...] = (1, 2, 3, 4, 5)
    wide: bool = True
    task: Task = "classify"

    def __post_init__(self) -> None:
        if not self.kind.stacks:
            alone = {"num_layers": 1, "bidirectional": False, "pooling": "last"}
            for name, value in alone.items():
                object.__setattr__(self, name, value)
        if self.generates:
            if not self.kind.stacks:
                raise ValueError(f"'{self.cell}' writes no names")
            for name, value in {"bidirectional": False, "pooling": "last", "wide": False}.items():
                object.__setattr__(self, name, value)

    @property
    def generates(self) -> bool:
        """Whether it writes names, which is to tell each symbol from those before it and the origin."""
        return self.task == "generate"

    @property
    def kind(self) -> CellKind:
        return CELLS[self.cell]

    @property
    def equation(self) -> Callable[..., Stepped]:
        """The step of the cell with its activation: x, state, W, U, b, d → state, gates. ValueError without steps."""
        if self.kind.step is None:
            raise ValueError(f"a network of the cell '{self.cell}' reads no steps")
        return partial(self.kind.step, f=ACTIVATIONS[self.activation]) if self.kind.has_activation else self.kind.step

    @property
    def directions(self) -> tuple[str, ...]:
        """Names of the directions a layer reads in, in the order of their outputs."""
        return ("forward", "backward") if self.bidirectional else ("forward",)

    @property
    def feature_size(self) -> int:
        """Width of a state, all directions side by side."""
        return self.hidden_size * len(self.directions)

    @property
    def head(self) -> str:
        """Name of the layer that makes logits."""
        return "i2o" if self.kind.joint else "head"

    def input_size(self, num_symbols: int) -> int:
        """Width of what the first layer reads at a symbol."""
        return num_symbols if self.input == "one_hot" else self.embedding_size

    def head_size(self, num_symbols: int) -> int:
        """Width of what the head reads: the pooled states and, of a joint cell, the last input before them."""
        return self.feature_size + (self.input_size(num_symbols) if self.kind.joint else 0)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Architecture":
        """Inverse of `to_json`; raises TypeError on unknown or missing keys."""
        return cls(**{**value, "ngram_orders": tuple(value["ngram_orders"])})


def num_outputs(num_symbols: int) -> int:
    """Symbols that a network may write, which are the end and the letters: output i is symbol `END` + i."""
    return num_symbols - END


def tensor_shapes(
    architecture: Architecture, *, num_symbols: int, num_labels: int, num_ngrams: int
) -> dict[str, tuple[int, ...]]:
    """Name and shape of every weight of a network: what a model file must hold, no more and no less."""
    kind, hidden, width = architecture.kind, architecture.hidden_size, architecture.input_size(num_symbols)
    shapes: dict[str, tuple[int, ...]] = {}
    if architecture.input == "embedding":
        shapes["embedding.weight"] = (num_symbols, width)
    if architecture.generates:
        shapes["origin.weight"] = (num_labels, width)
    if architecture.wide:
        shapes["wide.weight"] = (num_ngrams + 1, num_labels)
    if kind.joint:
        shapes |= {"i2h.weight": (hidden, width + hidden), "i2h.bias": (hidden,)}
    elif not kind.has_steps:
        shapes |= {"layers.0.weight": (hidden, width), "layers.0.bias": (hidden,)}
    else:
        for layer in range(architecture.num_layers):
            rows, columns = len(kind.gates) * hidden, width if layer == 0 else architecture.feature_size
            for direction in architecture.directions:
                prefix = f"layers.{layer}.{direction}"
                shapes |= {f"{prefix}.weight_ih": (rows, columns), f"{prefix}.weight_hh": (rows, hidden)}
                shapes |= {f"{prefix}.bias_ih": (rows,), f"{prefix}.bias_hh": (rows,)}
    if architecture.pooling == "attention":
        shapes |= {"attention.weight": (1, architecture.feature_size), "attention.bias": (1,)}
    head, columns = architecture.head, architecture.head_size(num_symbols)
    rows = num_outputs(num_symbols) if architecture.generates else num_labels
    return shapes | {f"{head}.weight": (rows, columns), f"{head}.bias": (rows,)}


def step_weights(
    architecture: Architecture, tensors: Mapping[str, Array], layer: int, direction: str
) -> tuple[Array, Array, Array, Array]:
    """W, U, b and d of one layer in one direction, as the equations of `cells` take them."""
    if architecture.kind.joint:
        weight, bias = tensors["i2h.weight"], tensors["i2h.bias"]
        inputs = weight.shape[1] - len(bias)
        return weight[:, :inputs], weight[:, inputs:], bias, np.zeros_like(bias)
    prefix = f"layers.{layer}.{direction}."
    weight_ih, weight_hh, bias_ih, bias_hh = (
        tensors[prefix + name] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    return weight_ih, weight_hh, bias_ih, bias_hh
