"""One-hot letters, embeddings, the wide part, and their dropouts."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from charnn_cli.architecture import Architecture
from charnn_cli.model import NameClassifier, ngram_batch
from charnn_cli.model.embeddings import Dropout, NgramSum, OneHot
from charnn_cli.text.alphabet import BEGIN, PADDING, UNKNOWN, Alphabet
from charnn_cli.text.ngrams import NgramVocabulary

NUM_SYMBOLS, NUM_LABELS, NUM_NGRAMS = 9, 3, 20
LENGTHS = torch.tensor([4, 2, 5])
NAMES, STEPS, ORDERS = 3, 5, 2
OPTIONS = ("dropout", "wide_dropout")


def network(**choices) -> NameClassifier:
    torch.manual_seed(0)
    options = {key: choices.pop(key) for key in OPTIONS if key in choices}
    shape = {"hidden_size": 4, "embedding_size": 3, "ngram_orders": (2, 3)} | choices
    return NameClassifier(
        Architecture(**shape), num_symbols=NUM_SYMBOLS, num_labels=NUM_LABELS, num_ngrams=NUM_NGRAMS, **options
    )


def batch() -> tuple[Tensor, Tensor, Tensor]:
    """Symbols with an unknown letter, lengths, and rows of n-grams, some of them unknown; junk in the padding."""
    generator = torch.Generator().manual_seed(1)
    symbols = torch.randint(BEGIN, NUM_SYMBOLS, (NAMES, STEPS), generator=generator)
    symbols[0, 1] = UNKNOWN
    ngrams = torch.randint(1, NUM_NGRAMS + 1, (NAMES, STEPS, ORDERS), generator=generator)
    ngrams[:, 0] = 0
    return symbols, LENGTHS, ngrams


def test_one_hot_of_padding_and_unknown_is_zero() -> None:
    vectors = OneHot(NUM_SYMBOLS)(torch.tensor([PADDING, UNKNOWN, BEGIN, 8]))
    assert vectors.sum(dim=1).tolist() == [0.0, 0.0, 1.0, 1.0]
    assert vectors[3, 8] == 1.0


def test_wide_part_adds_the_ngrams_weights_over_the_root_of_the_length() -> None:
    narrow, wide = network(wide=False), network()
    with torch.no_grad():
        wide.wide.weight[1:] = torch.randn(NUM_NGRAMS, NUM_LABELS)
    wide.load_state_dict(narrow.state_dict(), strict=False)
    symbols, lengths, ngrams = batch()
    added = wide(symbols, lengths, ngrams) - narrow(symbols, lengths)
    for name, length in enumerate(LENGTHS.tolist()):
        total = sum(wide.wide.weight[row] for row in ngrams[name, :length].flatten())
        torch.testing.assert_close(added[name], total / length**0.5)


def test_ngrams_that_are_needed_and_not_given_are_asked_for() -> None:
    with pytest.raises(ValueError, match="n-grams"):
        network()(*batch()[:2])


@pytest.mark.parametrize("optimiser", [torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW])
def test_rows_of_padding_unknown_and_no_ngram_are_zero_and_stay_zero(optimiser) -> None:
    model = network(wide_dropout=0.3)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    steps = optimiser(model.parameters(), lr=0.1, weight_decay=0.1)
    for _ in range(3):
        steps.zero_grad()
        functional.cross_entropy(model(*batch()), torch.tensor([0, 1, 2])).backward()
        steps.step()
    assert model.embedding.weight[[PADDING, UNKNOWN]].eq(0.0).all()
    assert model.wide.weight[0].eq(0.0).all()
    for name, value in model.state_dict().items():
        assert not torch.equal(value, before[name]), name


def test_ngram_dropout_leaves_out_whole_ngrams_and_keeps_the_mean() -> None:
    torch.manual_seed(0)
    table = NgramSum(2, 4, dropout=0.25)
    with torch.no_grad():
        table.weight[1:] = torch.randn(2, 4)
    sums = table(torch.tensor([[1]]).expand(4000, 1))
    dropped = sums.eq(0.0).all(dim=1)
    torch.testing.assert_close(sums[~dropped], (table.weight[1] / 0.75).expand(int((~dropped).sum()), 4))
    assert abs(float(dropped.float().mean()) - 0.25) < 0.03
    table.eval()
    torch.testing.assert_close(table(torch.tensor([[1, 2]]))[0], table.weight[1] + table.weight[2])


@pytest.mark.parametrize("option", OPTIONS)
def test_dropout_acts_while_training_and_only_then(option) -> None:
    plain, dropping = network(), network(**{option: 0.5})
    with torch.no_grad():
        plain.wide.weight[1:] = torch.randn(NUM_NGRAMS, NUM_LABELS)
    dropping.load_state_dict(plain.state_dict())
    assert not torch.allclose(dropping(*batch()), plain(*batch()))
    assert torch.equal(dropping.eval()(*batch()), plain.eval()(*batch()))


def test_dropout_falls_on_inputs_between_layers_and_before_the_head() -> None:
    model = network(wide=False, num_layers=2, dropout=0.5)
    zeroed = []
    model.dropout.register_forward_hook(lambda _module, _inputs, output: zeroed.append(output.shape[1]))
    model(*batch()[:2])
    assert zeroed == [3, 8, 8]  # embedding, first layer's two directions, features


def test_ngram_batch_holds_the_rows_of_each_ngram() -> None:
    alphabet = Alphabet.learned(["abc"])
    symbols = alphabet.encode(["abc", "ab", "b"], boundaries=False)
    vocabulary = NgramVocabulary.learned(symbols, (2, 3), min_count=1, max_size=10)
    rows = ngram_batch(vocabulary, symbols.padded(np.arange(3)))
    assert rows.shape == (3, 3, 2)
    assert rows.dtype == torch.int64
    by_name = {name: rows[index] for index, name in enumerate(("abc", "ab", "b"))}
    assert by_name["abc"][1, 0] == by_name["ab"][1, 0] > 0  # "ab"
    assert sorted(by_name["abc"].flatten().tolist()) == [0, 0, 0, 1, 2, 3]
    assert by_name["b"].sum() == 0


def test_dropout_leaves_out_the_share_that_is_asked_for_and_keeps_the_mean() -> None:
    dropout, values = Dropout(0.3), torch.ones(301, 101)
    torch.manual_seed(0)
    dropped = dropout(values)
    assert dropped.unique().tolist() == pytest.approx([0.0, 1 / 0.7])
    assert (dropped == 0).float().mean().item() == pytest.approx(0.3, abs=0.01)
    assert (dropped == 0).float().mean(dim=0).std().item() == pytest.approx((0.21 / 301) ** 0.5, rel=0.3)
    assert not torch.equal(dropout(values), dropped)
    torch.manual_seed(0)
    assert torch.equal(dropout(values), dropped)
    assert torch.equal(dropout.eval()(values), values)
