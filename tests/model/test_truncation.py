"""Truncated backpropagation: the same logits, no gradient to symbols before the last cut, and some after it."""

import pytest
import torch
from torch import Tensor

from charnn_cli.architecture import Architecture
from charnn_cli.model import NameClassifier

STEPS, NUM_SYMBOLS = 7, 12
NAME = torch.arange(4, 4 + STEPS)[None]  # each letter once, so that a row of the embedding is one step


def network(cell: str, every: int | None, **choices) -> NameClassifier:
    torch.manual_seed(0)
    kind = "one_hot" if cell == "lesson" else "embedding"
    shape = {"cell": cell, "hidden_size": 6, "embedding_size": 5, "input": kind, "wide": False, "bidirectional": False}
    return NameClassifier(
        Architecture(**(shape | choices)), num_symbols=NUM_SYMBOLS, num_labels=3, truncate_every=every
    )


def reached(model: NameClassifier) -> list[bool]:
    """Whether the loss sends a gradient to each of the name's symbols."""
    model(NAME, torch.tensor([STEPS])).square().sum().backward()
    if model.architecture.cell == "lesson":
        weight_gradient: Tensor = model.i2h.weight.grad + 0.0
        by_symbol = weight_gradient[:, NAME[0]].abs().sum(0)
    else:
        by_symbol = model.embedding.weight.grad[NAME[0]].abs().sum(1)
    return [bool(value > 0) for value in by_symbol]


RECURRENT = [("rnn", "tanh"), ("rnn", "relu"), ("rnn", "sigmoid"), ("gru", "tanh"), ("lstm", "tanh")]


@pytest.mark.parametrize(("cell", "activation"), RECURRENT)
@pytest.mark.parametrize(("every", "last_cut"), [(1, 6), (2, 6), (3, 6), (4, 4), (5, 5), (7, 0), (100, 0), (None, 0)])
def test_symbols_before_the_last_cut_get_exactly_nothing(cell, activation, every, last_cut) -> None:
    model = network(cell, every, activation=activation)
    assert reached(model) == [step >= last_cut for step in range(STEPS)]


@pytest.mark.parametrize(("every", "last_cut"), [(2, 6), (3, 6), (4, 4), (None, 0)])
def test_the_lessons_cell_is_cut_too(every, last_cut) -> None:
    # the state after the last symbol is never computed, so i2h never learns from it
    assert reached(network("lesson", every)) == [last_cut <= step < STEPS - 1 for step in range(STEPS)]


def test_each_direction_is_counted_from_where_it_begins_to_read() -> None:
    model = network("gru", 5, bidirectional=True)
    # forward reads 0–4 | 5 6, backward 6–2 | 1 0
    assert reached(model) == [True, True, False, False, False, True, True]


def test_a_stack_is_cut_in_every_layer() -> None:
    model = network("lstm", 4, num_layers=2)
    assert reached(model) == [False] * 4 + [True] * 3


def test_shorter_names_of_a_batch_are_cut_at_the_same_steps() -> None:
    model = network("gru", 3)
    names = torch.tensor([[4, 5, 6, 7, 8], [9, 10, 0, 0, 0]])
    model(names, torch.tensor([5, 2])).square().sum().backward()
    has_gradient = model.embedding.weight.grad.abs().sum(1) > 0
    assert has_gradient[4:11].tolist() == [False, False, False, True, True, True, True]


@pytest.mark.parametrize(("cell", "activation"), [*RECURRENT, ("lesson", "tanh")])
def test_logits_are_the_same_with_and_without(cell, activation) -> None:
    names = torch.tensor([[4, 5, 6, 7, 8], [9, 10, 0, 0, 0]])
    lengths = torch.tensor([5, 2])
    whole, cut = (network(cell, every, activation=activation) for every in (None, 2))
    torch.testing.assert_close(whole(names, lengths), cut(names, lengths))
