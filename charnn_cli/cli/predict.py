"""`charnn predict`: names in, origins out. Nothing is imported here that a single name does not need."""

import os
from typing import Annotated

import typer

from charnn_cli.choices import NamePart
from charnn_cli.cli.predict_request import Engine, Format, Request, check

BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS")
EXAMPLES = """\
charnn predict Hinton Satoshi
cat names.txt | charnn predict - > origins.tsv
charnn predict --input people.csv --column first --column last --output labelled.csv
charnn predict Hinton --explain                           # what each letter was worth"""


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
        str,
        typer.Option(
            metavar="training|uniform|list|FILE", help="Shares of the origins among the names; list: their own."
        ),
    ] = "training",
    summary: Annotated[
        bool, typer.Option("--summary", help="Tell the share of each origin; the rows go to --output, or nowhere.")
    ] = False,
    name_part: Annotated[
        NamePart | None,
        typer.Option(help="What of people's names is read [default: all; family by a model of single words]."),
    ] = None,
    bom: Annotated[bool, typer.Option("--bom", help="Begin tsv and csv with a mark, for Excel.")] = False,
    wide: Annotated[bool, typer.Option("--wide", help="Add the probability of every origin.")] = False,
    digits: Annotated[
        int | None, typer.Option(metavar="N", help="Round probabilities [default: as many as tell float32 apart].")
    ] = None,
    group: Annotated[
        str | None, typer.Option(metavar="FILE|regions", help="Add the likeliest group; the file groups the origins.")
    ] = None,
    coverage: Annotated[
        float | None,
        typer.Option(metavar="P", help="Add as few origins as hold the true one in a share P of cases."),
    ] = None,
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
    request = Request(**locals())
    check(request)
    for variable in BLAS_THREADS:  # read when NumPy is first imported, below
        os.environ[variable] = "1"
    if request.engine == "ray":
        from charnn_cli.cli.bulk import answer
    else:
        from charnn_cli.cli.predict_rows import answer
    answer(request)
