"""Each pooling against a naive loop over the states of each name."""

import pytest
import torch
from torch import Tensor, nn

from charnn_cli.model.layers import Layout
from charnn_cli.model.network import pool

LENGTHS = torch.tensor([2, 0, 4, 1, 4])
HIDDEN = 3


def packed_states(seed: int = 0) -> tuple[Layout, Tensor, list[Tensor]]:
    """A layout, packed states (L, 2·H), and the same states name by name (T_n, 2·H)."""
    torch.manual_seed(seed)
    layout = Layout.of(LENGTHS, 4)
    states = torch.randn(int(LENGTHS.sum()), 2 * HIDDEN) - 1.0
    by_place = {int(place): state for place, state in zip(layout.sources, states, strict=True)}
    return (
        layout,
        states,
        [
            torch.stack([by_place[4 * name + step] for step in range(length)]) if length else torch.zeros(0, 2 * HIDDEN)
            for name, length in enumerate(LENGTHS.tolist())
        ],
    )


def naive(states: Tensor, pooling: str, attention: nn.Linear) -> Tensor:
    if pooling == "last":
        return torch.cat((states[-1, :HIDDEN], states[0, HIDDEN:]))
    if pooling == "mean":
        return sum(states) / len(states)
    if pooling == "max":
        return torch.stack([max(column, key=float) for column in states.t()])
    scores = torch.stack([(attention(state)).exp() for state in states])
    return sum(score / scores.sum() * state for score, state in zip(scores, states, strict=True))


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
def test_pooling_equals_a_naive_loop_and_padding_is_never_read(pooling) -> None:
    layout, states, by_name = packed_states()
    attention = nn.Linear(2 * HIDDEN, 1)
    features = pool([states[:, :HIDDEN], states[layout.mirrored, HIDDEN:]], layout, pooling, attention)
    for feature, of_name in zip(features, by_name, strict=True):
        wanted = naive(of_name, pooling, attention) if len(of_name) else torch.zeros(2 * HIDDEN)
        torch.testing.assert_close(feature, wanted)


def test_last_of_one_direction_is_the_state_at_the_last_symbol() -> None:
    layout, states, by_name = packed_states()
    for feature, of_name in zip(pool([states], layout, "last", None), by_name, strict=True):
        torch.testing.assert_close(feature, of_name[-1] if len(of_name) else torch.zeros(2 * HIDDEN))


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
def test_no_name_with_a_symbol_pools_to_zeros(pooling) -> None:
    layout = Layout.of(torch.tensor([0, 0]), 0)
    features = pool([torch.zeros(0, 2)], layout, pooling, nn.Linear(2, 1))
    assert features.tolist() == [[0.0, 0.0], [0.0, 0.0]]
