"""First values of the weights: each scheme is what it says, block by block."""

from math import sqrt

import pytest
import torch
from torch import Tensor

from charnn_cli.architecture import Architecture
from charnn_cli.model import NameClassifier

HIDDEN, EMBEDDING = 48, 32
CELLS = ["rnn", "gru", "lstm"]


def network(cell: str, scheme: str, **options) -> NameClassifier:
    torch.manual_seed(0)
    lesson = {"input": "one_hot", "bidirectional": False} if cell == "lesson" else {"input": "embedding"}
    shape = {"cell": cell, "hidden_size": HIDDEN, "embedding_size": EMBEDDING, "wide": False, "num_layers": 1} | lesson
    return NameClassifier(Architecture(**shape), num_symbols=40, num_labels=18, initialisation=scheme, **options)


def blocks(model: NameClassifier, parameter: str) -> list[Tensor]:
    """The blocks of each gate, of every direction."""
    values = [value for name, value in model.state_dict().items() if name.endswith(f".{parameter}")]
    return [block for value in values for block in value.split(HIDDEN)]


def biases(model: NameClassifier) -> list[Tensor]:
    return [*blocks(model, "bias_ih"), *blocks(model, "bias_hh")]


@pytest.mark.parametrize("cell", CELLS)
def test_default_is_torchs_uniform(cell) -> None:
    model = network(cell, "default", forget_bias=0.0)
    for block in [*blocks(model, "weight_ih"), *blocks(model, "weight_hh")]:
        assert 0.95 / sqrt(HIDDEN) < block.abs().max() <= 1 / sqrt(HIDDEN)
    assert any(block.any() for block in biases(model))


@pytest.mark.parametrize("cell", CELLS)
def test_xavier_keeps_its_bound_in_every_block(cell) -> None:
    model = network(cell, "xavier", forget_bias=0.0)
    for parameter, inputs in (("weight_ih", EMBEDDING), ("weight_hh", HIDDEN)):
        bound = sqrt(6 / (inputs + HIDDEN))
        for block in blocks(model, parameter):
            assert 0.97 * bound < block.abs().max() <= bound
    assert not any(block.any() for block in biases(model))


@pytest.mark.parametrize("cell", CELLS)
def test_he_has_the_variance_for_rectified_units(cell) -> None:
    model = network(cell, "he", forget_bias=0.0)
    for parameter, inputs in (("weight_ih", EMBEDDING), ("weight_hh", HIDDEN)):
        for block in blocks(model, parameter):
            assert block.var().item() == pytest.approx(2 / inputs, rel=0.15)
    assert not any(block.any() for block in biases(model))


@pytest.mark.parametrize("cell", CELLS)
def test_orthogonal_blocks_are_orthogonal(cell) -> None:
    recurrent = blocks(network(cell, "orthogonal"), "weight_hh")
    for block in recurrent:
        torch.testing.assert_close(block @ block.t(), torch.eye(HIDDEN), atol=1e-5, rtol=0)
        assert not torch.allclose(block, torch.eye(HIDDEN), atol=0.1)


@pytest.mark.parametrize("cell", CELLS)
def test_identity_blocks_are_the_identity_and_biases_zero(cell) -> None:
    model = network(cell, "identity", forget_bias=0.0)
    for block in blocks(model, "weight_hh"):
        assert torch.equal(block, torch.eye(HIDDEN))
    assert not any(block.any() for block in biases(model))
    assert all(block.any() for block in blocks(model, "weight_ih"))


@pytest.mark.parametrize("scheme", ["default", "xavier", "he", "orthogonal", "identity"])
def test_forget_bias_is_on_the_forget_gate_alone(scheme) -> None:
    model = network("lstm", scheme, forget_bias=2.5)
    into, onward = blocks(model, "bias_ih"), blocks(model, "bias_hh")
    for direction in (0, 4):
        assert into[direction + 1].eq(2.5).all()
        assert onward[direction + 1].eq(0.0).all()
        for gate in (0, 2, 3):
            assert not into[direction + gate].eq(2.5).any()
            assert bool(into[direction + gate].any()) == (scheme == "default")


def test_forget_bias_leaves_a_gru_alone() -> None:
    for one, other in zip(*(biases(network("gru", "default", forget_bias=value)) for value in (0.0, 2.5)), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("scheme", ["xavier", "he", "orthogonal", "identity"])
def test_the_lessons_state_columns_are_the_recurrent_block(scheme) -> None:
    model = network("lesson", scheme)
    weight = model.state_dict()["i2h.weight"]
    inputs, recurrent = weight[:, :40], weight[:, 40:]
    assert not model.i2h.bias.any()
    if scheme == "identity":
        assert torch.equal(recurrent, torch.eye(HIDDEN))
    elif scheme == "orthogonal":
        torch.testing.assert_close(recurrent @ recurrent.t(), torch.eye(HIDDEN), atol=1e-5, rtol=0)
    elif scheme == "he":
        assert recurrent.var().item() == pytest.approx(2 / HIDDEN, rel=0.15)
        assert inputs.var().item() == pytest.approx(2 / 40, rel=0.15)
    else:
        assert recurrent.abs().max() <= sqrt(6 / (2 * HIDDEN))
        assert inputs.abs().max() <= sqrt(6 / (40 + HIDDEN))


@pytest.mark.parametrize(("scheme", "variance"), [("xavier", 2 / (EMBEDDING + HIDDEN)), ("he", 2 / EMBEDDING)])
def test_the_mlps_layer_is_drawn_too(scheme, variance) -> None:
    model = network("mlp", scheme)
    assert model.state_dict()["layers.0.weight"].var().item() == pytest.approx(variance, rel=0.15)
    assert not model.state_dict()["layers.0.bias"].any()


def test_the_same_seed_draws_the_same_weights() -> None:
    one, other = network("gru", "default").state_dict(), network("gru", "default").state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)
