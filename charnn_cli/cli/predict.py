"""`charnn predict`: names in, origins out. Nothing is imported here that a single name does not need."""

import os
import sys
from collections.abc import Callable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from charnn_cli.cli.predict_input import TextOptions, opened_source
from charnn_cli.cli.streams import console, noting, say
from charnn_cli.errors import UsageError
from charnn_cli.formats.table import FORMAT_OF_SUFFIX, GZIP, PARQUET, format_of

if TYPE_CHECKING:
    from pathlib import Path

    from charnn_cli.formats.opening import Source
    from charnn_cli.predict import Predictor
    from charnn_cli.render.pipeline import Pipeline

BYTE_ORDER_MARK = "\ufeff".encode()
BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS")
EXAMPLE = "give names, as in 'charnn predict Hinton', or pipe them in, one a line"
MOST_COLUMNS = 100  # of origins, where a model knows fewer and the rest stand empty


Format = Literal["table", "text", "tsv", "csv", "ndjson", "json", "parquet"]
Engine = Literal["local", "ray"]


def predict(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Names; '-' reads them from stdin, one a line.")
    ] = None,
    model: Annotated[str | None, typer.Option(metavar="RUN", help="Run folder of the model.")] = None,
    k: Annotated[
        int | None, typer.Option("-k", metavar="N", help="Origins for each name: 3 in table and text, else 1.")
    ] = None,
    format: Annotated[
        Format | None, typer.Option(help="Layout: table on a terminal, tsv elsewhere, or as --output's suffix says.")
    ] = None,
    input: Annotated[
        str | None,
        typer.Option(
            "--input", metavar="FILE|-", help="One name a line, or a table (CSV, TSV, NDJSON, JSON, Parquet)."
        ),
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="The input's column of names; several make one name.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(metavar="C", help="What parts the columns of a text [default: found].")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME|auto", help="Of the input, where it is no UTF-8; auto guesses.")
    ] = None,
    output: Annotated[str | None, typer.Option(metavar="FILE|-", help="Where to write instead of stdout.")] = None,
    min_probability: Annotated[
        float, typer.Option(metavar="P", help="Abstain where the best origin is less probable than this.")
    ] = 0.0,
    prior: Annotated[
        str, typer.Option(metavar="training|uniform|FILE", help="Shares of the origins among the names to come.")
    ] = "training",
    bom: Annotated[bool, typer.Option("--bom", help="Begin tsv and csv with a mark, for Excel.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show what each letter is worth.")] = False,
    no_header: Annotated[bool, typer.Option("--no-header", help="Leave out the first line of tsv and csv.")] = False,
    line_buffered: Annotated[
        bool, typer.Option("--line-buffered", help="Answer each name at once, not in larger portions.")
    ] = False,
    engine: Annotated[
        Engine, typer.Option(help="ray: --input and --output are folders, labelled by a cluster.")
    ] = "local",
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep what is done when stopped, and go on with it where it was kept.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing on stderr but errors.")] = False,
) -> None:
    """Tell where names come from."""
    for variable in BLAS_THREADS:  # read when NumPy is first imported, below
        os.environ[variable] = "1"
    if engine == "ray":
        from charnn_cli.cli.bulk import check_bulk, predict_in_bulk

        _check_numbers(k, min_probability)
        if delimiter is not None or encoding is not None or bom or resume:
            what = "--engine ray takes no --delimiter, --encoding or --bom, and goes on without --resume"
            raise UsageError(what, "leave them out, or leave --engine ray out")
        places = check_bulk(names, input, output, format, explain=explain, line_buffered=line_buffered)
        predict_in_bulk(
            *places, format, column=column or None, model=model, prior=prior, k=1 if k is None else k,
            min_probability=min_probability, header=not no_header, explain=explain, quiet=quiet,
        )  # fmt: skip
        return
    layout = _layout(format, output)
    text = TextOptions(delimiter, encoding)
    _check_numbers(k, min_probability)
    _check(names, layout, input, column or None, output, explain=explain, bom=bom)
    if resume:
        _check_resume(input, output, layout)
    processes = _processes(input, layout)
    predictor, folder, which = _predictor(model, prior, quiet, threads=1 if processes > 1 else None)
    top = k if k is not None else 3 if layout in ("table", "text") else 1
    check_k(top, len(predictor.labels))
    from charnn_cli.cli.progress import row_counter
    from charnn_cli.render import renderer
    from charnn_cli.render.output import opened
    from charnn_cli.render.pipeline import Pipeline, counted

    says = not quiet and not _is_piped(input, output)
    shares: list[Callable[[], float]] = []
    with opened_source(
        names, input, column or None, text, fill=not line_buffered, quiet=quiet, on_open=shares.append
    ) as source:
        if layout == "parquet":
            from charnn_cli.render.parquet import write_parquet

            with opened(output) as write:
                rows, abstained = write_parquet(write, source, predictor, top, min_probability)
            say(_done(rows, abstained, which, output), quiet=not says)
            return
        render = renderer(layout, top, header=not no_header, console=console(sys.stdout) if layout == "table" else None)
        pipeline = Pipeline(
            predictor, render, min_probability=min_probability, with_reasons=explain, processes=processes
        )
        goes_to_terminal = output in (None, "-") and sys.stdout.isatty()
        shown = not quiet and not goes_to_terminal
        with row_counter(shown=shown, share=lambda: shares[0]() if shares else None) as count:
            if resume:
                settings = _settings(
                    folder, predictor, str(input), text, layout=layout, column=column, k=top, explain=explain, bom=bom,
                    min_probability=min_probability, header=not no_header,
                )  # fmt: skip
                rows = _resumed(pipeline, source, str(output), settings, bom=bom, count=count)
            else:
                with opened(output, is_safe=layout in ("table", "text")) as write:
                    rows = counted(chain([(0, BYTE_ORDER_MARK)] if bom else [], pipeline.rows(source)), write, count)
    say(_done(rows, pipeline.abstained, which, output), quiet=not says)


def _settings(
    folder: "Path", predictor: "Predictor", input: str, text: TextOptions, **options: Any
) -> dict[str, Any]:  # fmt: skip
    """All that the rest of an output must have in common with its beginning."""
    from charnn_cli.store import model_digest
    from charnn_cli.version import __version__

    status = os.stat(input)
    prior = None if predictor.priors is None else predictor.priors.tolist()
    file = {
        "input": os.path.realpath(input),
        "size_of_the_input": status.st_size,
        "time_of_the_input": status.st_mtime_ns,
    }
    reading = {"delimiter": text.delimiter, "encoding": text.encoding}
    return {"charnn": __version__, "model": model_digest(folder), "prior": prior, **file, **reading, **options}


def _resumed(
    pipeline: "Pipeline", source: "Source", output: str, settings: dict[str, Any], *, bom: bool,
    count: "Callable[[int], None]",
) -> int:  # fmt: skip
    """Write what is missing of an output; the rows of all of it."""
    from charnn_cli.render.pipeline import counted
    from charnn_cli.render.resuming import ResumedFile

    with ResumedFile(output, settings) as file:
        pipeline.abstained.update(file.abstained)

        def on_rows(rows: int) -> None:
            file.mark(file.rows + rows, pipeline.abstained)
            count(rows)

        begin = [(0, BYTE_ORDER_MARK)] if bom and not file.rows else []
        counted(chain(begin, pipeline.rows(source, file.rows)), file.write, on_rows)
        return file.rows


def _is_piped(input: str | None, output: str | None) -> bool:
    """Whether no file is read or written."""
    return input in (None, "-") and output in (None, "-")


def _done(rows: int, abstained: Mapping[str, int], which: str, output: str | None) -> str:
    """What was done with a file, in a line."""
    silent = sum(abstained.values())
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(abstained.items(), key=lambda item: -item[1]))
    line = f"charnn: {rows:,} rows, {silent:,} without an answer" + (f" ({reasons})" if silent else "")
    return f"{line}; answered by {which}" + ("" if output in (None, "-") else f"; written to {output}")


def _layout(format: Format | None, output: str | None) -> str:
    if format is not None:
        return format
    if output is None or output == "-":
        return "table" if sys.stdout.isatty() else "tsv"
    stem, suffix = os.path.splitext(output.lower())
    if suffix == GZIP:
        suffix = os.path.splitext(stem)[1]
    if not suffix:
        return "tsv"
    kind = FORMAT_OF_SUFFIX.get(suffix)
    if kind is None or not kind.layout or (kind is PARQUET and output.lower().endswith(GZIP)):
        written = ", ".join(suffix for suffix, kind in FORMAT_OF_SUFFIX.items() if kind.layout)
        raise UsageError(
            f"--output {output} ends in no layout that charnn writes", f"choose {written}, or add --format"
        )
    return kind.layout


def _check_numbers(k: int | None, min_probability: float) -> None:
    if k is not None and k < 1:
        raise UsageError(f"-k must be at least 1, is {k}", "give the number of origins to show")
    if not 0 <= min_probability <= 1:
        raise UsageError(f"--min-probability is {min_probability}", "give a number from 0 to 1")


def check_k(k: int, origins: int) -> None:
    """Raise UsageError where more columns would stand empty than anyone can mean."""
    if k > max(origins, MOST_COLUMNS):
        raise UsageError(f"-k {k} asks for more origins than the model knows", f"give at most {origins}")


def _check(
    names: list[str] | None, layout: str, input: str | None, column: list[str] | None, output: str | None, *,
    explain: bool, bom: bool,
) -> None:  # fmt: skip
    """Refuse what does not fit together, before anything is loaded."""
    if layout == "parquet" and output in (None, "-") and sys.stdout.isatty():
        raise UsageError("Parquet is not for a terminal", "add --output FILE")
    if explain and layout not in ("table", "text", "ndjson", "json"):
        raise UsageError(f"--explain does not fit into the columns of {layout}", "add --format ndjson, json or table")
    if bom and layout not in ("csv", "tsv"):
        raise UsageError(f"--bom is for csv and tsv, not for {layout}", "leave it out")
    piped = names == ["-"]
    if names and input is not None:
        raise UsageError("names were given both as words and by --input", "choose one")
    if names and not piped and "-" in names:
        raise UsageError("'-' among other names", "give '-' alone to read stdin")
    if names and not piped and column is not None:
        raise UsageError("--column is for the rows of a file", "give the file as --input, or pipe it in")
    if not names and input is None and sys.stdin.isatty():
        raise UsageError("no names", EXAMPLE)


def _check_resume(input: str | None, output: str | None, layout: str) -> None:
    """Refuse what cannot be gone on with."""
    if input in (None, "-") or not os.path.isfile(str(input)):
        raise UsageError("--resume goes on within a file", "give one as --input")
    if output in (None, "-"):
        raise UsageError("--resume goes on with a file", "give one as --output")
    if layout not in ("csv", "tsv", "ndjson") or str(output).lower().endswith(GZIP):
        raise UsageError("--resume writes csv, tsv or ndjson, not compressed", "choose one of them, or leave it out")


def _processes(input: str | None, layout: str) -> int:
    """How many processes share the work; pyarrow has threads of its own, which a copied process would lack."""
    from charnn_cli.predict.predictor import worker_threads
    from charnn_cli.render.workers import CAN_FORK

    uses_pyarrow = layout == "parquet" or (input is not None and format_of(input) is PARQUET)
    return worker_threads() if CAN_FORK and not uses_pyarrow else 1


def _predictor(model: str | None, prior: str, quiet: bool, threads: int | None) -> "tuple[Predictor, Path, str]":
    """The predictor, the folder of its model, and in words whose it is."""
    from charnn_cli.predict import Predictor
    from charnn_cli.predict.priors import read_priors
    from charnn_cli.store import is_shipped, load_trained, locate

    folder = locate(model, noting(quiet=quiet))
    trained = load_trained(folder)
    which = "the model that comes with charnn" if is_shipped(folder) else str(folder)
    if model is None and sys.stderr.isatty():
        say(f"charnn: answered by {which} (--model chooses another)", quiet=quiet)
    return Predictor(trained, priors=read_priors(prior, trained.labels), threads=threads), folder, which
