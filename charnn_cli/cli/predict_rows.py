"""Rows of names answered in this process and its copies, from where a request reads to where it writes."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from charnn_cli.cli.predict_input import asked_names, opened_source
from charnn_cli.cli.predict_request import LIST, Request, check_k
from charnn_cli.cli.streams import console, noting, say
from charnn_cli.errors import UsageError
from charnn_cli.formats.table import PARQUET, format_of
from charnn_cli.terminal import number_of

if TYPE_CHECKING:
    from pathlib import Path

    from charnn_cli.formats.opening import Source
    from charnn_cli.predict import Predictor
    from charnn_cli.render.added import Added, Wish
    from charnn_cli.render.pipeline import Pipeline
    from charnn_cli.render.summary import Tally
    from charnn_cli.shares import Estimate

BYTE_ORDER_MARK = "\ufeff".encode()


def answer(request: Request) -> None:
    """Read the names, answer them and write the rows; raises whatever the input, the model or the output has wrong."""
    processes = _processes(request)
    predictor, folder, which = predictor_of(request, threads=1 if processes > 1 else None)
    check_k(request.top, len(predictor.labels))
    wish, added = added_by(request, predictor)
    of_list = None
    if request.prior == LIST:
        predictor, of_list = _adapted(request, predictor)
    tally = _tally(request, predictor, of_list)
    with _opened(request) as (source, share):
        if request.layout == "parquet":
            rows, abstained = _parquet(request, source, predictor, added, tally)
        else:
            pipeline = _pipeline(request, predictor, added, processes, tally)
            settings = _settings(request, folder, predictor, wish) if request.resume else None
            rows, abstained = _written(request, pipeline, source, share, settings), pipeline.abstained
    if tally is not None:
        from charnn_cli.cli.predict_list import write_summary
        from charnn_cli.render.summary import Summary

        found = tally.sample.estimate(predictor) if tally.sample is not None else of_list
        prior = "training" if of_list is not None and of_list.method == "mean" else request.prior
        told = Summary(predictor.labels, rows, abstained, tally, found, which, prior, wish.grouping)
        write_summary(told, request.summary_layout, noting(quiet=request.quiet))
    say(_done(rows, abstained, which, request.output), quiet=request.quiet or request.is_piped)


def _adapted(request: Request, predictor: "Predictor") -> "tuple[Predictor, Estimate]":
    """The predictor with the list's own shares as prior, where they can be told; the list is read for them."""
    from charnn_cli.cli.predict_list import shares_of

    with _opened(replace(request, quiet=True)) as (source, _):
        note = noting(quiet=request.quiet or request.summary)  # a summary says it by itself
        found = shares_of(source, predictor, request.input, note)
    return predictor.with_priors(found.prior if found.method == "em" else None), found


def _tally(request: Request, predictor: "Predictor", of_list: "Estimate | None") -> "Tally | None":
    """What counts the rows for a summary, and samples them where the list's shares are not known yet."""
    if not request.summary:
        return None
    from charnn_cli.predict.lists import Sample
    from charnn_cli.render.summary import Tally

    return Tally(len(predictor.labels), Sample(len(predictor.labels)) if of_list is None else None)


def added_by(request: Request, predictor: "Predictor") -> "tuple[Wish, Added]":
    """What rows are to hold besides the likeliest origins, and its columns; raises UsageError and DataError."""
    from charnn_cli.render.added import LIST_SEPARATOR, Added, Wish

    grouping = None
    if request.group is not None:
        from charnn_cli.predict.groups import read_grouping

        grouping = read_grouping(request.group, predictor.labels, noting(quiet=request.quiet))
    wish = Wish(request.digits, request.wide, grouping, request.coverage)
    parted = [label for label in predictor.labels if LIST_SEPARATOR in label]
    layout = request.layout if request.engine == "local" else request.format or "csv"
    if request.coverage is not None and parted and layout in ("csv", "tsv"):
        what = f"the origin '{parted[0]}' holds the '{LIST_SEPARATOR}' that parts the origins of a set in columns"
        raise UsageError(what, "add --format ndjson")
    return wish, Added.of(wish, predictor)


@contextmanager
def _opened(request: Request) -> "Iterator[tuple[Source, Callable[[], float | None]]]":
    """What the request reads, and how much of it is read, None where its size is not known."""
    if request.asks:
        yield asked_names(quiet=request.quiet), lambda: None
        return
    shares: list[Callable[[], float]] = []
    with opened_source(
        request.names, request.input, request.columns, request.text, fill=not request.line_buffered,
        quiet=request.quiet, on_open=shares.append,
    ) as source:  # fmt: skip
        yield source, lambda: shares[0]() if shares else None


def _parquet(
    request: Request, source: "Source", predictor: "Predictor", added: "Added", tally: "Tally | None"
) -> tuple[int, Mapping[str, int]]:
    from charnn_cli.render.output import opened
    from charnn_cli.render.parquet import write_parquet

    with opened(request.output) as write:
        options = (request.top, request.min_probability, added, _on_part(request), tally)
        return write_parquet(write, source, predictor, *options)


def _pipeline(
    request: Request, predictor: "Predictor", added: "Added", processes: int, tally: "Tally | None"
) -> "Pipeline":
    from charnn_cli.render import renderer
    from charnn_cli.render.pipeline import Pipeline

    shown_on = console(sys.stdout) if request.layout == "table" else None
    layout = renderer(request.layout, request.top, added, header=not request.no_header, console=shown_on)
    if tally is not None:
        from charnn_cli.render.summary import Tallied

        layout = Tallied(tally, layout if request.writes_rows else None)
    return Pipeline(
        predictor,
        layout,
        min_probability=request.min_probability,
        with_reasons=request.explain,
        processes=processes,
        on_part=_on_part(request),
        on_names=None if tally is None else tally.offer,
    )


def _on_part(request: Request) -> Callable[[], None] | None:
    """What tells of parts that are read though nobody has asked for them."""
    what = "this model has learned single words: names of several are read by their family name; --name-part chooses"
    return None if request.name_part else lambda: noting(quiet=request.quiet)(what)


def _written(
    request: Request, pipeline: "Pipeline", source: "Source", share: Callable[[], float | None],
    settings: Mapping[str, Any] | None,
) -> int:  # fmt: skip
    """Write the rows, or what is missing of them where `settings` tell which output is gone on with; how many."""
    from charnn_cli.cli.progress import row_counter
    from charnn_cli.render.output import opened
    from charnn_cli.render.pipeline import counted

    goes_to_terminal = request.to_stdout and request.writes_rows and sys.stdout.isatty()
    with row_counter(shown=not request.quiet and not goes_to_terminal, share=share) as count:
        if settings is not None:
            return _resumed(request, pipeline, source, settings, count)
        begin = [(0, BYTE_ORDER_MARK)] if request.bom else []
        with opened(request.output, is_safe=request.layout in ("table", "text")) as write:
            return counted(chain(begin, pipeline.rows(source)), write, count)


def row_settings(request: Request, k: int, folder: "Path", predictor: "Predictor", wish: "Wish") -> dict[str, Any]:
    """All that rows must have in common to stand in one output."""
    from charnn_cli.store import model_digest
    from charnn_cli.version import __version__

    return {
        "charnn": __version__,
        "model": model_digest(folder),
        "prior": None if predictor.priors is None else predictor.priors.tolist(),
        "column": request.column,
        "k": k,
        "min_probability": request.min_probability,
        "header": not request.no_header,
        "explain": request.explain,
        "name_part": predictor.name_part,
        **wish.to_json(),
    }


def _settings(request: Request, folder: "Path", predictor: "Predictor", wish: "Wish") -> dict[str, Any]:
    """All that the rest of an output must have in common with its beginning."""
    status = os.stat(str(request.input))
    return {
        **row_settings(request, request.top, folder, predictor, wish),
        "input": os.path.realpath(str(request.input)),
        "size_of_the_input": status.st_size,
        "time_of_the_input": status.st_mtime_ns,
        "delimiter": request.delimiter,
        "encoding": request.encoding,
        "layout": request.layout,
        "bom": request.bom,
    }


def _resumed(
    request: Request,
    pipeline: "Pipeline",
    source: "Source",
    settings: Mapping[str, Any],
    count: "Callable[[int], None]",
) -> int:
    """Write what is missing of an output; the rows of all of it."""
    from charnn_cli.render.output import ResumedFile
    from charnn_cli.render.pipeline import counted

    with ResumedFile(str(request.output), settings) as file:
        pipeline.abstained.update(file.abstained)

        def on_rows(rows: int) -> None:
            file.mark(file.rows + rows, pipeline.abstained)
            count(rows)

        begin = [(0, BYTE_ORDER_MARK)] if request.bom and not file.rows else []
        try:
            counted(chain(begin, pipeline.rows(source, file.rows)), file.write, on_rows)
        except KeyboardInterrupt:
            say(f"charnn: stopped; {number_of(file.rows, 'row')} kept, the same command goes on", quiet=request.quiet)
            raise
        return file.rows


def _done(rows: int, abstained: Mapping[str, int], which: str, output: str | None) -> str:
    """What was done with a file, in a line."""
    silent = sum(abstained.values())
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(abstained.items(), key=lambda item: -item[1]))
    line = f"charnn: {number_of(rows, 'row')}, {silent:,} without an answer" + (f" ({reasons})" if silent else "")
    return f"{line}; answered by {which}" + ("" if output in (None, "-") else f"; written to {output}")


def _processes(request: Request) -> int:
    """How many processes share the work; pyarrow has threads of its own, which a copied process would lack."""
    from charnn_cli.predict.predictor import worker_threads
    from charnn_cli.render.workers import CAN_FORK

    reads_parquet = request.input is not None and format_of(request.input) is PARQUET
    return worker_threads() if CAN_FORK and not reads_parquet and request.layout != "parquet" else 1


def predictor_of(request: Request, threads: int | None) -> "tuple[Predictor, Path, str]":
    """The predictor, the folder of its model, and in words whose it is."""
    from charnn_cli.predict import Predictor
    from charnn_cli.predict.priors import read_priors
    from charnn_cli.store import is_shipped, load_trained, locate

    folder = locate(request.model, noting(quiet=request.quiet))
    trained = load_trained(folder)
    which = "the model that comes with charnn" if is_shipped(folder) else str(folder)
    if request.model is None and sys.stderr.isatty():
        say(f"charnn: answered by {which} (--model chooses another)", quiet=request.quiet)
    priors = None if request.prior == LIST else read_priors(request.prior, trained.labels)
    return Predictor(trained, priors=priors, threads=threads, name_part=request.name_part), folder, which
