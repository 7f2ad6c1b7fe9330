"""`charnn train`: labelled names in, a run folder out."""

import contextlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from charnn_cli.choices import Cell, Device
from charnn_cli.cli.options import CONFIG, DATA, TRAINED, Assignments, Quiet, run_words
from charnn_cli.cli.streams import INTERRUPTED, noting, say, tell_path
from charnn_cli.cli.training_output import command_line, interrupted, summary
from charnn_cli.errors import LostProcess, OutputError, TrainingError, UsageError
from charnn_cli.processes import ALONE, Processes
from charnn_cli.terminal import number_of

if TYPE_CHECKING:
    from charnn_cli.config import Settings
    from charnn_cli.data import Dataset
    from charnn_cli.store import RunWriter

ReportFormat = Literal["table", "json"]
FEW_NAMES = 100
KEPT = partial(typer.Option, rich_help_panel="Where it goes")  # as TRAINED
LOOK = partial(typer.Option, rich_help_panel="To look before")
EXAMPLES = """\
charnn train data/names                  # the default recipe, into runs/
charnn train people.csv --dry-run        # what is in the data, before
charnn train data/names --config lstm --set training.truncate_every=4
charnn train --resume runs/NAME          # go on with what was stopped
RUN=$(charnn train data/names --quiet)   # a script is told where the run lies"""


def train(
    context: typer.Context,
    data: Annotated[Path | None, DATA] = None,
    config: Annotated[str | None, CONFIG] = None,
    assignments: Assignments = None,
    cell: Annotated[Cell | None, TRAINED(help="The recurrent cell.")] = None,
    hidden_size: Annotated[int | None, TRAINED(help="Width of the hidden state.")] = None,
    lr: Annotated[float | None, TRAINED(help="Learning rate.")] = None,
    clip_norm: Annotated[str | None, TRAINED(metavar="X|none", help="Largest gradient norm.")] = None,
    epochs: Annotated[int | None, TRAINED(help="Passes over the training names.")] = None,
    start_from: Annotated[
        str | None,
        TRAINED(metavar="RUN|shipped", autocompletion=run_words, help="Begin with the network of this run."),
    ] = None,
    seed: Annotated[int | None, TRAINED(help="Seed of weights, order and dropout.")] = None,
    device: Annotated[Device | None, TRAINED(help="Where to compute.")] = None,
    out: Annotated[Path | None, KEPT("-o", "--out", help="The run folder [default: runs/<date>-<recipe>-<n>].")] = None,
    name: Annotated[str | None, KEPT(help="Call the run so: its folder is runs/NAME.")] = None,
    resume: Annotated[Path | None, KEPT(help="Go on with the run in this folder.")] = None,
    force: Annotated[bool, KEPT("--force", help="Replace the run that is there.")] = False,
    dry_run: Annotated[bool, LOOK("--dry-run", help="Check and report on the data; train nothing.")] = False,
    report_format: Annotated[
        ReportFormat | None, LOOK("--format", help="How --dry-run reports [default: table].")
    ] = None,
    print_config: Annotated[
        bool, LOOK("--print-config", help="Show every setting and where it came from; train nothing.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Train a network on labelled names."""
    processes: Processes = context.obj or ALONE
    quiet = quiet or not processes.leads
    flags = {
        "model.cell": ("--cell", cell),
        "model.hidden_size": ("--hidden-size", hidden_size),
        "training.lr": ("--lr", lr),
        "training.clip_norm": ("--clip-norm", None if clip_norm == "none" else _number(clip_norm)),
        "training.epochs": ("--epochs", epochs),
        "seed": ("--seed", seed),
        "training.start_from": ("--start-from", start_from),
        "training.device": ("--device", device),
    }
    if clip_norm == "none":
        assignments = [*(assignments or ()), "training.clip_norm=null"]
    if report_format is not None and not dry_run:
        raise UsageError("--format is for the report of --dry-run", "add --dry-run, or leave --format out")
    if resume is not None:
        given = [flag for flag, value in flags.values() if value is not None and flag != "--device"]
        given += ["--config"] * bool(config) + ["--set"] * bool(assignments)
        given += ["--out"] * bool(out) + ["--name"] * (name is not None) + ["--force"] * force
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
    if cell is not None and settings.config.model.language_model:
        what = "n-grams and language models answer most here, beside any cell"
        noting(quiet=quiet)(f"{what}; the recipes rnn, gru and lstm differ in the cell alone")
    if name is not None and out is not None:
        raise UsageError("--name and --out both say where the run goes", "leave one of them out")
    if not dry_run:
        from charnn_cli.store import named_run_folder, new_run_folder

        folder = resume or out or (new_run_folder(settings.title) if name is None else named_run_folder(name))
        _train(data, settings, folder, processes, resume=resume is not None, force=force, quiet=quiet)
    elif processes.leads:
        from charnn_cli.cli.data_report import report

        report(_read(data, settings, quiet=quiet, strict=False), settings.config, as_json=report_format == "json")


def _number(word: str | None) -> float | None:
    try:
        return None if word is None else float(word)
    except ValueError:
        raise typer.BadParameter(f"'{word}' is not a number, or none", param_hint="'--clip-norm'") from None


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
            how="--set data.{}_column=HEADING",
            on_progress=shown.reading(data),
            strict=strict,
        )
    for note in dataset.report.notes:
        noting(quiet=quiet)(note)
    return dataset


def _train(
    data: Path, settings: "Settings", wanted: Path, processes: Processes, *, resume: bool, force: bool, quiet: bool
) -> None:
    from charnn_cli.store import RunWriter, check_free, follow

    folder = Path(processes.leading(str(wanted)))
    if processes.leads and not resume:
        check_free(folder, force=force)
    writer = RunWriter(folder)
    try:
        with writer if processes.leads else contextlib.nullcontext():
            dataset = _read(data, settings, quiet=quiet)
            metrics = _fit(dataset, data, settings, writer, processes, resume=resume, quiet=quiet)
    except KeyboardInterrupt:
        say("interrupted before training began; nothing was written", quiet=not processes.leads)
        raise typer.Exit(INTERRUPTED) from None
    if not processes.leads:
        return
    if follow(folder) and (len(dataset) < FEW_NAMES or "validation" not in metrics):
        doubt = f"of {number_of(len(dataset), 'name')}" if len(dataset) < FEW_NAMES else "that no name has validated"
        noting(quiet=quiet)(
            f"runs/latest, by which commands answer now, is a run {doubt}; '--model shipped' asks the other"
        )
    trial = "generate" if settings.config.model.generates else "predict Hinton"
    say(summary(folder, metrics, trial), quiet=quiet)
    tell_path(folder)


def _fit(
    dataset: "Dataset", data: Path, settings: "Settings", writer: "RunWriter", processes: Processes, *,
    resume: bool, quiet: bool,
) -> dict[str, Any]:  # fmt: skip
    from charnn_cli.cli.progress import TrainingProgress, bars

    with bars(quiet=quiet) as shown:
        on_progress = shown.counting()
        from charnn_cli.train import Session, in_words  # here, so that the bar stands while torch is loaded

        session = Session.prepare(settings, dataset, data, processes, on_progress)
    training = settings.config.training
    say(
        f"{number_of(len(dataset.names), 'name')} of {number_of(len(dataset.labels), 'origin')}: "
        f"{len(session.data.training):,} to train, {len(session.data.validation):,} to validate, "
        f"{len(session.data.test):,} to test; {number_of(training.epochs, 'epoch')} "
        f"in steps of {number_of(session.step_size, 'name')} into {writer.folder}",
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
            if last is None:
                say(
                    "it had ended; for more epochs train another that begins with its network: --start-from",
                    quiet=quiet,
                )
            progress.on_measuring()
            return session.finish(writer, command_line(session.about)) if processes.leads else {}
    except KeyboardInterrupt:
        replaces = not resume and writer.holds_model and not writer.cleared
        told = "interrupted before the first epoch ended; the run that was there stands"
        say(told if replaces else interrupted(writer, last, training.epochs), quiet=not processes.leads)
        raise typer.Exit(INTERRUPTED) from None
    except (OutputError, LostProcess) as error:
        if not writer.holds_model:
            raise
        first = f"{error.do}; " if isinstance(error, LostProcess) else ""
        do = (
            f"{first}the best weights so far are kept; mend that, then go on with charnn train --resume {writer.folder}"
        )
        raise type(error)(error.what, do, where=error.where) from error
    except TrainingError as error:
        if not resume:
            raise
        do = "a run that goes on keeps its settings: train another, with a lower --lr or with --clip-norm"
        begin = f"; --start-from {writer.folder} begins with the best weights of this one" if writer.holds_model else ""
        raise TrainingError(error.what, do + begin) from error


def _of_start(name: str) -> Mapping[str, Any]:
    from charnn_cli.train.start import Start

    return Start.of(name).settings()


def _recorded(folder: Path, device: tuple[str, Any]) -> "Settings":
    from charnn_cli.errors import ModelError
    from charnn_cli.store import Run

    run = Run(folder)
    if not run.is_begun:
        raise ModelError("holds no run to go on with", f"start one with charnn train DATA --out {folder}", where=folder)
    return run.settings({"training.device": device})
