"""The lesson's cell: two linear layers over [input, hidden], and no non-linearity anywhere.

    hidden' = i2h([input, hidden])        output = i2o([input, hidden])

The output that counts is that of the last symbol, so `i2o` is applied to it alone; it reads the state that the
symbols before it left.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from charnn_cli.model.embeddings import one_hot
from charnn_cli.model.layers import Unrolling
from charnn_cli.model.layout import Layout
from charnn_cli.text.alphabet import PADDING


def lesson_logits(i2h: nn.Linear, i2o: nn.Linear, symbols: Tensor, lengths: Tensor, how: Unrolling) -> Tensor:
    """Symbols (B, T) of names of these lengths (B,) → logits (B, C); a name without symbols is a zero input."""
    num_symbols = i2h.in_features - i2h.out_features
    if len(symbols) == 1:  # one name, as the lesson trains, needs no layout
        length = int(lengths[0])
        vectors = (
            one_hot(symbols[0, :length], num_symbols) if length else i2h.weight.new_zeros(1, num_symbols)
        )  # (T, V)
        states = _states(i2h, vectors[:-1], [1] * (len(vectors) - 1), how)
        hidden = states[-1] if states else vectors.new_zeros(1, i2h.out_features)  # (1, H)
        last = vectors[-1:]
    else:
        before = Layout.of(lengths - 1, symbols.shape[1])
        vectors = one_hot(symbols.flatten()[before.sources], num_symbols)  # (L, V)
        states = _states(i2h, vectors, before.sizes, how)
        by_row = torch.cat(states) if states else vectors.new_zeros(0, i2h.out_features)
        hidden = before.batch(by_row[before.last])  # (B, H)
        ends = (lengths - 1).clamp(min=0)
        last = one_hot(symbols.gather(1, ends[:, None])[:, 0].where(lengths > 0, PADDING), num_symbols)
    if how.every and how.cut:
        hidden = torch.where(((lengths - 1) % how.every == 0)[:, None], hidden.detach(), hidden)
    return functional.linear(torch.cat((last, hidden), dim=1), i2o.weight, i2o.bias)


def _states(i2h: nn.Linear, vectors: Tensor, sizes: list[int], how: Unrolling) -> list[Tensor]:
    """Packed vectors (L, V), of which `sizes` belong to each step → the state after each step, [(size, H)]."""
    num_symbols = vectors.shape[1]
    recurrent = i2h.weight[:, num_symbols:].t()  # (H, H)
    hidden = vectors.new_zeros(sizes[0] if sizes else 1, i2h.out_features)
    states = []
    products = functional.linear(vectors, i2h.weight[:, :num_symbols], i2h.bias)  # (L, H)
    for step, inputs in enumerate(torch.split(products, sizes)):
        if how.every and how.cut and step % how.every == 0:
            hidden = hidden.detach()
        hidden = torch.addmm(inputs, hidden[: len(inputs)], recurrent)
        states.append(hidden)
    if how.states is not None:
        how.states.append(states)
    return states
