"""`charnn train`: labelled names in, a run folder out."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from charnn_cli.choices import Cell, Device
from charnn_cli.cli.streams import noting, say
from charnn_cli.errors import DataErrors, LostProcess, OutputError, UsageError
from charnn_cli.processes import ALONE, Processes

if TYPE_CHECKING:
    from charnn_cli.config import Settings
    from charnn_cli.data import Dataset
    from charnn_cli.store import RunWriter

INTERRUPTED = 130
EXAMPLES = """\
charnn train data/names                                   # the default recipe, into runs/
charnn train people.csv --dry-run                         # what is in the data, before
charnn train data/names --config lstm --set training.truncate_every=4
charnn train --resume runs/NAME                           # go on with what was stopped"""


ReportFormat = Literal["table", "json"]


def train(
    context: typer.Context,
    data: Annotated[
        Path | None,
        typer.Argument(
            help="A folder of <Origin>.txt files, or a CSV, TSV, NDJSON or Parquet file.", show_default=False
        ),
    ] = None,
    config: Annotated[
        str | None, typer.Option("--config", help="A YAML file, or the name of a shipped recipe.", metavar="FILE|NAME")
    ] = None,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", help="Set any key of the config.", metavar="KEY=VALUE")
    ] = None,
    cell: Annotated[Cell | None, typer.Option("--cell", help="The recurrent cell.")] = None,
    hidden_size: Annotated[int | None, typer.Option("--hidden-size", help="Width of the hidden state.")] = None,
    lr: Annotated[float | None, typer.Option("--lr", help="Learning rate.")] = None,
    clip_norm: Annotated[float | None, typer.Option("--clip-norm", help="Largest gradient norm.")] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", help="Passes over the training names.")] = None,
    start_from: Annotated[
        str | None, typer.Option("--start-from", help="Begin with the network of this run.", metavar="RUN|shipped")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of weights, order and dropout.")] = None,
    device: Annotated[Device | None, typer.Option("--device", help="Where to compute.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The run folder [default: runs/<date>-<cell>-<n>].")] = None,
    resume: Annotated[Path | None, typer.Option("--resume", help="Go on with the run in this folder.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the run that --out holds.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and report on the data; train nothing.")] = False,
    report_format: Annotated[
        ReportFormat | None, typer.Option("--format", help="How --dry-run reports [default: table].")
    ] = None,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Show every setting and where it came from; train nothing.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")] = False,
) -> None:
    """Train a network on labelled names."""
    processes: Processes = context.obj or ALONE
    quiet = quiet or not processes.leads
    flags = {
        "model.cell": ("--cell", cell),
        "model.hidden_size": ("--hidden-size", hidden_size),
        "training.lr": ("--lr", lr),
        "training.clip_norm": ("--clip-norm", clip_norm),
        "training.epochs": ("--epochs", epochs),
        "seed": ("--seed", seed),
        "training.start_from": ("--start-from", start_from),
        "training.device": ("--device", device),
    }
    if report_format is not None and not dry_run:
        raise UsageError("--format is for the report of --dry-run", "add --dry-run, or leave --format out")
    if resume is not None:
        given = [flag for flag, value in flags.values() if value is not None and flag != "--device"]
        given += ["--config"] * bool(config) + ["--set"] * bool(assignments)
        given += ["--out"] * bool(out) + ["--force"] * force
        if given:
            raise UsageError(
                f"--resume goes on with the run's own settings, not with {', '.join(given)}", "leave it out"
            )
        settings = _recorded(resume, flags["training.device"])
    else:
        from charnn_cli.config import load_settings

        settings = load_settings(config, assignments or (), flags, place="--set", follow=_of_start)
    if print_config:
        if processes.leads:
            print(settings.describe(), end="")
        return
    if data is None and resume is not None:
        from charnn_cli.store import Run

        data = Run(resume).data_path
    columns = settings.config.data.name_column or settings.config.data.origin_column
    if columns and resume is None and data is not None and data.is_dir():
        what = f"{data} is a folder, which has no column '{columns}'"
        raise UsageError(what, "leave out data.name_column and data.origin_column, or give a table")
    if data is None:
        raise UsageError("which names to train on is not said", "give a folder or file, as in charnn train data/names")
    if not dry_run:
        _train(data, settings, out, resume, processes, force=force, quiet=quiet)
    elif processes.leads:
        _report(data, settings, report_format, quiet=quiet)


def _read(data: Path, settings: "Settings", *, quiet: bool, strict: bool = True) -> "Dataset":
    from charnn_cli.cli.progress import bars
    from charnn_cli.data import read

    config = settings.config
    with bars(quiet=quiet) as shown:
        dataset = read(
            data,
            rules=config.text.rules(),
            name_column=config.data.name_column,
            origin_column=config.data.origin_column,
            encoding=config.data.encoding,
            on_progress=shown.reading(data),
            strict=strict,
        )
    for note in dataset.report.notes:
        noting(quiet=quiet)(note)
    return dataset


def _report(data: Path, settings: "Settings", report_format: ReportFormat | None, *, quiet: bool) -> None:
    import json

    from charnn_cli.cli.data_report import print_report
    from charnn_cli.data import describe, split

    config = settings.config
    dataset = _read(data, settings, quiet=quiet, strict=False)
    sides = split(dataset, **config.data.split_options())
    report = describe(dataset, sides, config.text.rules())
    if report_format == "json":
        print(json.dumps(report.to_json(), ensure_ascii=False, indent=1))
    else:
        print_report(report)
    if report.faults:
        raise DataErrors(report.faults)


def _train(
    data: Path,
    settings: "Settings",
    out: Path | None,
    resume: Path | None,
    processes: Processes,
    *,
    force: bool,
    quiet: bool,
) -> None:
    from charnn_cli.store import RunWriter, check_free, follow, new_run_folder

    folder = Path(processes.leading(str(resume or out or new_run_folder(settings.config.model.cell))))
    if not processes.leads:
        _fit(
            _read(data, settings, quiet=quiet),
            data,
            settings,
            RunWriter(folder),
            processes,
            resume=resume is not None,
            quiet=quiet,
        )
        return
    if resume is None:
        check_free(folder, force=force)
    try:
        with RunWriter(folder) as writer:
            dataset = _read(data, settings, quiet=quiet)
            metrics = _fit(dataset, data, settings, writer, processes, resume=resume is not None, quiet=quiet)
    except KeyboardInterrupt:
        say("interrupted before training began; nothing was written")
        raise typer.Exit(INTERRUPTED) from None
    follow(folder)
    trial = "generate" if settings.config.model.generates else "predict Hinton"
    say(_summary(folder, metrics, trial), quiet=quiet)


def _fit(
    dataset: "Dataset",
    data: Path,
    settings: "Settings",
    writer: "RunWriter",
    processes: Processes,
    *,
    resume: bool,
    quiet: bool,
) -> dict[str, Any]:
    from charnn_cli.cli.progress import TrainingProgress, bars

    with bars(quiet=quiet) as shown:
        on_progress = shown.counting()
        from charnn_cli.train import Session, in_words  # here, so that the bar stands while torch is loaded

        session = Session.prepare(settings, dataset, data, processes, on_progress)
    training = settings.config.training
    say(
        f"{len(dataset.names):,} names of {len(dataset.labels)} origins: {len(session.data.training):,} to train, "
        f"{len(session.data.validation):,} to validate, {len(session.data.test):,} to test; "
        f"{training.epochs} epochs into {writer.folder}",
        quiet=quiet,
    )
    if start := session.about.get("start"):
        say(in_words(start, session.data.alphabet, dataset.labels), quiet=quiet)
    last = None
    try:
        with bars(quiet=quiet) as shown:
            progress = TrainingProgress(shown, training.epochs, report_every=training.report_every)
            for report in session.run(writer, resume=resume, on_step=progress.on_step):
                last = report.epoch
                progress.on_epoch(report)
            progress.on_measuring()
            return session.finish(writer) if processes.leads else {}
    except KeyboardInterrupt:
        say(_interrupted(writer, last, training.epochs), quiet=not processes.leads)
        raise typer.Exit(INTERRUPTED) from None
    except (OutputError, LostProcess) as error:
        if not writer.holds_model:
            raise
        first = f"{error.do}; " if isinstance(error, LostProcess) else ""
        do = (
            f"{first}the best weights so far are kept; mend that, then go on with charnn train --resume {writer.folder}"
        )
        raise type(error)(error.what, do, where=error.where) from error


def _interrupted(writer: "RunWriter", epoch: int | None, epochs: int) -> str:
    kept = (
        "the best weights so far are kept, go on with" if writer.holds_model else "no weights to keep yet, go on with"
    )
    if epoch is not None:
        done = f" after epoch {epoch} of {epochs}"
    else:
        done = "" if writer.holds_model else " before the first epoch ended"
    return f"interrupted{done}; {kept}: charnn train --resume {writer.folder}"


def _summary(folder: Path, metrics: dict[str, Any], trial: str) -> str:
    lines = []
    for side in ("validation", "test"):
        if "as_classifier" in metrics.get(side, ()):
            lines.append(_written(side, metrics[side]))
        elif side in metrics:
            figures = metrics[side]["metrics"]
            lines.append(
                f"{side}: accuracy {figures['accuracy']:.3f}  balanced {figures['balanced_accuracy']:.3f}"
                f"  macro-F1 {figures['macro_f1']:.3f}  top-3 {figures['top_3_accuracy']:.3f}"
                f"  NLL {figures['nll']:.3f}  ECE {figures['ece']:.3f}  ({metrics[side]['n']:,} names)"
            )
    lines.append(
        f"{folder}: best epoch {metrics['best_epoch']}, trained in {metrics['training_seconds']:.0f} s; "
        f"try: charnn {trial} --model {folder}"
    )
    return "\n".join(lines)


def _written(side: str, measured: dict[str, Any]) -> str:
    """What a network that writes names came to, in a line."""
    figures, classifier = measured["metrics"], measured["as_classifier"]
    rival = ""
    if "ngrams" in measured:
        ngrams = measured["ngrams"]
        rival = f" (smoothed {ngrams['order']}-grams {ngrams['bits_per_letter']:.3f})"
    return (
        f"{side}: {figures['bits_per_letter']:.3f} bits per letter{rival}  nats {figures['nats_per_letter']:.3f}"
        f"  perplexity {figures['perplexity']:.2f}  accuracy by Bayes' rule {classifier['accuracy']:.3f}"
        f"  ({measured['n']:,} names)"
    )


def _of_start(name: str) -> Mapping[str, Any]:
    from charnn_cli.train.start import Start

    return Start.of(name).settings()


def _recorded(folder: Path, device: tuple[str, Any]) -> "Settings":
    from charnn_cli.config import load_settings
    from charnn_cli.errors import ModelError
    from charnn_cli.store import Run

    run = Run(folder)
    if not run.is_begun:
        raise ModelError("holds no run to go on with", "start one with charnn train DATA --out", where=folder)
    _ = run.config  # it is what the run began with
    return load_settings(str(run.config_path), (), {"training.device": device}, recorded=True)
