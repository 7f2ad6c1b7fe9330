"""Gradients of the loss with respect to hidden states, against ones worked out by hand."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from charnn_cli.architecture import Architecture
from charnn_cli.errors import UsageError
from charnn_cli.model import NameClassifier, hidden_state_gradients

NUM_SYMBOLS, NUM_LABELS, HIDDEN = 9, 3, 4
LENGTHS = torch.tensor([2, 5, 0, 3])
ORIGINS = torch.tensor([0, 2, 1, 1])


def network(**choices) -> NameClassifier:
    torch.manual_seed(0)
    options = {key: choices.pop(key) for key in ("initialisation", "truncate_every", "dropout") if key in choices}
    shape = {"hidden_size": HIDDEN, "input": "one_hot", "bidirectional": False, "wide": False} | choices
    return NameClassifier(Architecture(**shape), num_symbols=NUM_SYMBOLS, num_labels=NUM_LABELS, **options)


def symbols() -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(4, NUM_SYMBOLS, (4, 5), generator=generator)


def output_gradient(model: NameClassifier, row: int) -> np.ndarray:
    """Gradient of a name's cross-entropy with respect to its logits: softmax minus the one of its origin."""
    logits = model(symbols(), LENGTHS)[row].detach()
    return (logits.softmax(0) - functional.one_hot(ORIGINS[row], NUM_LABELS)).numpy().astype(np.float64)


def test_vanilla_network_equals_the_chain_rule_by_hand() -> None:
    model = network(cell="rnn", dropout=0.5, truncate_every=2)
    norms = hidden_state_gradients(model, symbols(), LENGTHS, None, ORIGINS)
    model.eval()
    weights = {name: value.double().numpy() for name, value in model.state_dict().items()}
    recurrent = weights["layers.0.forward.weight_hh"]
    for row, length in enumerate(LENGTHS.tolist()):
        hidden, states = np.zeros(HIDDEN), []
        for symbol in symbols()[row, :length]:
            hidden = np.tanh(
                weights["layers.0.forward.weight_ih"][:, symbol]
                + weights["layers.0.forward.bias_ih"]
                + recurrent @ hidden
                + weights["layers.0.forward.bias_hh"]
            )
            states.append(hidden)
        gradient, wanted = weights["head.weight"].T @ output_gradient(model, row), []
        for state in reversed(states):
            wanted.append(np.linalg.norm(gradient))
            gradient = recurrent.T @ ((1 - state**2) * gradient)
        np.testing.assert_allclose(norms[row], wanted, rtol=1e-4)


def test_lesson_network_equals_powers_of_its_matrix() -> None:
    model = network(cell="lesson")
    norms = hidden_state_gradients(model, symbols(), LENGTHS, None, ORIGINS)
    assert [len(of_name) for of_name in norms] == [1, 4, 0, 2]
    onward = model.i2h.weight.detach().double().numpy()[:, NUM_SYMBOLS:]
    gradient = model.i2o.weight.detach().double().numpy()[:, NUM_SYMBOLS:].T @ output_gradient(model, 1)
    for norm in norms[1]:
        assert norm == pytest.approx(np.linalg.norm(gradient), rel=1e-4)
        gradient = onward.T @ gradient


def test_identity_with_relu_keeps_the_norm_where_units_are_on() -> None:
    model = network(cell="rnn", activation="relu", initialisation="identity")
    with torch.no_grad():
        model.layers[0].directions()[0].weight_ih.abs_()
    norms = hidden_state_gradients(model, symbols(), LENGTHS, None, ORIGINS)
    np.testing.assert_allclose(norms[1], np.full(5, norms[1][0]), rtol=1e-5)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("choices", [{"activation": "sigmoid"}, {"bidirectional": True, "num_layers": 2}])
def test_a_names_norms_do_not_depend_on_the_others(cell, choices) -> None:
    model = network(cell=cell, **choices)
    together = hidden_state_gradients(model, symbols(), LENGTHS, None, ORIGINS)
    assert [len(of_name) for of_name in together] == LENGTHS.tolist()
    for row, length in enumerate(LENGTHS.tolist()):
        part = slice(row, row + 1)
        alone = hidden_state_gradients(model, symbols()[part, :length], LENGTHS[part], None, ORIGINS[part])
        np.testing.assert_allclose(alone[0], together[row], rtol=1e-4)
        assert (together[row] > 0).all()


@pytest.mark.parametrize("pooling", ["mean", "max", "attention"])
def test_every_way_to_the_loss_counts(pooling) -> None:
    model = network(cell="gru", pooling=pooling, input="embedding", embedding_size=3)
    norms = hidden_state_gradients(model, symbols(), LENGTHS, None, ORIGINS)[1]
    # the slope of the loss along each unit of the last state, by finite differences
    layer = model.layers[0]

    def loss(shift: torch.Tensor) -> float:
        handle = layer.register_forward_hook(lambda _module, _inputs, told: [[told[0][0] + shift * at_the_end]])
        try:
            return functional.cross_entropy(model(symbols()[1:2], LENGTHS[1:2]), ORIGINS[1:2]).item()
        finally:
            handle.remove()

    at_the_end = (torch.arange(5) == 4)[:, None].double()
    model.double()
    slopes = [(loss(1e-4 * unit) - loss(-1e-4 * unit)) / 2e-4 for unit in torch.eye(HIDDEN, dtype=torch.float64)]
    assert norms[0] == pytest.approx(np.linalg.norm(slopes), rel=1e-3)


def test_introspection_leaves_the_network_as_it_was() -> None:
    model = network(cell="gru")
    model.train()
    hidden_state_gradients(model, symbols(), LENGTHS, None, ORIGINS)
    assert model.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_an_mlp_has_no_states_to_look_at() -> None:
    with pytest.raises(UsageError, match="no hidden states"):
        hidden_state_gradients(network(cell="mlp"), symbols(), LENGTHS, None, ORIGINS)
