"""The whole network: independence of a name from its batch, names without symbols, learning, and the way to arrays."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from charnn_cli.architecture import Architecture
from charnn_cli.model import NameClassifier, from_trained, ngram_batch, to_tensors
from charnn_cli.text import TextRules
from charnn_cli.text.alphabet import Alphabet
from charnn_cli.text.ngrams import NgramVocabulary
from charnn_cli.trained import TrainedModel

NAMES = ["hinton", "satoshi", "dovesky", "jackson", "o'brien", "li", "nguyen", "papadopoulos"]
ALPHABET = Alphabet.learned(NAMES)
LABELS = tuple("ABCDEFGH")
CELLS = [
    ("lesson", "tanh"),
    *product(["rnn"], ["tanh", "relu", "sigmoid"]),
    ("gru", "tanh"),
    ("lstm", "tanh"),
    ("mlp", "tanh"),
]
VOCABULARY = NgramVocabulary.learned(ALPHABET.encode(NAMES, boundaries=True), (2, 3), min_count=1, max_size=1000)


def architecture(cell: str, activation: str = "tanh", **choices) -> Architecture:
    shape = {"cell": cell, "activation": activation, "hidden_size": 16, "embedding_size": 8, "ngram_orders": (2, 3)}
    if cell in ("lesson", "mlp"):
        shape |= {"input": "one_hot", "bidirectional": False, "wide": False}
    return Architecture(**(shape | choices))


def network(shape: Architecture, **options) -> NameClassifier:
    """A fresh network whose wide part, zero at first, has something to say."""
    torch.manual_seed(0)
    model = NameClassifier(
        shape, num_symbols=len(ALPHABET), num_labels=len(LABELS), num_ngrams=len(VOCABULARY), **options
    )
    if shape.wide:
        with torch.no_grad():
            model.wide.weight[1:] = torch.randn(len(VOCABULARY), len(LABELS))
    return model


def batch(names: list[str], boundaries: bool) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    symbols = ALPHABET.encode(names, boundaries=boundaries)
    padded = symbols.padded(np.arange(len(names)))
    return torch.from_numpy(padded).long(), torch.from_numpy(symbols.lengths), ngram_batch(VOCABULARY, padded)


letters = st.text(alphabet="abehinorstuvy'xz", max_size=12)


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
@pytest.mark.parametrize(("cell", "activation"), CELLS)
@settings(max_examples=8, deadline=None)
@given(names=st.lists(letters, min_size=1, max_size=6), boundaries=st.booleans(), extra=st.integers(0, 3))
def test_a_names_logits_do_not_depend_on_its_batch(cell, activation, pooling, names, boundaries, extra) -> None:
    if cell in ("lesson", "mlp") and pooling != "last":
        return
    layers = {} if cell in ("lesson", "mlp") else {"num_layers": 2}
    model = network(architecture(cell, activation, pooling=pooling, **layers)).eval()
    symbols, lengths, ngrams = batch(names, boundaries)
    wider = [functional.pad(symbols, (0, extra)), lengths, functional.pad(ngrams, (0, 0, 0, extra))]
    together = model(*wider)
    assert together.isfinite().all()
    for row, name in enumerate(names):
        torch.testing.assert_close(together[row], model(*batch([name], boundaries))[0], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
@pytest.mark.parametrize(("cell", "activation"), CELLS)
def test_junk_in_the_padding_changes_nothing(cell, activation, pooling) -> None:
    model = network(architecture(cell, activation, pooling=pooling)).eval()
    symbols, lengths, ngrams = batch(NAMES, True)
    padding = torch.arange(symbols.shape[1]) >= lengths[:, None]
    junk = symbols.masked_fill(padding, 7), lengths, ngrams.masked_fill(padding[:, :, None], 5)
    assert torch.equal(model(*junk), model(symbols, lengths, ngrams))


@pytest.mark.parametrize(("cell", "activation"), CELLS)
@pytest.mark.parametrize("truncate_every", [None, 2])
def test_a_name_without_symbols_gets_the_bias_and_learns_without_a_nan(cell, activation, truncate_every) -> None:
    model = network(architecture(cell, activation), truncate_every=truncate_every)
    bias = model.i2o.bias if cell == "lesson" else model.head.bias
    for names in ([""], ["", ""], ["li", "", "nguyen"]):
        model.zero_grad()
        logits = model(*batch(names, False))
        if cell != "mlp":  # an mlp's hidden layer has a bias of its own
            torch.testing.assert_close(logits[names.index("")], bias)
        logits.sum().backward()
        assert all(value.grad is None or value.grad.isfinite().all() for value in model.parameters())


@pytest.mark.parametrize(("cell", "activation"), CELLS)
def test_eight_names_are_learned_by_heart(cell, activation) -> None:
    """The network without n-grams, so that the cell itself has to tell the names apart."""
    plain = {"input": "one_hot", "wide": False, "hidden_size": 32}
    model = network(
        architecture(cell, activation, **plain), initialisation="orthogonal" if cell == "rnn" else "default"
    )
    symbols, lengths, _ = batch(NAMES, True)
    origins = torch.arange(len(NAMES))
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(300):
        loss = functional.cross_entropy(model(symbols, lengths), origins)
        if loss < 0.02:
            break
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    assert loss < 0.02
    assert torch.equal(model(symbols, lengths).argmax(dim=1), origins)


@pytest.mark.parametrize(
    "shape", [architecture("gru", pooling="attention"), architecture("lesson"), architecture("mlp")]
)
def test_the_way_to_arrays_and_back_changes_nothing(shape) -> None:
    model = network(shape)
    tensors = to_tensors(model)
    assert all(value.dtype == np.float32 and value.flags.c_contiguous for value in tensors.values())
    trained = TrainedModel(LABELS, TextRules(), ALPHABET, shape, tensors, VOCABULARY, np.full(8, 1 / 8))
    again = from_trained(trained, dropout=0.3)
    assert again.dropout.p == (0.0 if shape.cell == "lesson" else 0.3)
    assert torch.equal(again.eval()(*batch(NAMES, True)), model.eval()(*batch(NAMES, True)))


def test_arrays_are_copies() -> None:
    model = network(architecture("gru"))
    tensors = to_tensors(model)
    before = tensors["head.bias"].copy()
    with torch.no_grad():
        model.head.bias += 1.0
    assert np.array_equal(tensors["head.bias"], before)


def test_arrays_of_another_architecture_are_refused() -> None:
    tensors = to_tensors(network(architecture("gru")))
    trained = TrainedModel(LABELS, TextRules(), ALPHABET, architecture("lstm"), tensors, VOCABULARY, np.full(8, 1 / 8))
    with pytest.raises(RuntimeError, match="weight_ih"):
        from_trained(trained)
