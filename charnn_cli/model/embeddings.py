"""Symbols and n-grams → the vectors that the network reads.

`PADDING` and `UNKNOWN` are zero vectors everywhere: a character that the model never saw says nothing.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from charnn_cli.text.alphabet import PADDING, UNKNOWN


class Dropout(nn.Dropout):
    """torch's; on a processor with a fourth of the random numbers, of which each decides on four values by 16 bits."""

    def forward(self, values: Tensor) -> Tensor:
        """Values of any shape; while training each is zero with probability p, the others 1 / (1 - p) times larger."""
        if not self.training or not 0.0 < self.p < 1.0 or values.device.type != "cpu":
            return super().forward(values)
        numbers = torch.empty(-(-values.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
        kept = numbers.view(torch.int16)[: values.numel()].view(values.shape) >= round(self.p * 2**16) - 2**15
        return values * kept.to(values.dtype).mul_(1.0 / (1.0 - self.p))


class OneHot(nn.Module):
    """For each symbol a vector (V,) with a one at the symbol; `PADDING` and `UNKNOWN` have none. Nothing is learned."""

    table: Tensor

    def __init__(self, num_symbols: int) -> None:
        super().__init__()
        table = torch.eye(num_symbols)
        table[[PADDING, UNKNOWN]] = 0.0
        self.register_buffer("table", table, persistent=False)

    def forward(self, symbols: Tensor) -> Tensor:
        """Symbols (L,) → vectors (L, V)."""
        return self.table.index_select(0, symbols)


class SymbolEmbedding(nn.Module):
    """A learned vector for each symbol: `weight` (V, E), standard normal at first, zero for `PADDING` and `UNKNOWN`."""

    def __init__(self, num_symbols: int, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(num_symbols, size))
        with torch.no_grad():
            self.weight[[PADDING, UNKNOWN]] = 0.0

    def forward(self, symbols: Tensor) -> Tensor:
        """Symbols (L,) → vectors (L, E). Row `UNKNOWN` is never looked up, so that it gets no gradient."""
        return functional.embedding(symbols.masked_fill(symbols == UNKNOWN, PADDING), self.weight, PADDING)


class NgramSum(nn.Module):
    """A learned vector for each n-gram, summed: `weight` (G + 1, C), zeros at first; row 0 stands for no n-gram.

    While training each n-gram is left out with probability `dropout` and the sum scaled by 1 / (1 - dropout).
    """

    part: Tensor | None

    def __init__(self, num_ngrams: int, size: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.weight = nn.Parameter(torch.zeros(num_ngrams + 1, size))
        self.widen()

    def narrow(self, part: Tensor) -> None:
        """Read `part` (R, C) in place of the table: some of its rows, the first of them row 0.

        So the gradient is that of the part alone, and lies beside it.
        """
        self.part = part.requires_grad_()

    def widen(self) -> None:
        """Read the table itself again."""
        self.part = None

    def forward(self, ngrams: Tensor) -> Tensor:
        """Rows of n-grams (N, K), 0 for none → sums (N, C)."""
        if not self.training or self.dropout == 0.0:
            return self._sum(ngrams)
        if self.dropout == 1.0:
            return self._sum(torch.zeros_like(ngrams))
        kept = torch.rand(ngrams.shape, device=ngrams.device) >= self.dropout
        return self._sum(ngrams * kept) / (1.0 - self.dropout)

    def _sum(self, ngrams: Tensor) -> Tensor:
        table = self.weight if self.part is None else self.part
        return functional.embedding_bag(ngrams, table, mode="sum", padding_idx=0)
