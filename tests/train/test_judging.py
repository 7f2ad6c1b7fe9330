"""The network and the language model as one set of weights."""

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import softmax

from charnn_cli.config import load_settings
from charnn_cli.data import TEST, VALIDATION, read, split
from charnn_cli.engine import Engine
from charnn_cli.model import to_tensors
from charnn_cli.train import learn_from, new_network, trained_model
from charnn_cli.train.batching import batch_of, logits_of
from charnn_cli.train.judging import TYPICAL, Blend, Judge, fit_blend, nll


def random_parts(names: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    network, *counted = random.normal(size=(3, names, 4)) * 2
    log_priors = np.log([0.1, 0.2, 0.3, 0.4])
    truth = 0.8 * network + 0.5 * counted[0] + 0.3 * counted[1] + 0.7 * log_priors
    origins = np.array([random.choice(4, p=row) for row in softmax(truth, axis=1)])
    return network, np.stack(counted), log_priors, origins


def test_no_other_blend_nearby_is_better() -> None:
    network, counted, log_priors, origins = random_parts()
    blend = fit_blend(network, counted, log_priors, origins)
    best = nll(blend.logits(network, counted, log_priors), origins)
    for change in 0.05 * np.vstack([np.eye(4), -np.eye(4)]):
        other = Blend(*(np.array([blend.network, blend.forward, blend.backward, blend.prior]) + change))
        assert nll(other.logits(network, counted, log_priors), origins) > best


def test_the_blend_that_made_the_data_is_found() -> None:
    blend = fit_blend(*random_parts(20_000))
    found = (blend.network, blend.forward, blend.backward, blend.prior)
    assert found == pytest.approx((0.8, 0.5, 0.3, 0.7), abs=0.06)


def test_too_few_names_get_a_typical_blend() -> None:
    network, counted, log_priors, origins = random_parts()
    assert fit_blend(network[:50], counted[:, :50], log_priors, origins[:50]) == Blend(*TYPICAL)


@pytest.mark.parametrize("count_validation", ["true", "false"])
def test_folded_weights_compute_the_blend(count_validation: str, small_names: Path) -> None:
    """What is stored answers as network and language models together, in the engine that predicts."""
    settings = ["model.hidden_size=8", "model.embedding_size=4"]
    config = load_settings(None, [*settings, f"model.count_validation={count_validation}"]).config
    dataset = read(small_names, rules=config.text.rules())
    sides = split(dataset, seed=0, validation_fraction=0.3, test_fraction=0.2)
    data = learn_from(dataset, sides, config)
    model = new_network(data, config)
    cpu, rows = torch.device("cpu"), data.test
    tensors = {name: value.numpy() for name, value in model.state_dict().items()}
    verdict = Judge(data, cpu)(model, tensors)
    counts = data.final_counts
    assert (counts.names > data.counts.names) == (count_validation == "true")
    counted = counts.logits(data.symbols, rows)
    assert np.abs(counted).min() > 0
    expected = Blend(*TYPICAL).logits(logits_of(model, data, rows, cpu), counted, counts.log_priors)
    trained = trained_model(data, config, verdict.tensors, verdict.scaling, {})
    answered = Engine(trained).logits(trained.encode([dataset.names[row] for row in rows]))
    assert np.allclose(answered, expected, atol=1e-4)
    assert verdict.tensors["wide.weight"].shape == (len(counts.ngrams or ()) + 1, len(dataset.labels))


def test_validation_names_are_counted_only_for_the_model_that_is_kept(small_names: Path) -> None:
    """The blend is fitted, and the validation side measured, as if it had never been seen."""
    config = load_settings(None, ["model.hidden_size=8"]).config
    dataset = read(small_names, rules=config.text.rules())
    sides = split(dataset, seed=0, validation_fraction=0.3, test_fraction=0.2)
    data = learn_from(dataset, sides, config)
    without = np.where(sides == VALIDATION, TEST, sides).astype(np.int8)
    alone = learn_from(dataset, without, config)
    assert alone.final_counts is alone.counts
    assert np.array_equal(alone.counts.language_models, data.counts.language_models)
    assert np.array_equal(data.known, np.flatnonzero(sides != TEST))
    assert np.array_equal(alone.known, alone.training)
    named = data.final_counts.logits(data.symbols, data.validation)
    unseen = data.counts.logits(data.symbols, data.validation)
    right = np.arange(len(data.validation)), data.origins[data.validation]
    assert named[0][right].mean() > unseen[0][right].mean()


def test_of_the_longest_n_grams_only_language_models_have_weights(small_names: Path) -> None:
    dataset = read(small_names, rules=load_settings().config.text.rules())
    config = load_settings(None, ["model.ngram_orders=[1,2,3]", "model.learned_orders=2"]).config
    sides = split(dataset, seed=0, validation_fraction=0.2, test_fraction=0.2)
    data = learn_from(dataset, sides, config)
    shorter = learn_from(dataset, sides, load_settings(None, ["model.ngram_orders=[1,2]"]).config)
    assert data.network_ngrams is not None
    assert np.array_equal(data.network_ngrams.codes, shorter.network_ngrams.codes)
    assert len(data.counts.ngrams) > len(data.network_ngrams)
    batch, other = (batch_of(side, side.training, torch.device("cpu")).ngrams for side in (data, shorter))
    assert torch.equal(batch, other)
    network = new_network(data, config)
    tensors = to_tensors(network)
    kept = Judge(data, torch.device("cpu"))(network, tensors).tensors["wide.weight"]
    assert len(kept) == len(data.final_counts.ngrams) + 1


def test_a_vocabulary_of_a_bounded_size_learns_none_that_it_does_not_hold(small_names: Path) -> None:
    dataset = read(small_names, rules=load_settings().config.text.rules())
    config = load_settings(
        None, ["model.ngram_orders=[1,2,3]", "model.learned_orders=2", "model.ngram_max_size=60"]
    ).config
    sides = split(dataset, seed=0, validation_fraction=0.2, test_fraction=0.2)
    data = learn_from(dataset, sides, config)
    assert data.counts.ngrams.holds(data.network_ngrams)
    assert len(data.network_ngrams) < len(data.counts.ngrams)
