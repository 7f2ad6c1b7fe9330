"""The engine gives torch's logits, and the same bytes for a name whatever stands beside it."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from engine_models import NAMES, random_model
from hypothesis import given, settings
from hypothesis import strategies as st

from charnn_cli.architecture import Architecture
from charnn_cli.engine import Engine
from charnn_cli.model import from_trained, ngram_batch
from charnn_cli.text import TextRules
from charnn_cli.text.alphabet import Symbols
from charnn_cli.trained import TrainedModel

RECURRENT = [("rnn", "tanh"), ("rnn", "relu"), ("rnn", "sigmoid"), ("gru", "tanh"), ("lstm", "tanh")]

architectures = st.one_of(
    st.builds(
        lambda cell, **shape: Architecture(cell=cell[0], activation=cell[1], ngram_orders=(2, 3, 5), **shape),
        cell=st.sampled_from(RECURRENT),
        hidden_size=st.sampled_from([3, 16, 40]),
        num_layers=st.integers(1, 3),
        bidirectional=st.booleans(),
        pooling=st.sampled_from(["last", "mean", "max", "attention"]),
        input=st.sampled_from(["one_hot", "embedding"]),
        embedding_size=st.sampled_from([6, 16, 32]),
        wide=st.booleans(),
    ),
    st.builds(
        Architecture,
        cell=st.just("mlp"),
        hidden_size=st.sampled_from([5, 64]),
        bidirectional=st.just(False),
        input=st.sampled_from(["one_hot", "embedding"]),
        embedding_size=st.just(12),
        wide=st.booleans(),
    ),
    st.builds(
        Architecture,
        cell=st.just("lesson"),
        hidden_size=st.sampled_from([8, 128]),
        bidirectional=st.just(False),
        input=st.just("one_hot"),
        wide=st.just(False),
    ),
)
spellings = st.one_of(
    st.sampled_from(NAMES),
    st.text("abeHnot ĄŁñ'-", max_size=12),
    st.builds(lambda start, end: start[:4] + end[-4:], st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.text("han", min_size=60, max_size=80),
)
batches = st.lists(spellings, min_size=1, max_size=40)


def torch_logits(trained: TrainedModel, symbols: Symbols) -> np.ndarray:
    network = from_trained(trained).eval()
    padded = symbols.padded(np.arange(len(symbols)))
    ngrams = ngram_batch(trained.ngrams, padded) if trained.ngrams is not None else None
    with torch.no_grad():
        logits = network(torch.from_numpy(padded.astype(np.int64)), torch.from_numpy(symbols.lengths), ngrams)
    return logits.numpy()


@settings(max_examples=120, deadline=None)
@given(architectures, batches, st.integers(0, 9), st.booleans())
def test_equals_torch(architecture: Architecture, names: list[str], seed: int, boundaries: bool) -> None:
    scale = 0.2 if architecture.cell == "lesson" or architecture.activation == "relu" else 0.6
    trained = random_model(architecture, seed=seed, scale=scale, rules=TextRules(boundaries=boundaries))
    symbols = trained.encode(names)
    wanted = torch_logits(trained, symbols)
    assert np.all(np.abs(Engine(trained).logits(symbols) - wanted) <= 1e-5 * (1 + np.abs(wanted)))


@settings(max_examples=60, deadline=None)
@given(architectures, batches, st.randoms(use_true_random=False))
def test_a_name_has_the_same_bytes_in_any_company(architecture: Architecture, names: list[str], order) -> None:
    trained = random_model(architecture)
    engine = Engine(trained)
    alone = {name: engine.logits(trained.encode([name])).tobytes() for name in set(names)}
    for company in (names, order.sample(names, len(names)), names * 7):
        logits = engine.logits(trained.encode(company))
        assert [row.tobytes() for row in logits] == [alone[name] for name in company]


def test_a_large_batch_on_threads_has_the_bytes_of_single_names() -> None:
    trained = random_model(Architecture(hidden_size=72, embedding_size=24, ngram_orders=(2, 3)))
    generator = np.random.default_rng(1)
    names = ["".join(generator.choice(list("aeinorst"), size=generator.integers(1, 12))) for _ in range(10_000)]
    engine = Engine(trained)
    with ThreadPoolExecutor(2) as executor:
        together = Engine(trained, executor).logits(trained.encode(names))
    np.testing.assert_array_equal(together, engine.logits(trained.encode(names)))
    for row in range(0, len(names), 997):
        assert together[row].tobytes() == engine.logits(trained.encode([names[row]])).tobytes()


def test_no_names() -> None:
    trained = random_model(Architecture(hidden_size=8, embedding_size=8))
    assert Engine(trained).logits(trained.encode([])).shape == (0, 5)


def test_an_unknown_letter_says_nothing_by_itself() -> None:
    trained = random_model(Architecture(hidden_size=8, input="embedding", embedding_size=8, wide=False, cell="mlp"))
    one, other = Engine(trained).logits(trained.encode(["ab?q", "abxq"]))  # ? is dropped, q and x are not known
    assert not np.array_equal(one, other)  # but it counts as a symbol of the mean
    np.testing.assert_array_equal(other, Engine(trained).logits(trained.encode(["abqq"]))[0])


@pytest.mark.parametrize(("cell", "activation"), RECURRENT)
def test_the_trace_ends_in_the_features(cell: str, activation: str) -> None:
    shape = {"hidden_size": 12, "embedding_size": 24, "num_layers": 2}
    trained = random_model(Architecture(cell=cell, activation=activation, **shape), scale=0.4)
    engine, symbols = Engine(trained), trained.encode(["Hinton"])
    trace = engine.trace(symbols)
    states = np.concatenate([trace.of(1, "forward").states, trace.of(1, "backward").states], axis=1)
    ends = np.concatenate([states[-1, :12], states[0, 12:]])
    np.testing.assert_allclose(ends, engine.features(symbols)[0], rtol=1e-4, atol=1e-5)
    gates = {"gru": {"reset", "update"}, "lstm": {"input", "forget", "output", "cell"}, "rnn": set()}[cell]
    assert set(trace.of(0, "forward").gates) == gates
    assert all(values.shape == (8, 12) for values in trace.of(0, "forward").gates.values())


def test_the_lessons_head_reads_the_last_letter_beside_the_state_before_it() -> None:
    trained = random_model(Architecture(cell="lesson", hidden_size=8, bidirectional=False, input="one_hot", wide=False))
    engine, symbols = Engine(trained), trained.encode(["Hinton"])
    before_last = engine.trace(symbols).of(0, "forward").states[-2]
    weight, bias = trained.tensors["i2o.weight"], trained.tensors["i2o.bias"]
    last = np.zeros(len(trained.alphabet), dtype=np.float32)
    last[symbols.ids[-1]] = 1
    features = np.concatenate([last, before_last])
    logits = weight @ features + bias
    np.testing.assert_allclose(engine.logits(symbols)[0], logits, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(engine.features(symbols)[0], features, rtol=1e-4, atol=1e-5)


def test_mlp_has_no_trace() -> None:
    trained = random_model(
        Architecture(cell="mlp", bidirectional=False, input="embedding", embedding_size=8, hidden_size=8, wide=False)
    )
    assert Engine(trained).features(trained.encode(["Kim", "Li"])).shape == (2, 8)
    with pytest.raises(ValueError, match="no steps"):
        Engine(trained).trace(trained.encode(["Kim"]))
