"""`charnn study`: several recipes over seeds and splits of the same names, and whether they differ."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from charnn_cli.cli.options import DATA, TRAINED, Assignments, Quiet, recipe_words, setting_words
from charnn_cli.cli.predict_request import Engine
from charnn_cli.cli.streams import INTERRUPTED, noting, redrawn, say
from charnn_cli.errors import CharnnError, UsageError
from charnn_cli.terminal import number_of

if TYPE_CHECKING:
    from charnn_cli.study.plan import Cell, Design, Recipe
    from charnn_cli.study.record import Record

SPLITS = 5
STUDIES = Path("studies")
OFTEN = partial(typer.Option, rich_help_panel="How often")  # as TRAINED
LIMITS = partial(typer.Option, rich_help_panel="Where and how long")
SEARCH = partial(typer.Option, rich_help_panel="To search")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
EXAMPLES = """\
charnn study data/names --config rnn --config gru --config lstm
charnn study data/names --config gru --vary training.lr=1e-3,2e-3 --seeds 3
charnn study people.csv --config fast --folds 5  # each name is tested once
charnn study data/names --budget 2h              # again, it goes on
charnn study people.csv --config fast --tune 30m # looks for settings"""


def study(
    data: Annotated[Path, DATA],
    configs: Annotated[
        list[str] | None,
        TRAINED(
            "--config",
            help="A YAML file or a shipped recipe; give it again for more: all are compared with the first.",
            metavar="FILE|NAME",
            autocompletion=recipe_words,
        ),
    ] = None,
    assignments: Assignments = None,
    varied: Annotated[
        list[str] | None,
        TRAINED(
            "--vary",
            help="Every config with each of these values; give it again for all combinations.",
            metavar="KEY=VALUE,VALUE…",
            autocompletion=setting_words,
        ),
    ] = None,
    baseline: Annotated[bool, TRAINED("--baseline", help="The linear model, too.")] = False,
    seeds: Annotated[int, OFTEN(help="Seeds of weights, order and dropout.")] = 1,
    splits: Annotated[int | None, OFTEN(help="Splits by name [default: 5].")] = None,
    folds: Annotated[int | None, OFTEN(help="Folds of a cross-validation by name, in place of splits.")] = None,
    out: Annotated[
        Path | None,
        LIMITS("-o", "--out", help="The folder of the study [default: studies/<name of the data>]."),
    ] = None,
    jobs: Annotated[int | None, LIMITS(help="Cells at once [default: processors].")] = None,
    budget: Annotated[
        str | None, LIMITS(metavar="TIME", help="Begin no cell after so long, as in 90s, 30m or 2h.")
    ] = None,
    tuned: Annotated[
        str | None,
        SEARCH(
            "--tune",
            help="Search the settings that tell the validation names best, by so many trials or so long, as in 30m.",
            metavar="N|TIME",
        ),
    ] = None,
    engine: Annotated[Engine, SEARCH(help="Where trials of --tune run: here, or on a Ray cluster.")] = "local",
    quiet: Quiet = False,
) -> None:
    """Train recipes over seeds and splits, several at once, and tell whether they differ."""
    from charnn_cli.predict.predictor import worker_threads
    from charnn_cli.study.plan import Design, linear_recipe, recipes
    from charnn_cli.study.record import Record

    for option, number in (("--seeds", seeds), ("--splits", splits), ("--jobs", jobs)):
        if number is not None and number < 1:
            raise UsageError(f"{option} {number} leaves nothing to do", "give 1 or more")
    if tuned is not None:
        others = {"--vary": varied, "--baseline": baseline, "--splits": splits, "--folds": folds, "--budget": budget}
        given = [option for option, value in others.items() if value] + ["--seeds"] * (seeds != 1)
        given += ["a second --config"] * (len(configs or ()) > 1)
        if given:
            what = f"--tune searches around one recipe, on its own split, and does nothing with {', '.join(given)}"
            raise UsageError(what, "leave that out; what is found can be studied afterwards")
        from charnn_cli.cli.tune import budget_of, tune
        from charnn_cli.config import load_settings

        settings = load_settings((configs or ["default"])[0], assignments or (), place="--set")
        trials = budget_of(tuned)
        with Record(out or STUDIES / f"{data.resolve().stem}-{settings.title}") as record:
            tune(data, settings, record, trials, jobs, on_ray=engine == "ray", quiet=quiet)
        return
    if engine == "ray":
        raise UsageError("--engine ray is for the trials of --tune", "add --tune, or leave --engine out")
    if splits is not None and folds is not None:
        raise UsageError("--splits and --folds are two ways to hold names out", "leave one of them out")
    seconds = None if budget is None else seconds_of(budget, "--budget")
    chosen = recipes(
        configs or ["default"], assignments or (), varied or (), place="--set or --vary" if varied else "--set"
    )
    chosen += [linear_recipe(chosen)] * baseline
    design = Design(seeds, folds or splits or SPLITS, folds=folds is not None)
    with Record(out or STUDIES / data.resolve().stem) as record:
        _study(data, chosen, design, record, jobs or worker_threads(), seconds, quiet=quiet)


def seconds_of(text: str, option: str) -> float:
    """A time such as 90s, 30m or 2h in seconds; raises UsageError for anything else."""
    number, unit = (text[:-1], text[-1:]) if text[-1:] in UNITS else (text, "s")
    try:
        seconds = float(number) * UNITS[unit]
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise UsageError(f"{option} {text} is no time", "write it as 90s, 30m or 2h")
    return seconds


def _study(
    data: Path,
    chosen: "Sequence[Recipe]",
    design: "Design",
    record: "Record",
    jobs: int,
    budget: float | None,
    *,
    quiet: bool,
) -> None:
    from charnn_cli.cli.progress import bars
    from charnn_cli.cli.study_output import StudyProgress, print_tables
    from charnn_cli.study.measure import is_done, run
    from charnn_cli.study.outcome import outcome
    from charnn_cli.study.writing import write

    cells = design.cells(chosen, data)
    with bars(quiet=quiet) as shown:
        datasets = {cell.names: cell.names.read(shown.reading(data)) for cell in cells[: len(chosen)]}
    for note in dict.fromkeys(note for dataset in datasets.values() for note in dataset.report.notes):
        noting(quiet=quiet)(note)
    for cell in cells[: len(chosen)]:  # what would keep every cell from its names is told before any work
        cell.sides(datasets[cell.names])
    done = sum(is_done(cell, record) for cell in cells)
    known = f", {done} of them done" if done else ""
    what = f"{number_of(len(cells), 'cell')} of {number_of(len(chosen), 'recipe')}"
    say(f"{what}{known}, {jobs} at once, into {record.folder}", quiet=quiet)
    lost, was_interrupted = dict["Cell", str](), False
    try:
        with redrawn(quiet=quiet) as live:
            progress = StudyProgress(cells, record, live, quiet=quiet)
            for event in run(cells, record, jobs=jobs, may_start=_within(budget)):
                if event.kind == "lost":
                    lost[event.task] = event.value
                progress.take(event)
    except KeyboardInterrupt:
        was_interrupted = True
    came = outcome(cells, design, record, lost)
    if was_interrupted:
        done = sum(is_done(cell, record) for cell in cells)
        say(f"interrupted with {done} of {len(cells)} cells done; the same command goes on")
        if not came.is_measured:
            raise typer.Exit(INTERRUPTED)
    elif not came.is_measured:
        reason = next(reason for row in came.rows for _, reason in row.failures)
        raise CharnnError(f"no cell could be measured; the first: {reason}", "mend that, or set it otherwise")
    written = write(came, cells, record, noting(quiet=quiet))
    print_tables(came)
    say(f"in {record.folder}: {', '.join(written)}", quiet=quiet)
    if was_interrupted:
        raise typer.Exit(INTERRUPTED)


def _within(budget: float | None) -> Callable[[], bool]:
    """Whether so many seconds have not passed yet since this was asked first."""
    began: list[float] = []

    def may_start() -> bool:
        began.append(time.monotonic())
        return budget is None or began[-1] - began[0] < budget

    return may_start
