"""Searches: what they try, keep, give up and find, by a stand-in for training; and that they never see test names."""

import itertools
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from charnn_cli.config import Config, load_settings
from charnn_cli.data import TEST, read, split
from charnn_cli.errors import TrainingError, UsageError
from charnn_cli.study import search as searching
from charnn_cli.study import trials
from charnn_cli.study.pool import Event
from charnn_cli.study.proposals import Proposals
from charnn_cli.study.record import Cells
from charnn_cli.study.search import Budget, Search, Trial
from charnn_cli.study.trials import Attempt, SeenNames, train

SPACE = ["search.training.lr={low: 1.0e-4, high: 1.0, log: true}", "search.model.dropout={low: 0, high: 0.5}"]


def loss_of(config: Config) -> float:
    return 1 + abs(math.log10(config.training.lr) + 2) + abs(config.model.dropout - 0.2)


class Stand:
    """Trains by a formula; each epoch is better than the one before."""

    def __init__(self, loss: Callable[[Config], float] = loss_of) -> None:
        self.loss = loss
        self.epochs: dict[Attempt, int] = {}

    def __len__(self) -> int:
        return len(self.epochs)

    def start(self, task: Attempt) -> None:
        self.epochs[task] = 0

    def stop(self, task: Attempt) -> None:
        self.epochs.pop(task, None)

    def events(self, timeout: float | None = None) -> Iterator[Event[Attempt]]:
        for task in list(self.epochs):
            self.epochs[task] += 1
            if self.epochs[task] > task.config.training.epochs:
                del self.epochs[task]
                yield Event(task, "done", None)
            else:
                yield Event(task, "told", self.record(task))

    def record(self, task: Attempt) -> dict[str, Any]:
        epoch = self.epochs[task]
        loss = self.loss(task.config) + 1 / epoch
        figures = dict.fromkeys(("validation_accuracy", "validation_macro_f1"), 0.5)
        return {"epoch": epoch, "is_best": math.isfinite(loss), **figures, "validation_loss": finite(loss)}


def finite(loss: float) -> float | None:
    return loss if math.isfinite(loss) else None


def search(folder: Path, *assignments: str, fingerprint: str = "names") -> Search:
    settings = load_settings("gru", [*(assignments or SPACE), "training.epochs=6"])
    return Search(settings, fingerprint, Cells(folder / "cells.jsonl"))


def told(trials: list[Trial]) -> list[object]:
    return [(trial.number, trial.state, trial.values, trial.nll, trial.losses) for trial in trials]


def test_an_interrupted_search_equals_one_that_was_not(tmp_path: Path) -> None:
    whole = search(tmp_path / "whole")
    ended = list(whole.run(Stand(), 1, Budget(trials=30)))
    for most in (3, 17, 30):
        again = search(tmp_path / "again")
        going = again.run(Stand(), 1, Budget(trials=most + 2))
        list(itertools.islice(going, most - len(again.trials)))
    assert told(search(tmp_path / "again").trials) == told(whole.trials) == told(ended)
    assert {trial.state for trial in ended} == {"complete", "pruned"}


def test_it_begins_with_the_recipe_and_ends_near_the_optimum(tmp_path: Path) -> None:
    made = search(tmp_path)
    list(made.run(Stand(), 1, Budget(trials=30)))
    config = load_settings("gru").config
    assert made.trials[0].values == {"training.lr": config.training.lr, "model.dropout": config.model.dropout}
    assert made.best is not None
    lowest = min(trial.nll for trial in made.trials if trial.state == "complete" and trial.nll is not None)
    assert made.best.nll == lowest < loss_of(config) + 1 / 6
    assert loss_of(made.settings_of(made.best)) == pytest.approx(lowest - 1 / 6)
    given_up = [trial for trial in made.trials if trial.state == "pruned"]
    assert all(len(trial.losses) < 6 for trial in given_up)
    assert all(trial.values["training.lr"] > 0 for trial in made.trials)


def test_several_at_once_are_as_many_as_are_asked_for(tmp_path: Path) -> None:
    made, stand, most = search(tmp_path), Stand(), 0
    for _ in made.run(stand, 3, Budget(trials=10)):
        most = max(most, len(stand) + 1)
    assert (len(made.trials), most) == (10, 3)


def test_another_search_leaves_the_trials_alone(tmp_path: Path) -> None:
    list(search(tmp_path).run(Stand(), 1, Budget(trials=2)))
    assert len(search(tmp_path).trials) == 2
    assert not search(tmp_path, fingerprint="other names").trials
    assert not search(tmp_path, SPACE[0]).trials


def test_a_small_space_is_tried_once_and_what_does_not_fit_is_left_out(tmp_path: Path) -> None:
    space = [
        "search.model.cell=[gru, lesson, lstm]",
        "search.model.ngram_orders=[[1, 2], [1, 2, 3]]",
        "model.wide=true",
    ]
    made = search(tmp_path, *space)
    list(made.run(Stand(lambda config: float(config.model.cell == "gru")), 1, Budget(trials=100)))
    tried = [tuple(trial.values.values()) for trial in made.trials]
    assert sorted(tried) == [(cell, orders) for cell in ("gru", "lstm") for orders in ((1, 2), (1, 2, 3))]
    assert told(search(tmp_path, *space).trials) == told(made.trials)


def test_trials_of_other_lengths_are_given_up_by_the_share_that_is_done() -> None:
    rates = (0.1, 0.2, 0.3, 0.4, 0.5)
    settings = load_settings("gru", [f"search.training.lr={list(rates)}", "search.training.epochs=[7, 10]"])
    proposals = Proposals(settings.config, settings.search or {})
    for lr in rates:
        losses = [2 - 0.1 * epoch for epoch in range(10)]
        proposals.learn({"training.lr": lr, "training.epochs": 10}, "complete", min(losses), losses)
    for loss, is_hopeless in ((1.6, False), (1.8, True)):  # the others had 1.7 after 40 %
        attempt = proposals.next()
        assert attempt is not None
        assert attempt.config.training.epochs == 7
        told = [proposals.is_hopeless(attempt, [9.0, loss, loss][:epoch]) for epoch in (1, 2, 3)]
        assert told == [False, False, is_hopeless]


class Deadly(Stand):
    """Processes with a high learning rate are best, and die."""

    def events(self, timeout: float | None = None) -> Iterator[Event[Attempt]]:
        for event in super().events(timeout):
            dies = event.task.config.training.lr > 0.01 and event.kind == "done"
            yield Event(event.task, "lost", "its process was killed") if dies else event


def test_a_trial_that_fails_is_kept_and_does_not_win(tmp_path: Path) -> None:
    made = search(tmp_path)
    list(made.run(Deadly(lambda config: 0.0 if config.training.lr > 0.01 else loss_of(config)), 1, Budget(20)))
    failed = [trial for trial in made.trials if trial.state == "failed"]
    assert failed
    assert {trial.fault for trial in failed} == {"its process was killed"}
    assert made.best is not None
    assert made.best.state == "complete"


def test_where_all_fail_it_is_given_up(tmp_path: Path) -> None:
    made = search(tmp_path)
    with pytest.raises(TrainingError, match="the first 5 trials failed"):
        list(made.run(Stand(lambda config: math.nan), 1, Budget(trials=20)))
    assert len(made.trials) == 5


def test_when_the_time_is_up_what_runs_is_stopped_and_time_counts_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = itertools.count()
    monkeypatch.setattr(searching.time, "monotonic", lambda: float(next(seconds)))
    made, stand = search(tmp_path), Stand()
    list(made.run(stand, 1, Budget(seconds=50)))
    assert made.trials[-1].state == "stopped"
    assert made.trials[-1].nll is not None
    assert len(made.trials[-1].losses) < 6
    assert not len(stand)
    assert made.best is not None
    assert made.best.state == "complete"
    again = search(tmp_path)
    assert not list(again.run(Stand(), 1, Budget(seconds=50)))
    assert list(again.run(Stand(), 1, Budget(seconds=80)))


TINY = ["model.hidden_size=4", "model.embedding_size=4", "training.epochs=2", "data.validation_fraction=0.2"]


def test_test_names_have_no_part_in_a_trial(small_names: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_settings("default", [*TINY, "data.test_fraction=0.2"]).config
    dataset = read(small_names, rules=config.text.rules())
    sides = split(dataset, **config.data.split_options())
    tested = np.flatnonzero(sides == TEST)
    poisoned = replace(dataset, names=dataset.names.copy(), texts=dataset.texts.copy(), origins=dataset.origins.copy())
    poisoned.names[tested], poisoned.texts[tested], poisoned.origins[tested] = "Ωmega", "Ωmega", 0
    monkeypatch.setattr(trials, "split", lambda *names, **options: sides)
    seen = SeenNames.of(poisoned, config)
    assert not set(seen.dataset.names) & {"Ωmega", *dataset.names[tested]}
    assert losses(seen, config) == losses(SeenNames.of(dataset, config), config)


def losses(names: SeenNames, config: Config) -> list[object]:
    records: list[dict[str, Any]] = []
    train(names, Attempt({}, config), records.append)
    return [(record["train_loss"], record["validation_loss"]) for record in records]


def test_without_validation_names_there_is_nothing_to_search_by(small_names: Path) -> None:
    config = load_settings(None, ["data.validation_fraction=0"]).config
    with pytest.raises(UsageError, match="judges by the validation names"):
        SeenNames.of(read(small_names, rules=config.text.rules()), config)


def test_without_optuna_it_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UsageError, match=r"pip install 'charnn\[tune\]'"):
        search(tmp_path)
