"""`charnn predict`: names in, origins out. Nothing is imported here that a single name does not need."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from charnn_cli.cli.streams import console, noting, say
from charnn_cli.errors import UsageError
from charnn_cli.formats.table import FORMAT_OF_SUFFIX, GZIP, PARQUET, format_of

if TYPE_CHECKING:
    from charnn_cli.formats.opening import Source
    from charnn_cli.predict import Predictor

BYTE_ORDER_MARK = "\ufeff".encode()
BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS")
EXAMPLE = "give names, as in 'charnn predict Hinton', or pipe them in, one a line"
MOST_COLUMNS = 100  # of origins, where a model knows fewer and the rest stand empty


Format = Literal["table", "text", "tsv", "csv", "ndjson", "json", "parquet"]
Engine = Literal["local", "ray"]


@dataclass(frozen=True, slots=True)
class TextOptions:
    """How the text of the input is to be read."""

    delimiter: str | None
    encoding: str | None

    def checked(self) -> dict[str, Any]:
        """What `opened_rows` takes of them. Raises UsageError and DataError."""
        from charnn_cli.formats.encodings import AUTO, checked_encoding

        separator = {"tab": "\t", r"\t": "\t"}.get(self.delimiter or "", self.delimiter)
        if separator is not None and (len(separator) != 1 or not separator.isascii() or separator in '"\r\n'):
            raise UsageError(f"--delimiter is '{self.delimiter}'", "give one character of ASCII, or tab")
        encoding = self.encoding if self.encoding in (None, AUTO) else checked_encoding(str(self.encoding))
        return {"separator": None if separator is None else separator.encode(), "encoding": encoding}


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
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing on stderr but errors.")] = False,
) -> None:
    """Tell where names come from."""
    for variable in BLAS_THREADS:  # read when NumPy is first imported, below
        os.environ[variable] = "1"
    if engine == "ray":
        from charnn_cli.cli.bulk import check_bulk, predict_in_bulk

        _check_numbers(k, min_probability)
        if delimiter is not None or encoding is not None or bom:
            what = "--engine ray takes no --delimiter, --encoding or --bom"
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
    processes = _processes(input, layout)
    predictor, which = _predictor(model, prior, quiet, threads=1 if processes > 1 else None)
    top = k if k is not None else 3 if layout in ("table", "text") else 1
    check_k(top, len(predictor.labels))
    from charnn_cli.cli.progress import row_counter
    from charnn_cli.render import renderer
    from charnn_cli.render.output import opened
    from charnn_cli.render.pipeline import Pipeline, counted

    says = not quiet and not _is_piped(input, output)
    with _source(names, input, column or None, text, fill=not line_buffered, quiet=quiet) as source:
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
        parts = pipeline.names(source) if isinstance(source, Iterator) else pipeline.records(source)
        goes_to_terminal = output in (None, "-") and sys.stdout.isatty()
        with (
            opened(output, is_safe=layout in ("table", "text")) as write,
            row_counter(shown=not quiet and not goes_to_terminal) as count,
        ):
            rows = counted(chain([(0, BYTE_ORDER_MARK)] if bom else [], parts), write, count)
    say(_done(rows, pipeline.abstained, which, output), quiet=not says)


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


def _processes(input: str | None, layout: str) -> int:
    """How many processes share the work; pyarrow has threads of its own, which a copied process would lack."""
    from charnn_cli.predict.predictor import worker_threads
    from charnn_cli.render.workers import CAN_FORK

    uses_pyarrow = layout == "parquet" or (input is not None and format_of(input) is PARQUET)
    return worker_threads() if CAN_FORK and not uses_pyarrow else 1


def _predictor(model: str | None, prior: str, quiet: bool, threads: int | None) -> "tuple[Predictor, str]":
    """The predictor, and in words whose model it is."""
    from charnn_cli.predict import Predictor
    from charnn_cli.predict.priors import read_priors
    from charnn_cli.store import is_shipped, load_trained, locate

    folder = locate(model, noting(quiet=quiet))
    trained = load_trained(folder)
    which = "the model that comes with charnn" if is_shipped(folder) else str(folder)
    if model is None and sys.stderr.isatty():
        say(f"charnn: answered by {which} (--model chooses another)", quiet=quiet)
    return Predictor(trained, priors=read_priors(prior, trained.labels), threads=threads), which


@contextmanager
def _source(
    names: list[str] | None, input: str | None, column: list[str] | None, text: TextOptions, *, fill: bool, quiet: bool
) -> "Iterator[Source]":
    """Windows of names, or rows with a column of names."""
    if names and names != ["-"]:
        for name in names:
            if os.path.isfile(name):
                noting(quiet=quiet)(f"{name} is a file; --input {name} reads the names in it")
        yield iter([[name.encode("utf-8", "surrogateescape") for name in names]])
        return
    from charnn_cli.formats.opening import opened_rows

    def tell(what: str) -> None:
        say(f"charnn: {what}", quiet=quiet)

    with opened_rows(input, column, "--column NAME", **text.checked(), fill=fill, say=tell) as source:
        yield _told_of_heading(source, quiet=quiet) if isinstance(source, Iterator) else source


def _told_of_heading(windows: Iterator[list[bytes]], *, quiet: bool) -> Iterator[list[bytes]]:
    """The same windows of names; where the first of them is the heading of a column, that is said."""
    from charnn_cli.formats.columns import is_usual

    is_first = True
    for window in windows:
        first = window[0].decode("utf-8", "replace") if is_first else ""
        if is_usual(first, "name"):
            noting(quiet=quiet)(f"the first line, {first}, is read as a name; --column {first} takes it as a heading")
        is_first = False
        yield window
