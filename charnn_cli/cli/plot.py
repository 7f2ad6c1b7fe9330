"""`charnn plot`: a picture of what a network does, as a file or into a pipe."""

import difflib
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charnn_cli.choices import Order
from charnn_cli.cli.options import SAME_AS_RUN, Encoding, OriginColumn, Quiet, table_options
from charnn_cli.cli.plain_options import PlainCommand
from charnn_cli.cli.streams import noting, say, tell_path
from charnn_cli.errors import UsageError
from charnn_cli.plots import KINDS, PAGES

if TYPE_CHECKING:
    from charnn_cli.plots.request import Request, Takes

EXAMPLES = """\
charnn plot loss runs/rnn runs/lstm
charnn plot belief --name Hinton --name Satoshi
charnn plot gradients --init -o gradients.svg
charnn plot live runs/rnn runs/lstm -o live.html
charnn plot confusion -o - > confusion.png"""


def kind_words(incomplete: str) -> list[str]:
    """For the shell: kinds of plots that begin so."""
    return [kind for kind in (*KINDS, *PAGES) if kind.startswith(incomplete)]


class PlotCommand(PlainCommand):
    """A command whose help lists the kinds of plots."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Kinds"):
            formatter.write_dl([*KINDS.items(), *PAGES.items()])
        super().format_options(ctx, formatter)


def plot(
    kind: Annotated[
        str, typer.Argument(help="What to show, one of the kinds above.", metavar="KIND", autocompletion=kind_words)
    ],
    runs: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Run folders; loss, gradients and live take several [default: the model that predict would use].",
            metavar="RUN",
            show_default=False,
        ),
    ] = None,
    models: Annotated[list[Path] | None, SAME_AS_RUN] = None,
    names: Annotated[
        list[str] | None,
        typer.Option("--name", help="A name for gates, belief or live; give it again for more.", metavar="NAME"),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            help="A file in .png, .svg or .pdf, live in .html, or - for a pipe [default: KIND.png here].",
            metavar="FILE|-",
        ),
    ] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="Labelled names in place of the run's own test split; for shares a list of names, or two.",
            metavar="DATA",
        ),
    ] = None,
    name_column: Annotated[
        list[str] | None,
        typer.Option(help="The column of names in --data; several make the names of shares.", metavar="NAME"),
    ] = None,
    origin_column: OriginColumn = None,
    encoding: Encoding = None,
    order: Annotated[Order, typer.Option(help="How confusion orders the origins.")] = "similarity",
    init: Annotated[
        bool, typer.Option("--init", help="gradients of untrained networks: of each RUN's, or of every cell.")
    ] = False,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="The linear model beside loss, on the same names.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Plot what a network learned, how it was trained and what it does with a name."""
    from charnn_cli import plots
    from charnn_cli.cli.progress import bars
    from charnn_cli.plots import pages, save

    _check_kind(kind)
    target = Path(f"{kind}{'.html' if kind in PAGES else '.png'}" if output is None else output)
    if output == "-" and sys.stdout.isatty():
        raise UsageError("a terminal cannot show a picture's bytes", "write a file with -o FILE, or pipe the output on")
    if output != "-":
        (pages if kind in PAGES else save).check_target(target)
    if baseline and not _takes(kind).baseline:
        raise UsageError(f"{kind} takes no --baseline", "leave it out, or plot loss")
    data, columns = data or [], name_column or []
    request = _request(
        kind, _takes(kind), [*(runs or ()), *(models or ())], names or [], data, order, init=init, quiet=quiet
    )
    table = table_options(data[0] if data else None, columns[0] if columns else None, origin_column, encoding)
    _check_columns(kind, _takes(kind), columns, origin_column)
    note = noting(quiet=quiet)
    request = replace(request, baseline=baseline, table=table, columns=tuple(columns), note=note)
    if kind in PAGES:
        page = plots.page(kind).render(request)
        if output == "-":
            sys.stdout.buffer.write(page.encode("utf-8", "replace"))
        else:
            pages.write(target, page)
    else:
        with bars(quiet=quiet) as shown:
            request = replace(request, watch=lambda path: nullcontext(shown.reading(path)), on_stage=shown.on_stage)
            figure = plots.kind(kind).make(request)
        if output == "-":
            save.write_stream(figure, sys.stdout.buffer)
        else:
            save.write_file(figure, target)
    if output == "-":
        return
    if sys.stdout.isatty():
        say(f"wrote {target}", quiet=quiet)
    tell_path(target)


def _check_kind(name: str) -> None:
    every = (*KINDS, *PAGES)
    if name not in every:
        guess = difflib.get_close_matches(name, every, n=1)
        do = f"did you mean '{guess[0]}'?" if guess else f"choose one of {', '.join(every)}"
        raise UsageError(f"there is no plot '{name}'", do)


def _takes(name: str) -> "Takes":
    from charnn_cli import plots

    return (plots.page(name) if name in PAGES else plots.kind(name)).TAKES


def _request(
    name: str,
    takes: "Takes",
    runs: list[Path],
    names: list[str],
    data: list[Path],
    order: Order,
    *,
    init: bool,
    quiet: bool,
) -> "Request":
    """Check that the words fit together, then find the runs."""
    from charnn_cli.plots.request import Request
    from charnn_cli.store import Run, locate

    if len(runs) > 1 and not takes.runs:
        raise UsageError(f"{name} shows one run, not {len(runs)}", "name one, or compare runs with loss or gradients")
    if takes.names and not takes.typed and not names:
        raise UsageError(f"{name} shows what happens in a name", f"give one: charnn plot {name} --name Hinton")
    if names and not takes.names:
        raise UsageError(f"{name} takes no --name", "leave it out, or plot gates or belief")
    if data and not takes.data and not takes.lists:
        raise UsageError(f"{name} reads no labelled names", "leave --data out")
    if len(data) > max(takes.lists, 1):
        most = takes.lists or "one"
        raise UsageError(f"{name} reads at most {most} --data at once, not {len(data)}", "leave the others out")
    if data and init and not runs:
        raise UsageError("--init without a RUN draws from random letters", "leave --data out, or name a run")
    if init and name != "gradients":
        raise UsageError(f"{name} takes no --init", "leave it out, or plot gradients")
    if order != "similarity" and name != "confusion":
        raise UsageError(f"{name} takes no --order", "leave it out, or plot confusion")
    folders = [locate(run) for run in runs] or ([] if init else [locate(None, noting(quiet=quiet))])
    found = tuple(map(Run, folders))
    for run in found if not takes.writers else ():
        if run.holds_model and run.trained.architecture.generates:
            raise UsageError(
                f"{run.folder} writes names, and {name} shows how names are read", "name a run that tells origins"
            )
    return Request(
        found,
        tuple(names),
        data[0] if data and takes.data else None,
        order,
        fresh=init,
        lists=tuple(data) if takes.lists else (),
    )


def _check_columns(name: str, takes: "Takes", columns: list[str], origin: str | None) -> None:
    if takes.lists and origin is not None:
        raise UsageError(f"{name} needs no origins", "leave --origin-column out")
    if len(columns) > 1 and not takes.lists:
        raise UsageError(f"{name} reads names from one --name-column", "leave the others out, or plot shares")
