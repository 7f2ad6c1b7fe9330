"""The states of a name → the one vector that the head reads."""

import torch
from torch import Tensor, nn

from charnn_cli.architecture import Pooling
from charnn_cli.model.layout import Layout


def pool(states: Tensor, layout: Layout, pooling: Pooling, attention: nn.Linear | None, directions: int) -> Tensor:
    """Packed states (L, D) → features (B, D), zero for a name without symbols.

    `last` takes the forward state at the last symbol beside the backward state at the first; `mean` and `max` run
    over the symbols; `attention` is the sum of the states weighted by softmax(attention · state) over the symbols.
    """
    if pooling == "last":
        return layout.batch(_last(states, layout, directions))
    matrix, inside = layout.padded(states)  # (N, T, D), (N, T)
    if pooling == "mean":
        return layout.batch(matrix.sum(dim=1) / layout.lengths[:, None])
    if not len(layout.names):  # neither a greatest nor a softmax of nothing
        return layout.batch(states)
    if pooling == "max":
        return layout.batch(matrix.masked_fill(~inside[:, :, None], -torch.inf).amax(dim=1))
    if attention is None:
        raise ValueError("pooling 'attention' needs the attention layer")
    scores = attention(matrix).squeeze(2).masked_fill(~inside, -torch.inf)  # (N, T)
    return layout.batch((scores.softmax(dim=1)[:, :, None] * matrix).sum(dim=1))


def _last(states: Tensor, layout: Layout, directions: int) -> Tensor:
    if directions == 1:
        return states[layout.last]
    hidden_size = states.shape[1] // 2
    return torch.cat((states[layout.last, :hidden_size], states[: len(layout.names), hidden_size:]), dim=1)
