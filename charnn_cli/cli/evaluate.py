"""`charnn evaluate`: how good a run is, on the names it was tested on or on others."""

import csv
import json
import shlex
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import typer

from charnn_cli.choices import NamePart, Split
from charnn_cli.cli.options import (
    DEFAULT_RUN,
    SAME_AS_RUN,
    Encoding,
    NameColumn,
    OriginColumn,
    Output,
    Quiet,
    check_apart,
    run_words,
    table_options,
    written_layout,
)
from charnn_cli.cli.streams import noting, printed_to, say
from charnn_cli.cli.tables import show
from charnn_cli.errors import UsageError

if TYPE_CHECKING:
    from charnn_cli.evaluate import Evaluation, Records, WritingEvaluation
    from charnn_cli.store import Run

NEGATIVE_VERDICT = 1
EXAMPLES = """\
charnn evaluate                              # the newest run, its test names
charnn evaluate runs/a --compare runs/b --baseline
charnn evaluate runs/a runs/b runs/c         # as recorded, side by side
charnn evaluate --data people.csv --report report.html
charnn evaluate --fail-under macro_f1=0.5    # exit code 1 if it is lower"""


Format = Literal["table", "json", "csv"]


def metric_words(incomplete: str) -> list[str]:
    """For the shell: metrics that begin so and can be bounded."""
    from charnn_cli.metrics.letters import LETTER_METRICS
    from charnn_cli.metrics.scores import METRICS

    return [f"{metric}=" for metric in (*METRICS, *LETTER_METRICS) if metric.startswith(incomplete)]


def evaluate(
    run: Annotated[
        list[Path] | None,
        typer.Argument(
            help=f"{DEFAULT_RUN}; of several, what they have recorded.", show_default=False, autocompletion=run_words
        ),
    ] = None,
    model: Annotated[list[Path] | None, SAME_AS_RUN] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Labelled names: a folder of <Origin>.txt files, or a table: CSV, TSV, NDJSON, Parquet …"),
    ] = None,
    name_column: NameColumn = None,
    origin_column: OriginColumn = None,
    encoding: Encoding = None,
    split: Annotated[
        Split | None, typer.Option(help="Which names [default: the run's test split; all of other --data].")
    ] = None,
    name_part: Annotated[
        NamePart | None,
        typer.Option(help="What of people's names is read [default: of other --data, as predict]."),
    ] = None,
    output: Output = None,
    output_format: Annotated[
        Format | None,
        typer.Option("--format", help="How to print [default: table, or as --output's suffix says]."),
    ] = None,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Fit the linear model on the same training split, and compare.")
    ] = False,
    compare: Annotated[list[Path] | None, typer.Option(help="Another run to compare with.", metavar="RUN")] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            help="Write all of it as one HTML page, in which names open their reading (see plot live); "
            "that of a large network goes to FILE-live.html.",
            metavar="FILE.html",
        ),
    ] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            help="End with exit code 1 if the metric is worse than this: below it, or above it for nll and ece.",
            metavar="METRIC=VALUE",
            autocompletion=metric_words,
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Measure a run: figures with 95 % intervals, a table by origin, what it confuses with what."""
    from charnn_cli.evaluate import WritingEvaluation, missed, parse_bounds
    from charnn_cli.metrics import METRICS
    from charnn_cli.metrics.letters import LETTER_METRICS
    from charnn_cli.store import Run, locate

    runs = [*(run or ()), *(model or ())]
    layout: Any = output_format or written_layout(output or "", get_args(Format), "table", "of figures")
    if report is not None:
        from charnn_cli.report import check_target

        check_target(report)
    if len(runs) > 1:
        measures = {
            "--data": data, "--split": split, "--name-part": name_part, "--baseline": baseline, "--compare": compare,
            "--report": report, "--fail-under": fail_under,
        }  # fmt: skip
        with printed_to(output):
            _tell_records(runs, [option for option, value in measures.items() if value], layout, quiet=quiet)
        return
    table = table_options(data, name_column, origin_column, encoding)
    subject = Run(locate(runs[0] if runs else None, noting(quiet=quiet)))
    check_apart(data or subject.data_path, "--data" if data else str(subject.folder), output)
    writes = subject.trained.architecture.generates
    bounds = parse_bounds(fail_under or (), (*LETTER_METRICS, *METRICS) if writes else METRICS)
    if writes:
        _check_writing(subject, compare, report, name_part)
    with printed_to(output):
        evaluation = _evaluated(
            subject, [Run(locate(other)) for other in compare or ()], data, table, split, name_part, baseline, quiet
        )
        for note in evaluation.notes:
            say(f"charnn: note: {note}", quiet=quiet)
        _print(evaluation, layout)
    if report is not None and not isinstance(evaluation, WritingEvaluation):
        from charnn_cli.report import write_report

        written, *beside = write_report(report, subject, evaluation, command=shlex.join(["charnn", *sys.argv[1:]]))
        say(f"report: {written}" + "".join(f"; its names open {path}" for path in beside), quiet=quiet)
    told = evaluation.as_classifier if isinstance(evaluation, WritingEvaluation) else {}
    misses = missed(bounds, {**evaluation.metrics, **told})
    for miss in misses:
        say(f"charnn: {miss}")
    if misses:
        sys.stdout.flush()
        raise typer.Exit(NEGATIVE_VERDICT)


def _print(told: "Evaluation | WritingEvaluation | Records", layout: Format) -> None:
    from charnn_cli.evaluate import Records, WritingEvaluation

    if layout == "json":
        print(json.dumps(told.to_json(), ensure_ascii=False, indent=1, allow_nan=False))
        return
    kinds: dict[type, str] = {WritingEvaluation: "writing", Records: "records"}
    output = import_module(f"charnn_cli.cli.{kinds.get(type(told), 'evaluation')}_output")
    if layout == "csv":  # RFC 4180 quoting, `\n` line ends
        csv.writer(sys.stdout, lineterminator="\n").writerows(output.csv_rows(told))
    else:
        show(output.parts(told), sys.stdout)


def _tell_records(runs: list[Path], measures: list[str], layout: Format, *, quiet: bool) -> None:
    """What several runs have recorded of themselves; refuse what is to measure them anew."""
    from charnn_cli.evaluate import Records
    from charnn_cli.store import Run, locate

    anew = f"charnn evaluate {runs[0]} --data FILE" + "".join(f" --compare {other}" for other in runs[1:])
    if measures:
        what = f"several runs are told by what they have recorded, and take no {', '.join(measures)}"
        raise UsageError(what, f"leave it out, or measure them: {anew}")
    records = Records.of([Run(locate(run)) for run in runs])
    if records.apart:
        what = f"these figures are of different names and no comparison (what differs: {', '.join(records.apart)})"
        noting(quiet=quiet)(f"{what}; on names that are new to all: {anew}")
    for note in records.notes:
        noting(quiet=quiet)(note)
    _print(records, layout)


def _check_writing(
    run: "Run", compare: list[Path] | None, report: Path | None, name_part: NamePart | None
) -> None:  # fmt: skip
    """Refuse what a run that writes names is not asked."""
    if name_part is not None:
        raise UsageError(f"{run.folder} writes names, and is measured on all of each", "leave --name-part out")
    if compare:
        what = f"{run.folder} writes names, and is compared with others by the origins that it tells"
        raise UsageError(what, f"turn it round: charnn evaluate {compare[0]} --compare {run.folder}")
    if report is not None:
        raise UsageError(f"{run.folder} writes names, and --report shows runs that tell origins", "leave it out")


def _evaluated(
    run: "Run", others: list["Run"], data: Path | None, table: dict[str, str | None], split: Split | None,
    name_part: NamePart | None, baseline: bool, quiet: bool,
) -> "Evaluation | WritingEvaluation":  # fmt: skip
    from charnn_cli.cli.progress import bars
    from charnn_cli.evaluate import LabelledNames, evaluate, evaluate_writing

    notes: list[str] = []
    with bars(quiet=quiet) as shown:

        def read(run: "Run", path: Path | None) -> "LabelledNames":
            found = LabelledNames.of(run, path, shown.reading(path or run.folder), table)
            notes.extend(found.dataset.report.notes)
            return found

        evaluation: Evaluation | WritingEvaluation
        if run.trained.architecture.generates:
            evaluation = evaluate_writing(
                run, data=data, split=split, with_baseline=baseline, read=read, on_stage=shown.on_stage
            )
        else:
            evaluation = evaluate(
                run, data=data, split=split, name_part=name_part, compare=others, with_baseline=baseline, read=read,
                on_stage=shown.on_stage,
            )  # fmt: skip
    for note in dict.fromkeys(notes):
        noting(quiet=quiet)(note)
    return evaluation
