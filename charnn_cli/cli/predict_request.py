"""What `charnn predict` is asked, and what of it does not fit together: told before anything is loaded."""

import os
import sys
from dataclasses import dataclass
from typing import Literal, get_args

from charnn_cli.choices import NamePart
from charnn_cli.cli.options import check_apart, written_layout
from charnn_cli.cli.predict_input import TextOptions
from charnn_cli.errors import UsageError
from charnn_cli.formats.table import COMPRESSIONS, EXCEL, PARQUET, format_of

Format = Literal["table", "text", "tsv", "csv", "ndjson", "json", "parquet"]
Engine = Literal["local", "ray"]

EXAMPLE = "give names, as in 'charnn predict Hinton', or pipe them in, one a line"
SUMMARY_LAYOUTS = ("table", "json", "csv", "tsv")
BINARY = (PARQUET, EXCEL)  # formats that no program takes for another
MOST_DIGITS = 9
LIST = "list"  # the prior that `charnn_cli.predict.priors` leaves to the names
MOST_COLUMNS = 100  # of origins, where a model knows fewer and the rest stand empty


@dataclass(frozen=True, slots=True)
class Request:
    """The options of the command, under their own names."""

    names: list[str] | None
    model: str | None
    k: int | None
    format: Format | None
    input: str | None
    column: list[str] | None
    delimiter: str | None
    encoding: str | None
    output: str | None
    min_probability: float
    prior: str
    summary: bool
    name_part: NamePart | None
    bom: bool
    wide: bool
    digits: int | None
    group: str | None
    coverage: float | None
    explain: bool
    no_header: bool
    line_buffered: bool
    engine: Engine
    resume: bool
    quiet: bool

    @property
    def columns(self) -> list[str] | None:
        """The columns of names, None where the input has none."""
        return self.column or None

    @property
    def text(self) -> TextOptions:
        return TextOptions(self.delimiter, self.encoding)

    @property
    def layout(self) -> str:
        """The format of the rows; raises UsageError where the output's suffix says none."""
        if self.format is not None and not self.summary:
            return self.format
        if self.to_stdout:
            return "table" if sys.stdout.isatty() and not self.summary else "tsv"
        return written_layout(str(self.output), get_args(Format), "tsv", "that charnn writes", is_strict=True)

    @property
    def summary_layout(self) -> str:
        """The format of the summary."""
        return self.format or ("table" if sys.stdout.isatty() else "tsv")

    @property
    def writes_rows(self) -> bool:
        """Whether rows are written, and no summary in their place."""
        return not self.summary or not self.to_stdout

    @property
    def top(self) -> int:
        """How many origins of each name are shown."""
        return self.k if self.k is not None else 3 if self.layout in ("table", "text") else 1

    @property
    def to_stdout(self) -> bool:
        return self.output in (None, "-")

    @property
    def asks(self) -> bool:
        """Whether names are asked for, one after the other, of the person at the terminal."""
        if self.names or self.input is not None or self.columns is not None or self.summary or self.prior == LIST:
            return False
        return self.to_stdout and sys.stdin.isatty() and sys.stdout.isatty()

    @property
    def is_piped(self) -> bool:
        """Whether no file is read or written."""
        return self.input in (None, "-") and self.to_stdout


def check(request: Request) -> None:
    """Raise UsageError for what does not fit together; --engine ray has rules of its own besides."""
    _check_numbers(request)
    if request.engine == "ray":
        return
    if request.summary:
        _check_summary(request)
    _check_layout(request)
    _check_names(request)
    if request.prior == LIST:
        _check_twice(request)
    if request.resume:
        _check_resume(request)


def _check_numbers(request: Request) -> None:
    if request.k is not None and request.k < 1:
        raise UsageError(f"-k must be at least 1, is {request.k}", "give the number of origins to show")
    if not 0 <= request.min_probability <= 1:
        raise UsageError(f"--min-probability is {request.min_probability}", "give a number from 0 to 1")
    if request.digits is not None and not 0 <= request.digits <= MOST_DIGITS:
        raise UsageError(f"--digits is {request.digits}", f"give a number from 0 to {MOST_DIGITS}, which float32 has")
    if request.coverage is not None and not 0 < request.coverage < 1:
        raise UsageError(
            f"--coverage is {request.coverage:g}", "give the share of names whose set is to hold the origin, as 0.9"
        )
    if request.coverage is not None and request.prior != "training":
        raise UsageError("--coverage is measured on names mixed as in training", "leave --prior out")


def check_k(k: int, origins: int) -> None:
    """Raise UsageError where more columns would stand empty than anyone can mean."""
    if k > max(origins, MOST_COLUMNS):
        raise UsageError(f"-k {k} asks for more origins than the model knows", f"give at most {origins}")


def _check_layout(request: Request) -> None:
    layout = request.layout
    named = None if request.to_stdout else format_of(str(request.output))
    if request.writes_rows and layout != getattr(named, "layout", layout) and (named in BINARY or layout == "parquet"):
        what = f"--output {request.output} would hold {layout}, which its name does not say"
        raise UsageError(what, "end the name otherwise, or leave --format out")
    if layout == "parquet" and request.to_stdout and sys.stdout.isatty():
        raise UsageError("Parquet is not for a terminal", "add --output FILE")
    if request.explain and layout not in ("table", "text", "ndjson", "json"):
        raise UsageError(f"--explain does not fit into the columns of {layout}", "add --format ndjson, json or table")
    if request.wide and layout in ("table", "text"):
        raise UsageError(f"--wide does not fit into {layout}", "add --format csv, tsv, ndjson, json or parquet")
    if layout == "text" and (request.group is not None or request.coverage is not None):
        raise UsageError("--group and --coverage do not fit into text", "add --format table, tsv or ndjson")
    if request.bom and layout not in ("csv", "tsv"):
        raise UsageError(f"--bom is for csv and tsv, not for {layout}", "leave it out")


def _check_names(request: Request) -> None:
    names, input = request.names, request.input
    piped = names == ["-"]
    if names and input is not None:
        raise UsageError("names were given both as words and by --input", "choose one")
    if names and not piped and "-" in names:
        raise UsageError("'-' among other names", "give '-' alone to read stdin")
    of_files = {"--column": request.columns, "--delimiter": request.delimiter, "--encoding": request.encoding}
    for option, source in {"--input": input, "--prior": request.prior, "--group": request.group}.items():
        check_apart(source, option, request.output)
    for option, value in of_files.items():
        if names and not piped and value is not None:
            raise UsageError(f"{option} is for the rows of a file", "give the file as --input, or pipe it in")
    if not names and input is None and sys.stdin.isatty() and not request.asks:
        raise UsageError("no names", EXAMPLE)


def _check_summary(request: Request) -> None:
    if request.format not in (None, *SUMMARY_LAYOUTS):
        written = " or ".join((", ".join(SUMMARY_LAYOUTS[:-1]), SUMMARY_LAYOUTS[-1]))
        what = f"--summary is not written as {request.format}"
        raise UsageError(what, f"choose {written}; the suffix of --output is the layout of the rows")
    if request.output == "-":
        raise UsageError("--summary and the rows would mix on stdout", "name a file as --output, or leave it out")
    if request.resume:
        raise UsageError(
            "--resume does not go on with a summary", "finish the rows first, then ask for --summary alone"
        )
    given = {"--explain": request.explain, "--wide": request.wide, "--coverage": request.coverage, "--bom": request.bom}
    words = [flag for flag, value in given.items() if value]
    if words and not request.writes_rows:
        raise UsageError(
            f"{words[0]} is of rows, and --summary alone writes none", "add --output FILE, or leave it out"
        )


def _check_twice(request: Request) -> None:
    """Refuse what cannot be read twice."""
    is_words = bool(request.names) and request.names != ["-"]
    if not is_words and not (request.input and os.path.isfile(request.input)):
        raise UsageError("--prior list reads the names twice, and a stream comes once", "give a file as --input")


def _check_resume(request: Request) -> None:
    """Refuse what cannot be gone on with."""
    if request.input in (None, "-") or not os.path.isfile(str(request.input)):
        raise UsageError("--resume goes on within a file", "give one as --input")
    if request.to_stdout:
        raise UsageError("--resume goes on with a file", "give one as --output")
    if request.layout not in ("csv", "tsv", "ndjson") or str(request.output).lower().endswith(COMPRESSIONS):
        raise UsageError("--resume writes csv, tsv or ndjson, not compressed", "choose one of them, or leave it out")
