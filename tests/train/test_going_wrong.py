"""Training that goes wrong ends soon, says why, and keeps the last weights that answer in numbers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from small_examples import CPU, examples_of, settings_of

from charnn_cli.data import TEST, TRAIN, read, split
from charnn_cli.engine import Engine
from charnn_cli.errors import ModelError, TrainingError
from charnn_cli.model import NameClassifier
from charnn_cli.predict import Predictor
from charnn_cli.scaling import UNSCALED
from charnn_cli.train import EpochReport, TrainingData, fit, learn_from, new_network, trained_model


def reports(data: TrainingData, network: NameClassifier, *assignments: str) -> tuple[list[EpochReport], str]:
    """What was yielded until the training stopped, and what it said then."""
    found: list[EpochReport] = []
    try:
        for report in fit(network, data, settings_of(*assignments).config, CPU):
            found.append(report)
    except TrainingError as error:
        return found, error.lines()[0]
    return found, ""


def small(folder: Path, *assignments: str) -> tuple[TrainingData, NameClassifier]:
    settings = settings_of(*assignments)
    data = examples_of(folder, settings)
    return data, new_network(data, settings.config)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_loss_that_is_no_number_stops_the_training_and_claims_nothing(value: float, small_names: Path) -> None:
    wrong = ["training.max_bad_steps=5"]
    data, network = small(small_names, *wrong)
    with torch.no_grad():
        network.head.bias.fill_(value)
    found, message = reports(data, network, *wrong)
    assert not any(report.is_best for report in found)
    assert message.startswith("loss or gradient not finite in 5 steps in a row, up to step 5")
    assert "kept" not in message


def test_a_gradient_that_is_infinite_changes_no_weight(small_names: Path) -> None:
    wrong = ["training.max_bad_steps=1000", "training.epochs=2"]
    data, network = small(small_names, *wrong)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    for parameter in network.parameters():
        parameter.register_hook(lambda gradient: torch.full_like(gradient, torch.inf))
    found, message = reports(data, network, *wrong)
    assert message == ""
    assert [report.record["skipped_steps"] for report in found] == [
        report.record["step"] / n for n, report in enumerate(found, 1)
    ]
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


@pytest.mark.parametrize("held_out", [True, False])
def test_weights_that_are_not_finite_are_never_the_best(held_out: bool, small_names: Path) -> None:
    wrong = ["training.select=last", "training.max_bad_steps=1000", "training.epochs=3", "model.language_model=false"]
    data, network = small(small_names, *wrong)
    if not held_out:
        data = replace(data, sides=np.full_like(data.sides, TRAIN))
    found = []
    for report in fit(network, data, settings_of(*wrong).config, CPU):
        found.append(report)
        if report.epoch == 1:
            with torch.no_grad():
                network.head.weight.fill_(torch.inf)
    assert [report.is_best for report in found] == [True, False, False]


@pytest.mark.parametrize("optimiser", ["adamw", "sgd"])
@pytest.mark.parametrize("clip", ["1.0", "null"])
def test_a_learning_rate_of_a_million_is_bounded(optimiser: str, clip: str, small_names: Path) -> None:
    wild = ["training.lr=1e6", f"training.optimiser={optimiser}", f"training.clip_norm={clip}", "training.epochs=30"]
    data, network = small(small_names, *wild)
    found, message = reports(data, network, *wild)
    kept = [report for report in found if report.is_best]
    assert len(found) == 30 or "lower training.lr" in message
    assert ("last good weights are kept" in message) == (bool(kept) and bool(message))
    assert all(np.isfinite(tensor).all() for report in kept for tensor in report.tensors.values())


def test_a_model_that_overflows_says_so_without_a_warning(small_names: Path) -> None:
    settings = settings_of("model.count_validation=false")
    data = examples_of(small_names, settings)
    network = new_network(replace(data, network_ngrams=data.final_counts.ngrams), settings.config)
    tensors = {name: np.full(value.shape, 3e38, np.float32) for name, value in network.state_dict().items()}
    with pytest.raises(ModelError, match="too large to answer in numbers"):
        Predictor(trained_model(data, settings.config, tensors, UNSCALED, {})).predict(["Rossi"])


def test_an_alphabet_of_which_the_held_out_names_have_no_letter(tmp_path: Path) -> None:
    for place, origin in enumerate("AB"):
        names = [chr(0x4E00 + 500 * place + n) for n in range(20)]
        (tmp_path / f"{origin}.txt").write_text("\n".join(names) + "\n")
    data, network = small(tmp_path)
    found, message = reports(data, network)
    assert (len(found), message) == (4, "")
    assert all(np.isfinite(report.record["validation_loss"]) for report in found)


def test_an_origin_that_vanishes_from_training_has_a_probability_all_the_same(small_names: Path) -> None:
    balanced = ["training.class_weights=balanced", "model.count_validation=false"]
    settings = settings_of(*balanced)
    dataset = read(small_names, rules=settings.config.text.rules())
    sides = split(dataset, seed=0, validation_fraction=0.2, test_fraction=0.2)
    sides[(dataset.origins == 1) & (sides == TRAIN)] = TEST
    data = learn_from(dataset, sides, settings.config)
    network = new_network(data, settings.config)
    found, message = reports(data, network, *balanced)
    assert (len(found), message) == (4, "")
    assert data.counts.priors[1] == 0
    trained = trained_model(data, settings.config, found[-1].tensors, UNSCALED, {})
    assert np.isfinite(Engine(trained).logits(trained.encode(["Tanaka"]))).all()
    (shares,) = Predictor(trained, priors=np.full(3, 1 / 3)).predict_proba(["Tanaka"])
    assert np.isfinite(shares).all()
    assert shares.sum() == pytest.approx(1)


def test_a_network_whose_logits_overflow_is_never_the_best(small_names: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its weights are numbers, but nothing could be blended with them."""
    select = ["training.select=last"]
    data, network = small(small_names, *select)
    infinite = np.full((len(data.validation), 3), np.inf)
    monkeypatch.setattr("charnn_cli.train.judging.logits_of", lambda *arguments: infinite)
    found, _ = reports(data, network, *select)
    assert len(found) == 4
    assert not any(report.is_best for report in found)


@pytest.mark.parametrize("language_model", ["true", "false"])
def test_names_without_a_frequent_n_gram_are_told_by_the_network_alone(language_model: str, small_names: Path) -> None:
    none = ["model.ngram_min_count=60000", "training.epochs=1", "model.count_validation=false"]
    none.append(f"model.language_model={language_model}")
    data, network = small(small_names, *none)
    (report,), _ = reports(data, network, *none)
    assert report.tensors["wide.weight"].shape == (1, 3)
    trained = trained_model(data, settings_of(*none).config, report.tensors, report.scaling, {})
    names = [data.names[int(row)] for row in data.validation]
    assert report.validation_logits is not None
    assert np.allclose(Engine(trained).logits(trained.encode(names)), report.validation_logits, atol=1e-4)
