"""`charnn generate`: names, written by a network of the recipe `generator`. Loads no torch."""

import json
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from charnn_cli.cli.options import MODEL, Output, Quiet, written_layout
from charnn_cli.cli.predict import BLAS_THREADS
from charnn_cli.cli.streams import noting, say
from charnn_cli.errors import ModelError, UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from charnn_cli.predict.writing import Manner, NameWriter, Written
    from charnn_cli.store import Run

Format = Literal["table", "text", "tsv", "csv", "ndjson", "json"]
COLUMNS = ("name", "origin", "log_probability")
EXAMPLES = """\
charnn train data/names --config generator  # a network that writes names
charnn generate Russian Irish -n 5
charnn generate Scottish --start Mc --new   # names that it has not seen
charnn generate Russian -n 5 | charnn predict -"""


def generate(
    origins: Annotated[
        list[str] | None, typer.Argument(metavar="ORIGIN", help="Origins [default: all that the model knows].")
    ] = None,
    count: Annotated[int, typer.Option("-n", metavar="N", help="Names of each origin.")] = 10,
    start: Annotated[str, typer.Option(metavar="TEXT", help="What names begin with, as in Mc.")] = "",
    temperature: Annotated[
        float, typer.Option(metavar="T", help="Below 1 more usual names, above 1 more daring ones.")
    ] = 1.0,
    top_p: Annotated[
        float, typer.Option(metavar="P", help="Draw from the likeliest letters that have P together.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(metavar="S", help="The same seed gives the same names.")] = 0,
    new: Annotated[bool, typer.Option("--new", help="Leave out names that training held.")] = False,
    max_length: Annotated[int | None, typer.Option(metavar="L", help="Leave out names of more letters.")] = None,
    model: Annotated[str | None, MODEL] = None,
    output: Output = None,
    format: Annotated[
        Format | None,
        typer.Option(help="Layout: table on a terminal, else text, a name a line, or as --output's suffix says."),
    ] = None,
    no_header: Annotated[bool, typer.Option("--no-header", help="Leave out the first line of tsv and csv.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write names of an origin, letter by letter."""
    for variable in BLAS_THREADS:  # read when NumPy is first imported, below
        os.environ[variable] = "1"
    _check(count, temperature, top_p, seed, max_length)
    layout = format or _layout(output)
    from charnn_cli.predict.writing import Manner, NameWriter, not_among
    from charnn_cli.store import Run, locate

    run = Run(locate(model, noting(quiet=quiet)))
    writer = _writer(run, NameWriter)
    if model is None and sys.stderr.isatty():
        say(f"charnn: written by {run.folder} (--model chooses another)", quiet=quiet)
    chosen = list(map(writer.place_of, origins or writer.trained.labels))
    manner = Manner(seed, temperature, top_p, start, max_length, not_among(run.training_hashes) if new else None)
    _print(_written(writer, chosen, count, manner, quiet=quiet), output, layout, header=not no_header)


def _check(count: int, temperature: float, top_p: float, seed: int, max_length: int | None) -> None:
    if count < 1:
        raise UsageError(f"-n must be at least 1, is {count}", "give the number of names of each origin")
    if not 0.01 <= temperature <= 100:
        raise UsageError(f"--temperature is {temperature}", "give a number from 0.01 to 100")
    if not 0 < top_p <= 1:
        raise UsageError(f"--top-p is {top_p}", "give a share above 0, at most 1")
    if not 0 <= seed < 2**63:
        raise UsageError(f"--seed is {seed}", "give a whole number from 0")
    if max_length is not None and max_length < 1:
        raise UsageError(f"--max-length is {max_length}", "give at least 1")


def _layout(output: str | None) -> str:
    """What a file's suffix says, or what suits stdout."""
    if output in (None, "-"):
        return "table" if sys.stdout.isatty() else "text"
    return written_layout(str(output), get_args(Format), "text", "of names")


def _writer(run: "Run", make: "type[NameWriter]") -> "NameWriter":
    from charnn_cli.store import is_shipped

    if not run.trained.architecture.generates:
        what = "tells the origins of names and writes none"
        do = "name a run that writes as --model, or train one: charnn train data/names --config generator"
        if is_shipped(run.folder):
            raise ModelError(f"the model that comes with charnn {what}", do)
        raise ModelError(what, do, where=run.folder)
    return make(run.trained)


def _written(
    writer: "NameWriter", origins: list[int], count: int, manner: "Manner", *, quiet: bool
) -> "Iterator[tuple[str, Written]]":
    for origin in origins:
        label, found = writer.trained.labels[origin], 0
        for part in writer.write(origin, count, manner):
            found += len(part.names)
            yield label, part
        if found < count:
            noting(quiet=quiet)(f"{label}: {found:,} of {count:,} names; too few of those drawn were wanted")


def _print(
    written: "Iterator[tuple[str, Written]]", output: str | None, layout: str, *, header: bool
) -> None:  # fmt: skip
    from charnn_cli.render.output import opened

    if layout == "table" and output in (None, "-"):
        from charnn_cli.cli.tables import show

        show([_table(written)], sys.stdout)
        return
    with opened(output) as write:
        for text in _lines(written, layout, header=header):
            write(text.encode("utf-8"))


def _table(written: "Iterator[tuple[str, Written]]") -> "Table":
    from charnn_cli.cli.tables import table
    from charnn_cli.terminal import visible

    names: dict[str, list[str]] = {}
    for label, part in written:
        names.setdefault(label, []).extend(part.names)
    rows = [(visible(label), visible(", ".join(words))) for label, words in names.items()]
    return table("", ("origin", "names"), rows, left=(0, 1))


def _lines(written: "Iterator[tuple[str, Written]]", layout: str, *, header: bool) -> Iterator[str]:
    """The output in portions, a line a name."""
    from charnn_cli.render.delimited import csv_field, tsv_field

    if layout == "table":
        from charnn_cli.cli.tables import plain

        yield plain([_table(written)])
        return
    separator, field = ("\t", tsv_field) if layout == "tsv" else (",", csv_field)
    if layout in ("tsv", "csv") and header:
        yield separator.join(COLUMNS) + "\n"
    before = "["
    for label, part in written:
        logs = map(str, part.log_probabilities.astype("float32"))
        if layout == "text":
            yield "".join(f"{name}\n" for name in part.names)
        elif layout in ("tsv", "csv"):
            rows = zip(part.names, logs, strict=True)
            yield "".join(f"{field(name)}{separator}{field(label)}{separator}{log}\n" for name, log in rows)
        elif part.names:
            head = f'", "origin": {json.dumps(label, ensure_ascii=False)}, "log_probability": '
            objects = [
                f'{{"name": {json.dumps(name, ensure_ascii=False)[:-1]}{head}{log}}}'
                for name, log in zip(part.names, logs, strict=True)
            ]
            yield "\n".join(objects) + "\n" if layout == "ndjson" else before + ",\n".join(objects)
            before = ",\n"
    if layout == "json":
        yield "]\n" if before != "[" else "[]\n"
