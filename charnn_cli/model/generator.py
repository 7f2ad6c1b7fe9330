"""The network that writes names: an origin and the letters so far → logits of the next letter."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from charnn_cli.architecture import Architecture, num_outputs
from charnn_cli.model.embeddings import Dropout, OneHot, SymbolEmbedding
from charnn_cli.model.initialisation import Scheme, initialise
from charnn_cli.model.layers import Layout, Unrolling, recurrent_layers, through
from charnn_cli.text.alphabet import END


class NameGenerator(nn.Module):
    """A character-level language model given the origin (Sutskever, Martens & Hinton, ICML 2011; Graves 2013).

    At every step it reads the sum of two vectors, that of the symbol and that of the origin, and its state tells the
    next symbol: many to many. Sizes and options are those of `NameClassifier`; `truncate_every` detaches the state
    every so many steps.
    """

    def __init__(
        self,
        architecture: Architecture,
        *,
        num_symbols: int,
        num_labels: int,
        dropout: float = 0.0,
        initialisation: Scheme = "default",
        forget_bias: float = 1.0,
        truncate_every: int | None = None,
    ) -> None:
        super().__init__()
        input_size = architecture.input_size(num_symbols)
        self.architecture = architecture
        self.num_symbols = num_symbols
        self.truncate_every = truncate_every
        self.dropout = Dropout(dropout)
        one_hot = architecture.input == "one_hot"
        self.embedding = OneHot(num_symbols) if one_hot else SymbolEmbedding(num_symbols, input_size)
        self.origin = nn.Embedding(num_labels, input_size)
        self.layers = recurrent_layers(architecture, input_size)
        self.head = nn.Linear(architecture.hidden_size, num_outputs(num_symbols))
        initialise(self, initialisation, forget_bias)

    def forward(self, symbols: Tensor, lengths: Tensor, origins: Tensor) -> Tensor:
        """What each of the names costs in nats, (B,): the sum of -log P(symbol | those before it, its origin).

        Names are given as symbols (B, T), lengths (B,) and origins (B,). A symbol that no output stands for, which is
        one that no training name held, costs nothing.
        """
        logits, following, names = self.logits(symbols, lengths, origins)
        target = following - END
        costs = functional.cross_entropy(logits.float(), target.clamp(min=0), reduction="none")  # (L,)
        return costs.new_zeros(len(lengths)).index_add(0, names, costs.where(target >= 0, 0.0))

    def logits(self, symbols: Tensor, lengths: Tensor, origins: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits (L, V - END) of what follows each symbol but the last, output i standing for symbol `END` + i; the
        symbol that does follow (L,); and the row of its name (L,).
        """
        width = symbols.shape[1]
        layout = Layout.of((lengths - 1).clamp(min=0), width)
        flat = symbols.flatten()
        names = torch.div(layout.sources, width, rounding_mode="floor")  # (L,)
        vectors = self.embedding(flat[layout.sources]) + self.origin(origins[names])  # (L, I)
        states: Tensor = self.dropout(vectors)
        if len(layout.names):
            how = Unrolling(every=self.truncate_every)
            ((states,),) = through(
                self.layers, states, layout, how, dropout=self.dropout, tell=lambda states: [states], tensors=[[]]
            )  # (L, H)
        else:
            states = states.new_zeros(0, self.architecture.hidden_size)
        return self.head(self.dropout(states)), flat[layout.sources + 1], names
