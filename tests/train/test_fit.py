"""The training loop: deterministic, resumable, honest about its figures, and bounded when numbers go wrong."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from small_examples import CPU, examples_of, settings_of

from charnn_cli.config import Settings
from charnn_cli.data import TRAIN, read
from charnn_cli.data.dataset import packed
from charnn_cli.errors import DataError
from charnn_cli.scaling import Scaling
from charnn_cli.train import EpochReport, TrainingData, fit, learn_from, new_network
from charnn_cli.train.batching import batch_of, logits_of
from charnn_cli.train.judging import fit_scaling, fit_temperature, nll


def run(folder: Path, *assignments: str, **options: object) -> list[EpochReport]:
    settings = settings_of(*assignments)
    data = examples_of(folder, settings)
    model = new_network(data, settings.config)
    return list(fit(model, data, settings.config, CPU, **options))  # type: ignore[arg-type]


def assert_same(one: EpochReport, other: EpochReport) -> None:
    timings = {"seconds", "names_per_second"}
    assert {key: value for key, value in one.record.items() if key not in timings} == {
        key: value for key, value in other.record.items() if key not in timings
    }
    assert one.tensors.keys() == other.tensors.keys()
    assert all(np.array_equal(one.tensors[name], other.tensors[name]) for name in one.tensors)
    assert all(np.array_equal(one.state.tensors[name], other.state.tensors[name]) for name in one.state.tensors)


VARIANTS = [
    [],
    ["training.optimiser=adam"],
    ["training.optimiser=sgd", "training.momentum=0.9", "model.cell=lstm", "training.schedule=cosine"],
    ["training.sampling=balanced", "training.steps_per_epoch=5", "training.class_weights=balanced"],
    ["training.steps_per_epoch=2"],
]


@pytest.mark.parametrize("assignments", VARIANTS)
def test_a_resumed_training_equals_the_uninterrupted_one_bit_for_bit(assignments: list[str], small_names: Path) -> None:
    whole = run(small_names, *assignments)
    halfway = run(small_names, *assignments, resume=whole[1].state)
    assert [report.epoch for report in halfway] == [3, 4]
    for one, other in zip(whole[2:], halfway, strict=True):
        assert_same(one, other)


def test_the_caller_cannot_disturb_a_training(small_names: Path) -> None:
    """Evaluation and whatever else draws random numbers between epochs leaves the result as it is."""
    undisturbed = run(small_names)
    settings = settings_of()
    data = examples_of(small_names, settings)
    model = new_network(data, settings.config)
    for report, expected in zip(fit(model, data, settings.config, CPU), undisturbed, strict=True):
        torch.rand(7)
        logits_of(model, data, data.test, CPU)
        assert_same(report, expected)


def test_another_seed_is_another_training(small_names: Path) -> None:
    one, other = run(small_names)[-1], run(small_names, "seed=1")[-1]
    assert not np.array_equal(one.tensors["head.weight"], other.tensors["head.weight"])


def test_it_learns(small_names: Path) -> None:
    reports = run(small_names, "training.epochs=30", "training.lr=0.02")
    assert reports[-1].record["train_loss"] < 0.3 * reports[0].record["train_loss"]


def test_record_counts_steps_and_names(small_names: Path) -> None:
    seen: list[tuple[int, int]] = []
    reports = run(small_names, on_step=lambda epoch, names, total, loss: seen.append((names, total)))
    training = int((examples_of(small_names, settings_of()).sides == TRAIN).sum())
    steps = -(-training // 4)
    assert [report.record["step"] for report in reports] == [steps, 2 * steps, 3 * steps, 4 * steps]
    assert len(seen) == 4 * steps
    assert seen[steps - 1] == (training, training)
    assert [report.record["names_seen"] for report in reports] == [training, 2 * training, 3 * training, 4 * training]


def test_the_network_alone_is_measured_beside_the_blend(small_names: Path) -> None:
    settings = settings_of()
    data = examples_of(small_names, settings)
    model = new_network(data, settings.config)
    for report in fit(model, data, settings.config, CPU):
        alone = nll(logits_of(model, data, data.validation, CPU), data.origins[data.validation])
        assert report.record["network_validation_loss"] == pytest.approx(alone) != report.record["validation_loss"]
    without = run(small_names, "model.language_model=false")[0].record
    assert without["network_validation_loss"] == pytest.approx(without["validation_loss"])


def test_the_first_best_epoch_is_kept_by_the_chosen_figure(small_names: Path) -> None:
    for select, key, sign in (("nll", "validation_loss", -1), ("accuracy", "validation_accuracy", 1)):
        best = -np.inf
        for report in run(small_names, f"training.select={select}"):
            score = sign * report.record[key]
            assert report.is_best == (score > best)
            best = max(best, score)
    assert all(report.is_best for report in run(small_names, "training.select=last"))


def test_patience_ends_a_training_that_does_not_get_better(small_names: Path) -> None:
    stuck = ["training.patience=2", "training.lr=1e-9", "training.epochs=50", "training.select=accuracy"]
    reports = run(small_names, *stuck)
    assert len(reports) == 3
    assert [report.is_best for report in reports] == [True, False, False]


def test_without_validation_names_the_last_epoch_is_kept(small_names: Path) -> None:
    settings = settings_of()
    data = examples_of(small_names, settings)
    data = replace(data, sides=np.full_like(data.sides, TRAIN))
    reports = list(fit(new_network(data, settings.config), data, settings.config, CPU))
    assert all(report.is_best for report in reports)
    assert reports[0].record["validation_loss"] is None


def test_validation_figures_are_not_computed_in_epochs_that_do_not_validate(small_names: Path) -> None:
    for language_model in ("true", "false"):
        reports = run(small_names, "training.validate_every=3", f"model.language_model={language_model}")
        assert [report.record["validation_accuracy"] is None for report in reports] == [True, True, False, False]


def test_alphabet_and_ngrams_come_from_the_training_side_alone(tmp_path: Path) -> None:
    for origin, letter in (("A", "x"), ("B", "y")):
        names = [letter * length for length in range(2, 12)]
        (tmp_path / f"{origin}.txt").write_text("\n".join(names) + "\n")
    settings = settings_of()
    dataset = read(tmp_path, rules=settings.config.text.rules())
    sides = np.where(dataset.origins == 0, TRAIN, 1).astype(np.int8)
    sides[np.flatnonzero(dataset.origins == 1)[:1]] = TRAIN
    texts = list(dataset.texts)
    texts[int(np.flatnonzero(sides == 1)[0])] = "qqq"
    dataset.texts = packed(texts)
    data = learn_from(dataset, sides, settings.config)
    assert data.alphabet.characters == ("x", "y")
    sides[:] = TRAIN
    sides[dataset.origins == 1] = 1
    with pytest.raises(DataError, match="at least two origins"):
        learn_from(dataset, sides, settings.config)


def test_names_of_several_words_are_counted_on_the_training_side(tmp_path: Path) -> None:
    (tmp_path / "Dutch.txt").write_text("van Dijk\nde Vries\nJansen\nBakker\n")
    (tmp_path / "Polish.txt").write_text("Nowak\nWójcik\nMazur\nKról\n")
    data = examples_of(tmp_path, settings_of())
    assert data.several_words == np.mean([" " in data.names[row] for row in data.training]) > 0
    (tmp_path / "Dutch.txt").write_text("Jansen\nBakker\n")
    assert examples_of(tmp_path, settings_of()).several_words == 0


def test_the_network_begins_the_same_whatever_was_drawn_before(small_names: Path) -> None:
    settings = settings_of()
    data = examples_of(small_names, settings)
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    one = new_network(data, settings.config).state_dict()
    assert torch.equal(before, torch.random.get_rng_state())
    torch.rand(5)
    other = new_network(data, settings.config).state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_temperature_is_the_best_on_a_grid_and_kept_only_if_it_helps() -> None:
    random = np.random.default_rng(0)
    origins = random.integers(3, size=400)
    logits = random.normal(size=(400, 3)) + 2.0 * np.eye(3)[origins]
    sharp = 4.0 * logits
    temperature = fit_temperature(sharp, origins)
    grid = np.exp(np.linspace(-2.5, 2.5, 400))
    assert nll(sharp, origins, temperature) <= min(nll(sharp, origins, t) for t in grid) + 1e-6
    assert temperature > 1.5
    best = fit_temperature(logits / fit_temperature(logits, origins), origins)
    assert best == pytest.approx(1.0, abs=0.01)
    assert fit_temperature(np.zeros((0, 3)), np.zeros(0, dtype=int)) == 1.0


def test_a_power_is_found_where_there_is_one_and_costs_a_number_where_there_is_none() -> None:
    random = np.random.default_rng(0)
    logits = 3 * random.normal(size=(2000, 20))

    def drawn(scaling: Scaling) -> np.ndarray:
        """Origins (N,) that these logits calibrate to."""
        return (scaling.logits(logits) + random.gumbel(size=logits.shape)).argmax(axis=1)

    found = fit_scaling(logits, drawn(Scaling(0.7, 0.8)))
    assert (found.temperature, found.power) == pytest.approx((0.7, 0.8), abs=0.06)
    for plain in (drawn(Scaling(1.0)) for _ in range(5)):
        assert fit_scaling(logits, plain) == Scaling(fit_temperature(logits, plain))
    bent = drawn(Scaling(0.7, 0.3))
    assert [fit_scaling(logits[:names], bent[:names]).power == 1.0 for names in (99, 100)] == [True, False]  # too few


def marked_examples(folder: Path, *assignments: str) -> tuple[TrainingData, Settings]:
    for origin, names in (
        ("French", ["Hélène", "Béranger", "Durand", "Morel"]),
        ("German", ["Müller", "Weiß", "Kant"]),
    ):
        (folder / f"{origin}.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    settings = settings_of("data.validation_fraction=0", "data.test_fraction=0", *assignments)
    dataset = read(folder, rules=settings.config.text.rules())
    return learn_from(dataset, np.full(len(dataset), TRAIN, dtype=np.int8), settings.config), settings


def test_an_unmarked_name_is_the_name_without_its_marks(tmp_path: Path) -> None:
    data, _ = marked_examples(tmp_path)
    rows = np.arange(len(data.names))
    has_marks = [not name.isascii() for name in data.names]
    whole = batch_of(data, rows, CPU)
    bare = batch_of(data, rows, CPU, np.ones(len(rows), dtype=bool))
    assert ((whole.lengths > bare.lengths).tolist()) == has_marks
    plain, _ = marked_examples(tmp_path, "text.marks=false")
    assert [plain.alphabet.characters[i] for i in range(3)] == [data.alphabet.characters[i] for i in range(3)]
    assert torch.equal(bare.symbols, batch_of(plain, rows, CPU).symbols)
    assert torch.equal(bare.lengths, batch_of(plain, rows, CPU).lengths)


def test_marks_are_dropped_while_training_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def spied(data: TrainingData, rows: object, device: object, unmarked: object = None) -> object:
        asked.append(unmarked)
        return batch_of(data, rows, device, unmarked)  # type: ignore[arg-type]

    for module in ("trainer", "batching"):
        monkeypatch.setattr(f"charnn_cli.train.{module}.batch_of", spied)
    for share, wanted in (("0.0", 0.0), ("0.5", 0.5)):
        data, settings = marked_examples(tmp_path, f"model.mark_dropout={share}", "training.epochs=60")
        asked.clear()
        list(fit(new_network(data, settings.config), data, settings.config, CPU))
        flags = [flag for unmarked in asked if unmarked is not None for flag in unmarked]  # type: ignore[attr-defined]
        assert np.mean(flags) == pytest.approx(wanted, abs=0.1)
        asked.clear()
        logits_of(new_network(data, settings.config), data, data.training, CPU)
        assert asked == [None]
