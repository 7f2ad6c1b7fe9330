"""What a search tries next and what it gives up, by Optuna (Akiba et al., KDD 2019).

Values are drawn by a tree-structured Parzen estimator (Bergstra et al., NeurIPS 2011), after some at random. A trial is
hopeless where its best loss so far is above the median of what the others had at the same share of their epochs, which
are read at every tenth of a training, in between two epochs by a straight line, since trials differ in epochs.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from charnn_cli.config import Config
from charnn_cli.config.space import Range, Space, placed, value_of
from charnn_cli.errors import UsageError
from charnn_cli.study.trials import Attempt

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import Trial

State = Literal["complete", "pruned", "stopped", "failed"]

DIGITS = 4  # of a drawn number; more would change nothing
MOST_DRAWS = 50  # until some are found that are new and fit together
FEWEST_TO_PRUNE = 5  # trials that ended
TENTHS = 10  # of a training, at which trials are compared
WARM_UP = 3  # of them, before which no trial is given up


class Proposals:
    """Proposes values and learns from what they came to. Each draw depends on seed and past, not on how it came about.

    Raises UsageError where Optuna is not installed.
    """

    def __init__(self, config: Config, space: Space) -> None:
        optuna = _optuna()
        self._config = config
        self._space = space
        self._distributions = {key: _distribution(part) for key, part in space.items()}
        pruner = optuna.pruners.MedianPruner(n_startup_trials=FEWEST_TO_PRUNE, n_warmup_steps=WARM_UP)
        self._study = optuna.create_study(pruner=pruner)
        self._running: dict[Attempt, Trial] = {}
        self._begun = 0
        self._tried: set[str] = set()

    def learn(
        self, values: Mapping[str, Any], state: State, loss: float | None, losses: Sequence[float | None]
    ) -> None:
        """Take a trial of an earlier time: the loss of the epoch that was kept, and those of all epochs."""
        import optuna

        params = {key: _told(self._space[key], value) for key, value in values.items()}
        self._study.add_trial(
            optuna.trial.create_trial(
                state=_state(state),
                value=loss if state == "complete" else None,
                params=params,
                distributions=self._distributions,
                intermediate_values=_at_tenths(losses, self.settings(values)),
            )
        )
        self._tried.add(json.dumps(params, sort_keys=True))
        self._begun += 1

    def next(self) -> Attempt | None:
        """What to try now: first what the recipe says itself; None where nothing new is found."""
        import optuna

        for draw in range(MOST_DRAWS):
            seed = _mixed(self._config.seed, self._begun, draw)
            self._study.sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True)
            if not self._begun and not draw:
                self._study.enqueue_trial(self._own())
            trial = self._study.ask(self._distributions)
            word = json.dumps(trial.params, sort_keys=True)
            values = {key: _meant(self._space[key], value) for key, value in trial.params.items()}
            if word not in self._tried:
                self._tried.add(word)
                try:
                    attempt = Attempt(values, self.settings(values))
                except ValueError:  # they do not fit together
                    pass
                else:
                    self._running[attempt] = trial
                    self._begun += 1
                    return attempt
            self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
        return None

    def settings(self, values: Mapping[str, Any]) -> Config:
        """All settings of a trial; raises ValueError as `placed`."""
        return placed(self._config, self.short(values))

    def short(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values that were drawn, in as many digits as one would write."""
        return {key: _short(self._space[key], value) for key, value in values.items()}

    def _own(self) -> dict[str, Any]:
        """What the recipe itself sets, where a search looks there."""
        own = {key: value_of(self._config, key) for key in self._space}
        return {key: _told(self._space[key], value) for key, value in own.items() if value in self._space[key]}

    def is_hopeless(self, attempt: Attempt, losses: Sequence[float | None]) -> bool:
        """Whether a trial is to be given up, by the validation losses of its epochs so far."""
        trial = self._running[attempt]
        known = len(_at_tenths(losses[:-1], attempt.config))
        reached = list(_at_tenths(losses, attempt.config).items())
        for tenth, loss in reached[known:]:
            trial.report(loss, tenth)
        return bool(reached) and trial.should_prune()

    def ended(self, attempt: Attempt, state: State, loss: float | None) -> None:
        """Take what a trial came to."""
        value = loss if state == "complete" else None
        self._study.tell(self._running.pop(attempt), value, _state(state))


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise UsageError("a search needs the package optuna", "pip install 'charnn[tune]'") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def _at_tenths(losses: Sequence[float | None], config: Config) -> dict[int, float]:
    """The loss at each tenth of a training that it has reached."""
    epochs = [epoch for epoch, loss in enumerate(losses, 1) if loss is not None]
    reached = TENTHS * max(epochs, default=0) // config.training.epochs
    known = [loss for loss in losses if loss is not None]
    places = [tenth * config.training.epochs / TENTHS for tenth in range(1, reached + 1)]
    return dict(enumerate(np.interp(places, epochs, known).tolist(), 1)) if places else {}


def _state(state: State) -> Any:
    from optuna.trial import TrialState

    return {"complete": TrialState.COMPLETE, "failed": TrialState.FAIL}.get(state, TrialState.PRUNED)


def _distribution(part: Any) -> "BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if not isinstance(part, Range):
        return CategoricalDistribution([json.dumps(value) for value in part.values])
    if isinstance(part.low, int) and isinstance(part.high, int):
        return IntDistribution(part.low, part.high, log=part.log)
    return FloatDistribution(part.low, part.high, log=part.log)


def _told(part: Any, value: Any) -> Any:
    """A value as Optuna holds it."""
    return value if isinstance(part, Range) else json.dumps(value)


def _meant(part: Any, value: Any) -> Any:
    """A value as the settings hold it."""
    if isinstance(part, Range):
        return value
    return next(choice for choice in part.values if json.dumps(choice) == value)


def _short(part: Any, value: Any) -> Any:
    """A number in `DIGITS`, where it is still within its range."""
    if not isinstance(part, Range) or isinstance(value, int):
        return value
    return min(max(float(f"{value:.{DIGITS}g}"), part.low), part.high)


def _mixed(*numbers: int) -> int:
    """A seed of 32 bits from several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])
