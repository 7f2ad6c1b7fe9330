"""`charnn predict --engine ray`: folders of files in, folders of labelled parts out."""

import sys
from pathlib import Path

from charnn_cli.cli.predict_input import TextOptions
from charnn_cli.cli.predict_request import LIST, Request, check_k
from charnn_cli.cli.predict_rows import added_by, predictor_of, row_settings
from charnn_cli.cli.progress import row_counter
from charnn_cli.cli.streams import can_redraw, say
from charnn_cli.errors import UsageError
from charnn_cli.terminal import number_of

LAYOUTS = ("csv", "tsv", "ndjson", "parquet")
PLAIN = "or leave --engine ray out"


def answer(request: Request) -> None:
    """Label files on Ray, going on where an earlier run with the same settings was stopped."""
    input, output = _places(request)
    _label(request, input, output)


def _places(request: Request) -> tuple[str, str]:
    """Where to read and to write; raises UsageError for what does not fit, before anything is loaded."""
    input, output, layout = request.input, request.output, request.format
    if request.text != TextOptions(None, None) or request.bom or request.resume:
        what = "--engine ray takes no --delimiter, --encoding or --bom, and goes on without --resume"
        raise UsageError(what, "leave them out, or leave --engine ray out")
    if request.summary or request.prior == LIST:
        what = "--engine ray labels parts of files, and no list as a whole"
        raise UsageError(what, f"leave --summary and --prior list out, {PLAIN}")
    if request.names:
        raise UsageError("--engine ray labels files, not words", f"give --input FOLDER, {PLAIN}")
    if input is None or input == "-":
        raise UsageError("--engine ray reads no stdin", f"give --input FOLDER or a pattern such as 'in/*.csv', {PLAIN}")
    if output is None or output == "-":
        raise UsageError("--engine ray writes files", f"give --output FOLDER, {PLAIN}")
    if layout is not None and layout not in LAYOUTS:
        raise UsageError(f"--engine ray writes no {layout}", f"give --format {', '.join(LAYOUTS)}, {PLAIN}")
    if request.explain and layout != "ndjson":
        raise UsageError("--explain does not fit into columns", "add --format ndjson")
    if request.line_buffered:
        raise UsageError("--line-buffered is for a process that waits for each row", f"leave it out, {PLAIN}")
    if Path(output).exists() and not Path(output).is_dir():
        raise UsageError(f"{output} is a file", "name a folder as --output")
    folder, target = Path(input).resolve(), Path(output).resolve()
    if folder.is_dir() and (target == folder or folder in target.parents):
        raise UsageError("--output lies within --input", "name a folder beside it")
    return input, output


def _label(request: Request, input: str, output: str) -> None:
    from charnn_cli.bulk.blocks import BLOCK_BYTES, BLOCK_ROWS
    from charnn_cli.bulk.cluster import check_installed
    from charnn_cli.bulk.files import find_inputs
    from charnn_cli.bulk.manifest import Manifest
    from charnn_cli.bulk.on_ray import Job, label_all

    column, k, quiet = request.columns, 1 if request.k is None else request.k, request.quiet
    check_installed()
    inputs, left_out = find_inputs(input, column, request.format)
    inside = [item.path for item in inputs if Path(output).resolve() in Path(item.path).parents]
    if inside:
        raise UsageError(f"{inside[0]} of --input lies in --output", "choose a pattern that leaves --output out")
    if left_out:
        say(f"charnn: files of other kinds are left out: {len(left_out)}, {left_out[0]} the first", quiet=quiet)
    predictor, folder, _ = predictor_of(request, threads=1)
    check_k(k, len(predictor.labels))
    wish, _ = added_by(request, predictor)
    job = Job(
        tuple(inputs), str(Path(output).resolve()), column, k, request.min_probability, not request.no_header,
        request.explain, request.name_part, wish,
    )  # fmt: skip
    shaped = {"format": request.format, "block": [BLOCK_BYTES, BLOCK_ROWS]}
    settings = {**row_settings(request, k, folder, predictor, wish), **shaped}
    with Manifest(Path(job.output), settings, inputs) as manifest:
        if manifest.parts and can_redraw(sys.stderr):
            say(
                f"charnn: {number_of(manifest.rows, 'row')} in {number_of(manifest.parts, 'part')} finished before",
                quiet=quiet,
            )
        with row_counter(shown=not quiet) as count:
            for rows in label_all(job, predictor.trained, predictor.priors, manifest):
                count(rows)
        manifest.finish()
