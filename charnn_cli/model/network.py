"""The network: symbols of names → logits of origins."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from charnn_cli.architecture import Architecture
from charnn_cli.model.embeddings import NgramSum, SymbolEmbedding, one_hot
from charnn_cli.model.initialisation import Scheme, initialise
from charnn_cli.model.layers import RecurrentLayer, Unrolling
from charnn_cli.model.layout import Layout
from charnn_cli.model.lesson import lesson_logits
from charnn_cli.model.pooling import pool


class NameClassifier(nn.Module):
    """A network of the given architecture.

    `num_symbols` V counts the alphabet with its special symbols, `num_labels` C the origins, `num_ngrams` G the
    n-grams of the vocabulary. While training, `dropout` falls on the input vectors, between layers and before the
    head, `wide_dropout` on whole n-grams of the wide part; the cell `lesson` has none. `truncate_every` detaches the
    state every so many steps of each direction, counted from where it begins to read (Williams & Peng, 1990): the
    loss then sends no gradient to earlier symbols.
    """

    def __init__(
        self,
        architecture: Architecture,
        *,
        num_symbols: int,
        num_labels: int,
        num_ngrams: int = 0,
        dropout: float = 0.0,
        wide_dropout: float = 0.0,
        initialisation: Scheme = "default",
        forget_bias: float = 1.0,
        truncate_every: int | None = None,
    ) -> None:
        super().__init__()
        self.architecture = architecture
        self.num_symbols = num_symbols
        self.truncate_every = truncate_every
        self.dropout = nn.Dropout(dropout)
        size, hidden_size, cell = architecture.embedding_size, architecture.hidden_size, architecture.cell
        if cell == "lesson":
            self.i2h = nn.Linear(num_symbols + hidden_size, hidden_size)
            self.i2o = nn.Linear(num_symbols + hidden_size, num_labels)
        else:
            input_size = num_symbols if architecture.input == "one_hot" else size
            if architecture.input != "one_hot":
                self.embedding = SymbolEmbedding(num_symbols, size)
            self.layers = _layers(architecture, input_size)
            if architecture.pooling == "attention" and cell != "mlp":
                self.attention = nn.Linear(architecture.feature_size, 1)
            self.head = nn.Linear(architecture.feature_size, num_labels)
        if architecture.wide:
            self.wide = NgramSum(num_ngrams, num_labels, wide_dropout)
        initialise(self, initialisation, forget_bias)

    def forward(self, symbols: Tensor, lengths: Tensor, ngrams: Tensor | None = None) -> Tensor:
        """Logits (B, C) of names given as symbols (B, T), lengths (B,) and, where used, rows of n-grams (B, T, O).

        What stands beyond a name's length is never read. A name of length 0 gets the bias of the head alone.
        """
        return self.unrolled(symbols, lengths, ngrams, Unrolling(every=self.truncate_every))

    def unrolled(self, symbols: Tensor, lengths: Tensor, ngrams: Tensor | None, how: Unrolling) -> Tensor:
        """The same logits, with the steps of the recurrent layers chained as `how` says."""
        if self.architecture.wide and ngrams is None:
            raise ValueError("this architecture reads n-grams: give their rows (B, T, O)")
        if self.architecture.cell == "lesson":
            logits = lesson_logits(self.i2h, self.i2o, symbols, lengths, how)
        else:
            logits = self.head(self.dropout(self.features(symbols, lengths, how)))
        return logits if ngrams is None or not self.architecture.wide else logits + self.wide_logits(lengths, ngrams)

    def features(self, symbols: Tensor, lengths: Tensor, how: Unrolling) -> Tensor:
        """What the head reads, (B, D)."""
        layout = Layout.of(lengths, symbols.shape[1])
        vectors = self.dropout(self.vectors(symbols.flatten()[layout.sources]))  # (L, I)
        if self.architecture.cell == "mlp":
            bag = pool(vectors, layout, "mean", None, 1)  # (B, I)
            return functional.relu(self.layers[0](bag))
        if not len(layout.names):
            return torch.zeros(len(lengths), self.architecture.feature_size, device=vectors.device)
        for number, layer in enumerate(self.layers):
            inputs = vectors if number == 0 else self.dropout(vectors)
            vectors = layer(inputs, layout, how)
            if self.architecture.residual and vectors.shape == inputs.shape:
                vectors = vectors + inputs
        attention = self.attention if self.architecture.pooling == "attention" else None
        return pool(vectors, layout, self.architecture.pooling, attention, len(self.architecture.directions))

    def vectors(self, symbols: Tensor) -> Tensor:
        """Symbols (L,) → the vectors that the first layer reads, (L, I)."""
        if self.architecture.input == "one_hot":
            return one_hot(symbols, self.num_symbols)
        vectors: Tensor = self.embedding(symbols)
        return vectors

    def wide_logits(self, lengths: Tensor, ngrams: Tensor) -> Tensor:
        """The wide part's logits (B, C): the sum of the weights of a name's n-grams / √(number of symbols)."""
        inside = torch.arange(ngrams.shape[1], device=ngrams.device) < lengths[:, None]  # (B, T)
        total: Tensor = self.wide((ngrams * inside[:, :, None]).flatten(1))
        return total / lengths.clamp(min=1).sqrt()[:, None]


def _layers(architecture: Architecture, input_size: int) -> nn.ModuleList:
    if architecture.cell == "mlp":
        return nn.ModuleList([nn.Linear(input_size, architecture.hidden_size)])
    width = architecture.feature_size
    sizes = [input_size] + [width] * (architecture.num_layers - 1)
    return nn.ModuleList([RecurrentLayer(architecture, size) for size in sizes])
