"""A search of the settings whose validation loss is lowest: trial after trial, kept as they end, and what came out.

Test names have no part in it: a trial never sees them, and nothing here measures on them.
"""

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol

from charnn_cli.config import Config, Settings, dump_yaml
from charnn_cli.config.space import around
from charnn_cli.errors import TrainingError
from charnn_cli.files import digest
from charnn_cli.study.pool import Event
from charnn_cli.study.proposals import Proposals, State
from charnn_cli.study.record import Cells
from charnn_cli.study.trials import Attempt
from charnn_cli.version import __version__

Record = dict[str, Any]
MOST_FAILURES = 5  # in a row from the beginning, until a search is given up


@dataclass(frozen=True, slots=True)
class Budget:
    """So many trials, or so many seconds of all the time that a search has had."""

    trials: int | None = None
    seconds: float | None = None

    def is_spent(self, trials: int, seconds: float) -> bool:
        return trials >= (self.trials or math.inf) or seconds >= (self.seconds or math.inf)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial came to: `complete`; `pruned`, without hope; `stopped`, as the time was up; or `failed`."""

    number: int
    state: State
    values: Mapping[str, Any]  # by dotted key, as they were drawn
    nll: float | None  # of the epoch that would be kept, in nats on the validation names
    epoch: int | None  # that one
    accuracy: float | None  # of it, on the validation names
    macro_f1: float | None
    losses: list[float | None]  # the validation NLL of each epoch
    seconds: float
    spent: float  # seconds that the search had when it ended
    fault: str = ""


class Trials(Protocol):
    """Who trains attempts, as `Pool` does."""

    def __len__(self) -> int: ...

    def start(self, task: Attempt, /) -> None: ...

    def events(self, timeout: float | None = None) -> Iterator[Event[Attempt]]: ...

    def stop(self, task: Attempt, /) -> None: ...


@dataclass
class _Running:
    started: float
    records: list[Record] = field(default_factory=list)


class Search:
    """A search around a recipe or in its own space, which goes on where it ended.

    `cells` holds the trials that ended. Each is known by settings, space, names and the version of the program, so
    that another search leaves them alone.
    """

    def __init__(self, settings: Settings, fingerprint: str, cells: Cells) -> None:
        self.config = settings.config
        self.space = settings.search or around(settings.config)
        self.trials: list[Trial] = []
        self._cells = cells
        shown = {key: part.shown() for key, part in self.space.items()}
        about = [__version__, fingerprint, dump_yaml(self.config), json.dumps(shown)]
        self._id = digest("\n".join(about).encode())[:32]
        self._proposals = Proposals(self.config, self.space)
        self.running: dict[Attempt, _Running] = {}  # those at work
        while (key := self._key(len(self.trials))) in cells:
            trial = Trial(**{name: cells[key][name] for name in Trial.__dataclass_fields__})
            self._proposals.learn(self._values(trial), trial.state, trial.nll, trial.losses)
            self.trials.append(replace(trial, values=self._values(trial)))

    def _key(self, number: int) -> str:
        return f"{self._id}-{number}"

    def _values(self, trial: Trial) -> dict[str, Any]:
        """JSON has no tuples."""
        return {key: tuple(value) if isinstance(value, list) else value for key, value in trial.values.items()}

    @property
    def best(self) -> Trial | None:
        """The trial with the lowest validation NLL, of those that were not given up."""
        complete = [trial for trial in self.trials if trial.state == "complete"]
        return min(complete, key=lambda trial: trial.nll or 0.0, default=None)

    def values_of(self, trial: Trial) -> dict[str, Any]:
        """What it tried, by dotted key."""
        return self._proposals.short(trial.values)

    def settings_of(self, trial: Trial) -> Config:
        """All settings of a trial."""
        return self._proposals.settings(trial.values)

    def run(
        self, pool: Trials, jobs: int, budget: Budget, on_epoch: Callable[[Attempt, Record], None] = lambda *told: None
    ) -> Iterator[Trial]:
        """Try until the budget is spent, so many at once; yields each trial when it has ended and is kept.

        `on_epoch` takes each epoch's record, as in history.jsonl. Raises TrainingError where the first ones all fail.
        """
        begun = time.monotonic() - (self.trials[-1].spent if self.trials else 0.0)
        exhausted = False
        while True:
            spent = time.monotonic() - begun
            while not exhausted and len(pool) < jobs and not budget.is_spent(len(self.trials) + len(pool), spent):
                attempt = self._proposals.next()
                exhausted = attempt is None
                if attempt is not None:
                    self.running[attempt] = _Running(spent)
                    pool.start(attempt)
            if not len(pool):
                return
            left = None if budget.seconds is None else max(budget.seconds - spent, 0.0)
            for event in pool.events(left):
                state, fault = self._state_after(event)
                if event.kind == "told":
                    on_epoch(event.task, event.value)
                if state is not None:
                    pool.stop(event.task)
                    yield self._keep(event.task, state, time.monotonic() - begun, fault)
                    self._check_failures()
            if budget.is_spent(0, time.monotonic() - begun):
                for attempt in list(self.running):
                    pool.stop(attempt)
                    yield self._keep(attempt, "stopped", time.monotonic() - begun)

    def _state_after(self, event: Event[Attempt]) -> tuple[State | None, str]:
        """The state that a trial ends in, if it does, and why."""
        if event.kind in ("failed", "lost"):
            return "failed", str(event.value)
        records = self.running[event.task].records
        if event.kind == "done":
            kept = _kept(records).get("validation_loss") is not None
            return ("complete", "") if kept else ("failed", "no epoch ended with weights that answer in numbers")
        records.append(event.value)
        hopeless = self._proposals.is_hopeless(event.task, _losses(records))
        return ("pruned" if hopeless and event.value["epoch"] < event.task.config.training.epochs else None), ""

    def _keep(self, attempt: Attempt, state: State, spent: float, fault: str = "") -> Trial:
        running = self.running.pop(attempt)
        best = _kept(running.records)
        trial = Trial(
            number=len(self.trials),
            state=state,
            values=attempt.values,
            nll=best.get("validation_loss"),
            epoch=best.get("epoch"),
            accuracy=best.get("validation_accuracy"),
            macro_f1=best.get("validation_macro_f1"),
            losses=_losses(running.records),
            seconds=round(spent - running.started, 3),
            spent=round(spent, 3),
            fault=fault,
        )
        self._proposals.ended(attempt, state, trial.nll)
        self._cells.add(self._key(trial.number), asdict(trial))
        self.trials.append(trial)
        return trial

    def _check_failures(self) -> None:
        if len(self.trials) >= MOST_FAILURES and all(trial.state == "failed" for trial in self.trials):
            what = f"the first {len(self.trials)} trials failed, the last one so: {self.trials[-1].fault}"
            raise TrainingError(what, "mend that, or search elsewhere")


def _losses(records: list[Record]) -> list[float | None]:
    return [record["validation_loss"] for record in records]


def _kept(records: list[Record]) -> Record:
    """The epoch whose weights a training keeps, empty where there is none."""
    return next((record for record in reversed(records) if record["is_best"]), {})
