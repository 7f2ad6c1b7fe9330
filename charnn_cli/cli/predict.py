"""`charnn predict`: names in, origins out. Nothing is imported here that a single name does not need."""

import os
from typing import Annotated

import typer

from charnn_cli.choices import NamePart
from charnn_cli.cli.completion import run_words
from charnn_cli.cli.predict_request import Engine, Format, Request, check

BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS")
INPUT, ANSWER, OUTPUT = "What is read", "What is answered", "What is written"  # groups of options in the help
EXAMPLES = """\
charnn predict Hinton Satoshi
cat names.txt | charnn predict - > origins.tsv
charnn predict --input people.csv --column first --column last -o labelled.csv
charnn predict Hinton --explain    # what each letter was worth"""


def predict(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Names; '-' reads them from stdin, one a line.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("-m", "--model", metavar="RUN", help="Run folder of the model.", autocompletion=run_words),
    ] = None,
    input: Annotated[
        str | None,
        typer.Option(
            "--input",
            metavar="FILE|-",
            rich_help_panel=INPUT,
            help="One name a line, or a table (CSV, TSV, NDJSON, JSON, Parquet, xlsx).",
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(rich_help_panel=INPUT, metavar="NAME", help="The input's column of names; several make one name."),
    ] = None,
    delimiter: Annotated[
        str | None,
        typer.Option(rich_help_panel=INPUT, metavar="C", help="What parts the columns of a text [default: found]."),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=INPUT, metavar="NAME|auto", help="Of the input, where it is no UTF-8; auto guesses."
        ),
    ] = None,
    name_part: Annotated[
        NamePart | None,
        typer.Option(
            rich_help_panel=INPUT,
            help="What of people's names is read [default: all; family by a model of single words].",
        ),
    ] = None,
    k: Annotated[
        int | None,
        typer.Option(
            "-k", metavar="N", rich_help_panel=ANSWER, help="Origins for each name: 3 in table and text, else 1."
        ),
    ] = None,
    format: Annotated[
        Format | None,
        typer.Option(
            rich_help_panel=OUTPUT, help="Layout: table on a terminal, tsv elsewhere, or as --output's suffix says."
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", rich_help_panel=OUTPUT, metavar="FILE|-", help="Where to write instead of stdout."
        ),
    ] = None,
    min_probability: Annotated[
        float,
        typer.Option(
            rich_help_panel=ANSWER, metavar="P", help="Abstain where the best origin is less probable than this."
        ),
    ] = 0.0,
    prior: Annotated[
        str,
        typer.Option(
            metavar="training|uniform|list|FILE",
            rich_help_panel=ANSWER,
            help="Shares of the origins among the names; list: their own.",
        ),
    ] = "training",
    summary: Annotated[
        bool,
        typer.Option(
            "--summary",
            rich_help_panel=ANSWER,
            help="Tell the share of each origin; the rows go to --output, or nowhere.",
        ),
    ] = False,
    bom: Annotated[
        bool, typer.Option("--bom", rich_help_panel=OUTPUT, help="Begin tsv and csv with a mark, for Excel.")
    ] = False,
    wide: Annotated[
        bool, typer.Option("--wide", rich_help_panel=ANSWER, help="Add the probability of every origin.")
    ] = False,
    digits: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=ANSWER, metavar="N", help="Round probabilities [default: as many as tell float32 apart]."
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=ANSWER, metavar="FILE|regions", help="Add the likeliest group; the file groups the origins."
        ),
    ] = None,
    coverage: Annotated[
        float | None,
        typer.Option(
            rich_help_panel=ANSWER, metavar="P", help="Add as few origins as hold the true one in a share P of cases."
        ),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", rich_help_panel=ANSWER, help="Show what each letter is worth.")
    ] = False,
    no_header: Annotated[
        bool, typer.Option("--no-header", rich_help_panel=OUTPUT, help="Leave out the first line of tsv and csv.")
    ] = False,
    line_buffered: Annotated[
        bool,
        typer.Option(
            "--line-buffered", rich_help_panel=OUTPUT, help="Answer each name at once, not in larger portions."
        ),
    ] = False,
    engine: Annotated[
        Engine,
        typer.Option(rich_help_panel=OUTPUT, help="ray: --input and --output are folders, labelled by a cluster."),
    ] = "local",
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            rich_help_panel=OUTPUT,
            help="Keep what is done when stopped, and go on with it where it was kept.",
        ),
    ] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing on stderr but errors.")] = False,
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
