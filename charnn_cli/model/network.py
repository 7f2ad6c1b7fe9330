"""The network: symbols of names → logits of origins."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from charnn_cli.architecture import Architecture, Pooling
from charnn_cli.model.embeddings import Dropout, NgramSum, OneHot, SymbolEmbedding
from charnn_cli.model.initialisation import Scheme, initialise
from charnn_cli.model.layers import JointLayer, Layout, Unrolling, recurrent_layers, through
from charnn_cli.text.alphabet import PADDING


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
        kind, hidden_size = architecture.kind, architecture.hidden_size
        input_size = architecture.input_size(num_symbols)
        self.architecture = architecture
        self.num_symbols = num_symbols
        self.truncate_every = truncate_every
        self.dropout = Dropout(0.0 if kind.joint else dropout)
        one_hot = architecture.input == "one_hot"
        self.embedding = OneHot(num_symbols) if one_hot else SymbolEmbedding(num_symbols, input_size)
        if kind.joint:
            self.i2h = JointLayer(input_size, hidden_size)
        elif not kind.has_steps:
            self.layers = nn.ModuleList([nn.Linear(input_size, hidden_size)])
        else:
            self.layers = recurrent_layers(architecture, input_size)
        if architecture.pooling == "attention":
            self.attention = nn.Linear(architecture.feature_size, 1)
        self.add_module(architecture.head, nn.Linear(architecture.head_size(num_symbols), num_labels))
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
        head: nn.Module = getattr(self, self.architecture.head)
        features = self.features(symbols, lengths, how)
        logits: Tensor = head(features if self.architecture.kind.joint else self.dropout(features))
        return logits if ngrams is None or not self.architecture.wide else logits + self.wide_logits(lengths, ngrams)

    def features(self, symbols: Tensor, lengths: Tensor, how: Unrolling) -> Tensor:
        """What the head reads, (B, D): the pooled states; of a joint cell the last input beside the state before it."""
        if not self.architecture.kind.joint:
            return self.pooled(symbols, lengths, how)
        steps = lengths - 1
        layout = Layout.of(steps, symbols.shape[1])
        if len(layout.names):
            before = layout.batch(self.i2h(self.read(symbols, layout), layout, how))  # (B, H)
        else:
            before = self.i2h.weight.new_zeros(len(lengths), self.i2h.out_features)
        if how.every and how.cut:  # the last step may begin with a cut
            before = torch.where((steps % how.every == 0)[:, None], before.detach(), before)
        last = functional.pad(symbols, (1, 0), value=PADDING).gather(1, lengths[:, None])[:, 0]  # (B,)
        return torch.cat((self.vectors(last), before), dim=1)

    def pooled(self, symbols: Tensor, lengths: Tensor, how: Unrolling) -> Tensor:
        """The states of the last layer as one vector a name, (B, D), zero where there are none."""
        layout, pooling = Layout.of(lengths, symbols.shape[1]), self.architecture.pooling
        read = symbols.flatten().index_select(0, layout.sources)  # (L,)
        vectors: Tensor = self.dropout(self.vectors(read))  # (L, I)
        if not self.architecture.kind.has_steps:
            return functional.relu(self.layers[0](pool([vectors], layout, "mean", None)))
        if not len(layout.names):
            return vectors.new_zeros(len(lengths), self.architecture.feature_size)

        def tell(states: Tensor, symbols: Tensor, *tensors: Tensor) -> list[Tensor]:
            told = states.index_select(0, layout.last) if pooling == "last" else states
            return [told] if how.beside is None else [told, how.beside(states, layout, symbols, *tensors)]

        directions = self.architecture.directions
        others = [
            [layout.in_order(read, direction), *tensors]
            for direction, tensors in zip(directions, how.tensors or [[]] * len(directions), strict=True)
        ]
        outputs = through(self.layers, vectors, layout, how, dropout=self.dropout, tell=tell, tensors=others)
        how.made.extend(made for _, *own in outputs for made in own)
        states = [told for told, *_ in outputs]
        if pooling == "last":
            return layout.batch(torch.cat(states, dim=1))
        return pool(states, layout, pooling, self.attention if pooling == "attention" else None)

    def read(self, symbols: Tensor, layout: Layout) -> Tensor:
        """The vectors (L, I) of the packed symbols."""
        return self.vectors(symbols.flatten().index_select(0, layout.sources))

    def vectors(self, symbols: Tensor) -> Tensor:
        """Symbols (L,) → the vectors that the first layer reads, (L, I)."""
        vectors: Tensor = self.embedding(symbols)
        return vectors

    def wide_logits(self, lengths: Tensor, ngrams: Tensor) -> Tensor:
        """The wide part's logits (B, C): the sum of the weights of a name's n-grams / √(number of symbols)."""
        inside = torch.arange(ngrams.shape[1], device=ngrams.device) < lengths[:, None]  # (B, T)
        total: Tensor = self.wide((ngrams * inside[:, :, None]).flatten(1))
        return total / lengths.clamp(min=1).sqrt()[:, None]


def pool(states: Sequence[Tensor], layout: Layout, pooling: Pooling, attention: nn.Linear | None) -> Tensor:
    """The states (L, H) of each direction in its reading order → features (B, D), zero for a name without symbols.

    `last` takes the state of each direction behind the last symbol that it reads; `mean` and `max` run over symbols;
    `attention` is the sum of the states weighted by softmax(attention · state) over the symbols.
    """
    if pooling == "last":
        return layout.batch(torch.cat([rows.index_select(0, layout.last) for rows in states], dim=1))
    matrix, inside = layout.padded(layout.joined(states))  # (N, T, D), (N, T)
    if pooling == "mean":
        return layout.batch(matrix.sum(dim=1) / layout.lengths[:, None])
    if not len(layout.names):  # neither a greatest nor a softmax of nothing
        return layout.batch(layout.joined(states))
    if pooling == "max":
        return layout.batch(matrix.masked_fill(~inside[:, :, None], -torch.inf).amax(dim=1))
    if attention is None:
        raise ValueError("pooling 'attention' needs the attention layer")
    scores = attention(matrix).squeeze(2).masked_fill(~inside, -torch.inf)  # (N, T)
    return layout.batch((scores.softmax(dim=1)[:, :, None] * matrix).sum(dim=1))
