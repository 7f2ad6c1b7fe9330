"""`charnn evaluate`: how good a run is, on the names it was tested on or on others."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charnn_cli.cli.streams import console, is_fancy, printable, say

if TYPE_CHECKING:
    from charnn_cli.evaluate import Evaluation
    from charnn_cli.store import Run

NEGATIVE_VERDICT = 1


class SplitName(StrEnum):
    """What `--split` takes."""

    test = "test"
    val = "val"
    train = "train"
    all = "all"


class FiguresFormat(StrEnum):
    """What `--format` takes."""

    table = "table"
    json = "json"
    csv = "csv"


def evaluate(
    run: Annotated[
        Path | None,
        typer.Argument(
            help="The run folder [default: CHARNN_MODEL, runs/latest, or the model that ships].", show_default=False
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", help="Labelled names: a folder of <Origin>.txt files, or a CSV, TSV, NDJSON or Parquet file."
        ),
    ] = None,
    split: Annotated[
        SplitName | None,
        typer.Option("--split", help="Which names [default: the run's test split; all of other --data]."),
    ] = None,
    output_format: Annotated[FiguresFormat, typer.Option("--format", help="How to print.")] = FiguresFormat.table,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Fit the linear model on the same training split, and compare.")
    ] = False,
    compare: Annotated[
        list[Path] | None, typer.Option("--compare", help="Another run to compare with.", metavar="RUN")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write all of it as one HTML page.", metavar="FILE.html")
    ] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-under",
            help="End with exit code 1 if the metric is worse than this: below it, or above it for nll and ece.",
            metavar="METRIC=VALUE",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no notes on stderr.")] = False,
) -> None:
    """Measure a run: figures with 95 % intervals, a table by origin, what it confuses with what."""
    from charnn_cli.evaluate import missed, parse_bounds
    from charnn_cli.store import Run, locate

    bounds = parse_bounds(fail_under or ())
    if report is not None:
        from charnn_cli.report import check_target

        check_target(report)
    subject = Run(locate(run))
    evaluation = _evaluated(subject, [Run(locate(other)) for other in compare or ()], data, split, baseline, quiet)
    for note in evaluation.notes:
        say(f"charnn: note: {note}", quiet=quiet)
    if output_format is FiguresFormat.json:
        print(json.dumps(evaluation.to_json(), ensure_ascii=False, indent=1, allow_nan=False))
    elif output_format is FiguresFormat.csv:
        from charnn_cli.cli.evaluation_csv import write_csv

        write_csv(evaluation, sys.stdout)
    else:
        from charnn_cli.cli.evaluation_table import print_tables

        print_tables(evaluation)
    if report is not None:
        from charnn_cli.report import write_report

        write_report(report, subject, evaluation)
        say(f"report: {report}", quiet=quiet)
    misses = missed(bounds, evaluation.metrics)
    for miss in misses:
        say(f"charnn: {miss}")
    if misses:
        sys.stdout.flush()
        raise typer.Exit(NEGATIVE_VERDICT)


def _evaluated(
    run: "Run", others: list["Run"], data: Path | None, split: SplitName | None, baseline: bool, quiet: bool
) -> "Evaluation":
    from charnn_cli.cli.reading_progress import reading_progress
    from charnn_cli.evaluate import LabelledNames, evaluate

    def read(run: "Run", path: Path | None) -> "LabelledNames":
        with reading_progress(path or run.folder, quiet=quiet) as on_progress:
            return LabelledNames.of(run, path, on_progress)

    with _stages(quiet=quiet) as on_stage:
        return evaluate(
            run,
            data=data,
            split=None if split is None else split.value,
            compare=others,
            with_baseline=baseline,
            read=read,
            on_stage=on_stage,
        )


@contextmanager
def _stages(*, quiet: bool) -> Iterator[Callable[[str, int, int], None] | None]:
    """A bar a stage on a terminal; elsewhere one line for the stage that takes a minute."""
    if quiet:
        yield None
    elif not is_fancy(sys.stderr):
        yield lambda what, done, total: say(what) if "linear" in what and not done else None
    else:
        with _bars() as on_stage:
            yield on_stage


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    tasks: dict[str, TaskID] = {}
    columns: tuple[Any, ...] = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=console(sys.stderr), transient=True)

    def on_stage(what: str, done: int, total: int) -> None:
        bar.start()  # not sooner: the bar of the reading comes first, and only one can be live
        if what not in tasks:
            tasks[what] = bar.add_task(printable(what), total=total)
        bar.update(tasks[what], completed=done, total=total)

    try:
        yield on_stage
    finally:
        bar.stop()
