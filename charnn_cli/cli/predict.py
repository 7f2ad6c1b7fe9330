"""`charnn predict`: names in, origins out. Nothing is imported here that a single name does not need."""

import os
from functools import partial
from typing import Annotated

import typer

from charnn_cli.choices import NamePart
from charnn_cli.cli.options import MODEL, Quiet
from charnn_cli.cli.predict_request import Engine, Format, Request, check

BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS")
READ = partial(typer.Option, rich_help_panel="What is read")  # an option of this group in the help
ANSWERED = partial(typer.Option, rich_help_panel="What is answered")
WRITTEN = partial(typer.Option, rich_help_panel="What is written")
EXAMPLES = """\
charnn predict Hinton Satoshi
cat names.txt | charnn predict - > origins.tsv
charnn predict --input people.csv --column first --column last -o labelled.csv
charnn predict Hinton --explain    # what each letter was worth"""


def predict(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Names; '-' reads them from stdin, one a line.")
    ] = None,
    model: Annotated[str | None, MODEL] = None,
    input: Annotated[
        str | None,
        READ(metavar="FILE|-", help="One name a line, or a table (CSV, TSV, NDJSON, JSON, Parquet, xlsx)."),
    ] = None,
    column: Annotated[
        list[str] | None, READ(metavar="NAME", help="The input's column of names; several make one name.")
    ] = None,
    delimiter: Annotated[
        str | None, READ(metavar="C", help="What parts the columns of a text [default: found].")
    ] = None,
    encoding: Annotated[
        str | None, READ(metavar="NAME|auto", help="Of the input, where it is no UTF-8; auto guesses.")
    ] = None,
    name_part: Annotated[
        NamePart | None,
        READ(help="What of people's names is read [default: all; family by a model of single words]."),
    ] = None,
    k: Annotated[
        int | None, ANSWERED("-k", metavar="N", help="Origins for each name: 3 in table and text, else 1.")
    ] = None,
    format: Annotated[
        Format | None, WRITTEN(help="Layout: table on a terminal, tsv elsewhere, or as --output's suffix says.")
    ] = None,
    output: Annotated[
        str | None, WRITTEN("-o", "--output", metavar="FILE|-", help="Where to write instead of stdout.")
    ] = None,
    min_probability: Annotated[
        float, ANSWERED(metavar="P", help="Abstain where the best origin is less probable than this.")
    ] = 0.0,
    prior: Annotated[
        str,
        ANSWERED(metavar="training|uniform|list|FILE", help="Shares of the origins among the names; list: their own."),
    ] = "training",
    summary: Annotated[
        bool,
        ANSWERED("--summary", help="Tell the share of each origin; the rows go to --output, or nowhere."),
    ] = False,
    bom: Annotated[bool, WRITTEN("--bom", help="Begin tsv and csv with a mark, for Excel.")] = False,
    wide: Annotated[bool, ANSWERED("--wide", help="Add the probability of every origin.")] = False,
    digits: Annotated[
        int | None, ANSWERED(metavar="N", help="Round probabilities [default: as many as tell float32 apart].")
    ] = None,
    group: Annotated[
        str | None,
        ANSWERED(metavar="FILE|regions", help="Add the likeliest group; the file groups the origins."),
    ] = None,
    coverage: Annotated[
        float | None,
        ANSWERED(metavar="P", help="Add as few origins as hold the true one in a share P of cases."),
    ] = None,
    explain: Annotated[bool, ANSWERED("--explain", help="Show what each letter is worth.")] = False,
    no_header: Annotated[bool, WRITTEN("--no-header", help="Leave out the first line of tsv and csv.")] = False,
    line_buffered: Annotated[
        bool, WRITTEN("--line-buffered", help="Answer each name at once, not in larger portions.")
    ] = False,
    engine: Annotated[Engine, WRITTEN(help="ray: --input and --output are folders, labelled by a cluster.")] = "local",
    resume: Annotated[
        bool, WRITTEN("--resume", help="Keep what is done when stopped, and go on with it where it was kept.")
    ] = False,
    quiet: Quiet = False,
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
