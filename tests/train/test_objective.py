"""The second task of a network in training: to guess how each name goes on."""

import gc
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from small_examples import CPU, examples_of, settings_of
from torch.nn import functional

from charnn_cli.config import load_settings
from charnn_cli.errors import ConfigError
from charnn_cli.model import beside, to_tensors
from charnn_cli.model.layers import Unrolling
from charnn_cli.train import new_network
from charnn_cli.train.batching import batch_of
from charnn_cli.train.objective import Objective

SHAPES = [[], ["model.bidirectional=false"], ["model.cell=lstm", "model.num_layers=2"]]


@pytest.mark.parametrize("shape", SHAPES)
def test_each_state_of_the_last_layer_guesses_the_symbol_that_is_read_after_it(
    small_names: Path, shape: list[str]
) -> None:
    settings = settings_of("model.dropout=0", "model.wide_dropout=0", *shape)
    data = examples_of(small_names, settings)
    objective = Objective(new_network(data, settings.config), settings.config)
    model = objective.classifier
    batch = batch_of(data, data.training, CPU)
    assert len(set(batch.lengths.tolist())) > 2, "names of different lengths"
    logits, nats = objective(batch.symbols, batch.lengths, batch.ngrams)
    torch.testing.assert_close(logits, model(batch.symbols, batch.lengths, batch.ngrams))
    expected = 0.0
    for row in data.training:
        name = batch_of(data, np.array([row]), CPU)
        how = Unrolling(states=[])
        model.unrolled(name.symbols, name.lengths, name.ngrams, how)
        read = name.symbols[0, : int(name.lengths[0])]
        directions = model.architecture.directions
        for direction, guess, runs in zip(directions, objective.guesses, how.states[-len(directions) :], strict=True):
            states = torch.cat(runs)
            order = read if direction == "forward" else read.flip(0)
            for state, following in zip(states[:-1], order[1:], strict=True):
                expected += functional.cross_entropy(guess(state), following).item()
    assert nats.item() == pytest.approx(expected, rel=1e-5)


def test_directions_in_threads_and_one_after_the_other_give_the_same_bytes(
    small_names: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of()
    data = examples_of(small_names, settings)
    batch = batch_of(data, data.training, CPU)
    found = []
    for processors in (1, 2):
        monkeypatch.setattr(beside, "_processors", partial(int, processors))
        objective = Objective(new_network(data, settings.config), settings.config)
        torch.manual_seed(0)
        logits, nats = objective(batch.symbols, batch.lengths, batch.ngrams)
        (logits.square().sum() + nats).backward()
        found.append([logits.detach(), *(weights.grad for weights in objective.parameters())])
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


def test_nothing_of_a_step_outlives_it(small_names: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even what torch holds and no collector sees: a training's memory would grow with its steps."""
    monkeypatch.setattr(beside, "_processors", partial(int, 2))
    settings = settings_of()
    data = examples_of(small_names, settings)
    objective = Objective(new_network(data, settings.config), settings.config)
    batch = batch_of(data, data.training, CPU)
    for learns in (True, False):
        logits, nats = objective(batch.symbols, batch.lengths, batch.ngrams)
        if learns:
            (logits.sum() + nats).backward()
        del logits, nats
        gc.collect()
        assert not [thing for thing in gc.get_objects() if type(thing) is beside._Graph]


def test_without_a_weight_nothing_is_guessed_and_the_network_is_trained_as_it_is(small_names: Path) -> None:
    settings = settings_of("training.next_symbol_weight=0")
    data = examples_of(small_names, settings)
    objective = Objective(new_network(data, settings.config), settings.config)
    assert {f"classifier.{name}" for name in to_tensors(objective.classifier)} == set(objective.state_dict())
    batch = batch_of(data, data.training, CPU)
    assert objective(batch.symbols, batch.lengths, batch.ngrams)[1].item() == 0.0


def test_the_layers_of_the_task_change_no_first_weight_of_the_network(small_names: Path) -> None:
    settings = settings_of()
    data = examples_of(small_names, settings)
    alone = to_tensors(new_network(data, settings.config))
    random = torch.random.get_rng_state()
    whole = Objective(new_network(data, settings.config), settings.config)
    assert torch.equal(torch.random.get_rng_state(), random)
    assert all(np.array_equal(alone[name], value) for name, value in to_tensors(whole.classifier).items())
    assert torch.equal(
        Objective(new_network(data, settings.config), settings.config).guesses[1].weight, whole.guesses[1].weight
    )


@pytest.mark.parametrize("recipe", ["lesson", "mlp"])
def test_a_cell_without_states_to_guess_from_says_so(recipe: str) -> None:
    with pytest.raises(ConfigError, match="guesses no next symbol"):
        load_settings(recipe, ["training.next_symbol_weight=0.2"])
