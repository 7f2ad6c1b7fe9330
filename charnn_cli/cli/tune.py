"""`charnn study --tune`: a search of the settings that tell the validation names best."""

import shlex
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from charnn_cli.cli.streams import INTERRUPTED, redrawn, say
from charnn_cli.cli.tables import sheet_table, show
from charnn_cli.errors import UsageError
from charnn_cli.terminal import number_of, visible

if TYPE_CHECKING:
    from rich.live import Live

    from charnn_cli.config import Settings
    from charnn_cli.study.record import Record
    from charnn_cli.study.search import Budget, Search, Trial
    from charnn_cli.study.trials import Attempt, SeenNames

MOST_SHOWN = 5


def tune(
    data: Path, settings: "Settings", record: "Record", budget: "Budget", jobs: int | None, *, on_ray: bool, quiet: bool
) -> None:
    """Search around a recipe, or in its own space, until the budget is spent, and write what was found."""
    from charnn_cli.study import findings
    from charnn_cli.study.plan import Names
    from charnn_cli.study.search import Search
    from charnn_cli.study.trials import SeenNames

    dataset = Names.of(data, settings.config).read()
    search = Search(settings, dataset.fingerprint, record.cells)
    seen = SeenNames.of(dataset, settings.config)
    title = visible(f"the recipe {settings.recipe} on {data.resolve().name}")
    command = visible(shlex.join(["charnn", "train", str(data), "--config", str(record.folder / findings.BEST)]))
    known = f"{number_of(before, 'trial')} done; " if (before := len(search.trials)) else ""
    say(f"{known}searching {', '.join(search.space)} into {record.folder}", quiet=quiet)
    was_interrupted = False
    try:
        _run(search, seen, record, jobs, budget, on_ray=on_ray, quiet=quiet)
    except KeyboardInterrupt:
        was_interrupted = True
    if was_interrupted:
        say(f"interrupted with {number_of(len(search.trials), 'trial')} done; the same command goes on")
        if search.best is None:
            raise typer.Exit(INTERRUPTED)
    elif len(search.trials) == before:
        say(
            "what was asked for is done already, with all that came before; a larger number or time goes on",
            quiet=quiet,
        )
    written = findings.write(search, record.folder, title, command)
    say(f"written: {', '.join(map(str, written))}", quiet=quiet)
    if was_interrupted:
        raise typer.Exit(INTERRUPTED)
    show([sheet_table(findings.narrow_sheet(search, MOST_SHOWN))], sys.stdout)
    say(f"train by it: {command}", quiet=quiet)


def _run(
    search: "Search",
    seen: "SeenNames",
    record: "Record",
    jobs: int | None,
    budget: "Budget",
    *,
    on_ray: bool,
    quiet: bool,
) -> None:
    from charnn_cli.study.on_ray import RayPool
    from charnn_cli.study.pool import Pool
    from charnn_cli.study.trials import Attempt, train

    work = partial(train, seen)
    pool: Pool[Attempt] | RayPool[Attempt] = RayPool(work) if on_ray else Pool(work, record.lock)
    if not on_ray:
        import charnn_cli.train  # noqa: F401  # here, so that the copies of this process need not
    with redrawn(quiet=quiet) as live, pool:
        progress = SearchProgress(search, live, quiet=quiet)
        for trial in search.run(pool, jobs or pool.size, budget, progress.on_epoch):
            progress.on_trial(trial)


class SearchProgress:
    """A line for each trial, and on a terminal one below them that tells of those at work."""

    def __init__(self, search: "Search", live: "Live | None", *, quiet: bool) -> None:
        self._search, self._live, self._quiet = search, live, quiet
        self._at_work: dict[Attempt, str] = {}

    def on_epoch(self, attempt: "Attempt", record: Mapping[str, Any]) -> None:
        """Tell of an epoch of a trial."""
        loss = record["validation_loss"]
        nats = "" if loss is None else f", {loss:.4f} nats"
        self._at_work[attempt] = f"epoch {record['epoch']} of {attempt.config.training.epochs}{nats}"
        if self._live is not None:
            self._live.update("at work: " + "; ".join(self._at_work.values()), refresh=True)

    def on_trial(self, trial: "Trial") -> None:
        """Tell of a trial that has ended."""
        self._at_work = {attempt: told for attempt, told in self._at_work.items() if attempt in self._search.running}
        if self._live is not None:
            self._live.update("", refresh=True)
        say(_line(self._search, trial), quiet=self._quiet)


def _line(search: "Search", trial: "Trial") -> str:
    from charnn_cli.study.findings import WORDS

    loss = "" if trial.nll is None else f"{trial.nll:.4f} nats, "
    best = "" if search.best is None else f"; best {search.best.nll:.4f} by trial {search.best.number}"
    fault = f": {visible(trial.fault)}" if trial.fault else ""
    return (
        f"trial {trial.number}: {loss}{WORDS[trial.state]} after {number_of(len(trial.losses), 'epoch')}{fault}{best}"
    )


def budget_of(text: str) -> "Budget":
    """So many trials, as 40, or a time, as 30m; raises UsageError for anything else."""
    from charnn_cli.cli.study import seconds_of
    from charnn_cli.study.search import Budget

    if not text.isdecimal():
        return Budget(seconds=seconds_of(text, "--tune"))
    if int(text) < 1:
        raise UsageError(f"--tune {text} leaves nothing to do", "give 1 or more trials, or a time as 30m")
    return Budget(trials=int(text))
