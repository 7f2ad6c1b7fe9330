"""Each cell against torch's own module with the same weights, or against a naive loop where torch has none."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence

from charnn_cli.architecture import Architecture
from charnn_cli.model import NameClassifier
from charnn_cli.text.alphabet import PADDING, UNKNOWN

NUM_SYMBOLS, NUM_LABELS, HIDDEN, EMBEDDING = 12, 4, 5, 3
LENGTHS = torch.tensor([3, 7, 1, 5, 7, 2])
NAMES, STEPS = len(LENGTHS), 7
PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def network(seed: int = 0, **choices) -> NameClassifier:
    torch.manual_seed(seed)
    options = {key: choices.pop(key) for key in ("truncate_every", "initialisation") if key in choices}
    shape = {"hidden_size": HIDDEN, "embedding_size": EMBEDDING, "input": "embedding", "wide": False} | choices
    return NameClassifier(Architecture(**shape), num_symbols=NUM_SYMBOLS, num_labels=NUM_LABELS, **options)


def symbols() -> Tensor:
    generator = torch.Generator().manual_seed(1)
    letters = torch.randint(UNKNOWN + 1, NUM_SYMBOLS, (NAMES, STEPS), generator=generator)
    return letters.masked_fill(torch.arange(STEPS) >= LENGTHS[:, None], PADDING)


def with_the_weights_of(model: NameClassifier, module: nn.RNNBase) -> nn.RNNBase:
    """torch's module, its weights copied from the network's."""
    weights = model.state_dict()
    with torch.no_grad():
        for name in module.state_dict():
            parameter, layer = name.removesuffix("_reverse").rsplit("_l", 1)
            direction = "backward" if name.endswith("_reverse") else "forward"
            getattr(module, name).copy_(weights[f"layers.{layer}.{direction}.{parameter}"])
    return module


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize(
    ("cell", "activation", "module"),
    [("gru", "tanh", nn.GRU), ("lstm", "tanh", nn.LSTM), ("rnn", "tanh", nn.RNN), ("rnn", "relu", nn.RNN)],
)
def test_cell_equals_torchs_module_over_packed_names(cell, activation, module, num_layers, bidirectional) -> None:
    model = network(cell=cell, activation=activation, num_layers=num_layers, bidirectional=bidirectional)
    options = {"nonlinearity": activation} if module is nn.RNN else {}
    theirs = with_the_weights_of(
        model, module(EMBEDDING, HIDDEN, num_layers, batch_first=True, bidirectional=bidirectional, **options)
    )
    vectors = model.state_dict()["embedding.weight"][symbols()]  # (B, T, E)
    _, state = theirs(pack_padded_sequence(vectors, LENGTHS, batch_first=True, enforce_sorted=False))
    hidden = state[0] if cell == "lstm" else state  # (layers·directions, B, H)
    features = torch.cat((hidden[-2], hidden[-1]), dim=1) if bidirectional else hidden[-1]
    torch.testing.assert_close(model(symbols(), LENGTHS), model.head(features))


@pytest.mark.parametrize("bidirectional", [False, True])
def test_gradient_equals_that_of_torchs_module(bidirectional) -> None:
    model = network(cell="gru", num_layers=2, bidirectional=bidirectional)
    theirs = with_the_weights_of(model, nn.GRU(EMBEDDING, HIDDEN, 2, batch_first=True, bidirectional=bidirectional))
    vectors = model.state_dict()["embedding.weight"][symbols()].requires_grad_()
    _, state = theirs(pack_padded_sequence(vectors, LENGTHS, batch_first=True, enforce_sorted=False))
    model.head(torch.cat((state[-2], state[-1]), dim=1) if bidirectional else state[-1]).square().sum().backward()
    model.head.zero_grad()
    model(symbols(), LENGTHS).square().sum().backward()
    for layer in (0, 1):
        for direction, suffix in zip(model.layers[layer].directions(), ("", "_reverse"), strict=False):
            for parameter in PARAMETERS:
                wanted = getattr(theirs, f"{parameter}_l{layer}{suffix}").grad
                torch.testing.assert_close(getattr(direction, parameter).grad, wanted)
    reached = torch.zeros_like(model.embedding.weight).index_add(0, symbols().flatten(), vectors.grad.flatten(0, 1))
    torch.testing.assert_close(model.embedding.weight.grad[2:], reached[2:])


@pytest.mark.parametrize("num_layers", [1, 2])
def test_sigmoid_cell_equals_a_naive_loop(num_layers) -> None:
    model = network(cell="rnn", activation="sigmoid", num_layers=num_layers)
    weights = model.state_dict()

    def read(layer: int, direction: str, vectors: list[Tensor]) -> list[Tensor]:
        weight_ih, weight_hh, bias_ih, bias_hh = (weights[f"layers.{layer}.{direction}.{name}"] for name in PARAMETERS)
        hidden, states = torch.zeros(HIDDEN), []
        for vector in vectors if direction == "forward" else vectors[::-1]:
            hidden = torch.sigmoid(weight_ih @ vector + bias_ih + weight_hh @ hidden + bias_hh)
            states.append(hidden)
        return states if direction == "forward" else states[::-1]

    for name, length, logits in zip(symbols(), LENGTHS, model(symbols(), LENGTHS), strict=True):
        vectors = [weights["embedding.weight"][symbol] for symbol in name[:length]]
        for layer in range(num_layers):
            forward, backward = read(layer, "forward", vectors), read(layer, "backward", vectors)
            vectors = [torch.cat(pair) for pair in zip(forward, backward, strict=True)]
        features = torch.cat((vectors[-1][:HIDDEN], vectors[0][HIDDEN:]))
        torch.testing.assert_close(logits, model.head(features))


def lesson_network(**choices) -> NameClassifier:
    return network(cell="lesson", input="one_hot", bidirectional=False, **choices)


def naive_lesson(model: NameClassifier, name: Tensor) -> Tensor:
    """The lesson's own loop: [input, hidden] through i2h and i2o, letter by letter."""
    hidden, output = torch.zeros(HIDDEN), torch.zeros(NUM_LABELS)
    for symbol in name:
        vector = torch.zeros(NUM_SYMBOLS)
        if symbol not in (PADDING, UNKNOWN):
            vector[symbol] = 1.0
        combined = torch.cat((vector, hidden))
        hidden = functional.linear(combined, model.i2h.weight, model.i2h.bias)
        output = model.i2o(combined)
    return output


def test_lesson_cell_equals_a_naive_loop_alone_and_in_a_batch() -> None:
    model, names = lesson_network(), symbols()
    names[0, 1] = UNKNOWN
    together = model(names, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        wanted = naive_lesson(model, names[row, :length])
        torch.testing.assert_close(together[row], wanted)
        torch.testing.assert_close(model(names[row : row + 1, :length], LENGTHS[row : row + 1])[0], wanted)


@pytest.mark.parametrize("rows", [slice(1, 2), slice(None)])
def test_lesson_cell_learns_as_the_naive_loop_does(rows) -> None:
    model, names, lengths = lesson_network(), symbols()[rows], LENGTHS[rows]
    ours = torch.autograd.grad(model(names, lengths).square().sum(), list(model.parameters()))
    loss = sum(naive_lesson(model, name[:length]).square().sum() for name, length in zip(names, lengths, strict=True))
    theirs = torch.autograd.grad(loss, list(model.parameters()))
    for mine, wanted in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, wanted)


@pytest.mark.parametrize("kind", ["one_hot", "embedding"])
def test_mlp_equals_a_naive_sum_over_the_letters(kind) -> None:
    model, names = network(cell="mlp", input=kind), symbols()
    names[1, 2] = UNKNOWN
    table = torch.eye(NUM_SYMBOLS) if kind == "one_hot" else model.embedding.weight.detach().clone()
    table[[PADDING, UNKNOWN]] = 0.0
    for name, length, logits in zip(names, LENGTHS.tolist(), model(names, LENGTHS), strict=True):
        bag = sum(table[symbol] for symbol in name[:length]) / length
        torch.testing.assert_close(logits, model.head(torch.relu(model.layers[0](bag))))


def test_mlp_does_not_see_order() -> None:
    model = network(cell="mlp")
    name = symbols()[1:2]
    torch.testing.assert_close(model(name, LENGTHS[1:2]), model(name.flip(1), LENGTHS[1:2]))
    recurrent = network(cell="gru")
    assert not torch.allclose(recurrent(name, LENGTHS[1:2]), recurrent(name.flip(1), LENGTHS[1:2]))


@pytest.mark.parametrize("cell", ["lesson", "rnn", "gru", "lstm", "mlp"])
def test_parameters_have_the_names_and_shapes_that_are_stored(cell) -> None:
    choices = {"input": "one_hot", "bidirectional": False} if cell == "lesson" else {}
    model = network(cell=cell, **choices)
    shapes = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    rows = len(model.architecture.kind.gates) * HIDDEN
    recurrent = {
        f"layers.0.{direction}.{parameter}": shape
        for direction in ("forward", "backward")
        for parameter, shape in zip(PARAMETERS, [(rows, EMBEDDING), (rows, HIDDEN), (rows,), (rows,)], strict=True)
    }
    combined = NUM_SYMBOLS + HIDDEN
    wanted = {
        "lesson": {
            "i2h.weight": (HIDDEN, combined),
            "i2h.bias": (HIDDEN,),
            "i2o.weight": (NUM_LABELS, combined),
            "i2o.bias": (NUM_LABELS,),
        },
        "mlp": {"layers.0.weight": (HIDDEN, EMBEDDING), "layers.0.bias": (HIDDEN,)},
    }.get(cell, recurrent)
    if cell != "lesson":
        width = HIDDEN if cell == "mlp" else 2 * HIDDEN
        wanted |= {
            "embedding.weight": (NUM_SYMBOLS, EMBEDDING),
            "head.weight": (NUM_LABELS, width),
            "head.bias": (NUM_LABELS,),
        }
    assert shapes == wanted
