"""`charnn predict --engine ray`: folders of files in, folders of labelled parts out."""

import sys
from collections.abc import Sequence
from pathlib import Path

from charnn_cli.cli.progress import row_counter
from charnn_cli.cli.streams import is_fancy, noting, say
from charnn_cli.errors import UsageError

LAYOUTS = ("csv", "tsv", "ndjson", "parquet")
PLAIN = "or leave --engine ray out"


def check_bulk(
    names: list[str] | None, input: str | None, output: str | None, layout: str | None, *, explain: bool,
    line_buffered: bool,
) -> tuple[str, str]:  # fmt: skip
    """Where to read and to write; raises UsageError for what does not fit, before anything is loaded."""
    if names:
        raise UsageError("--engine ray labels files, not words", f"give --input FOLDER, {PLAIN}")
    if input is None or input == "-":
        raise UsageError("--engine ray reads no stdin", f"give --input FOLDER or a pattern such as 'in/*.csv', {PLAIN}")
    if output is None or output == "-":
        raise UsageError("--engine ray writes files", f"give --output FOLDER, {PLAIN}")
    if layout is not None and layout not in LAYOUTS:
        raise UsageError(f"--engine ray writes no {layout}", f"give --format {', '.join(LAYOUTS)}, {PLAIN}")
    if explain and layout != "ndjson":
        raise UsageError("--explain does not fit into columns", "add --format ndjson")
    if line_buffered:
        raise UsageError("--line-buffered is for a process that waits for each row", f"leave it out, {PLAIN}")
    if Path(output).exists() and not Path(output).is_dir():
        raise UsageError(f"{output} is a file", "name a folder as --output")
    folder, target = Path(input).resolve(), Path(output).resolve()
    if folder.is_dir() and (target == folder or folder in target.parents):
        raise UsageError("--output lies within --input", "name a folder beside it")
    return input, output


def predict_in_bulk(
    input: str, output: str, layout: str | None, *, column: Sequence[str] | None, model: str | None, prior: str, k: int,
    min_probability: float, header: bool, explain: bool, quiet: bool,
) -> None:  # fmt: skip
    """Label files on Ray, going on where an earlier run with the same settings was stopped."""
    from charnn_cli.bulk.blocks import BLOCK_BYTES, BLOCK_ROWS
    from charnn_cli.bulk.cluster import check_installed
    from charnn_cli.bulk.files import find_inputs
    from charnn_cli.bulk.job import Job
    from charnn_cli.bulk.manifest import Manifest
    from charnn_cli.bulk.on_ray import label_all
    from charnn_cli.cli.predict import check_k
    from charnn_cli.predict.priors import read_priors
    from charnn_cli.store import load_trained, locate, model_digest
    from charnn_cli.version import __version__

    check_installed()
    inputs, left_out = find_inputs(input, column, layout)
    inside = [item.path for item in inputs if Path(output).resolve() in Path(item.path).parents]
    if inside:
        raise UsageError(f"{inside[0]} of --input lies in --output", "choose a pattern that leaves --output out")
    if left_out:
        say(f"charnn: files of other kinds are left out: {len(left_out)}, {left_out[0]} the first", quiet=quiet)
    folder = locate(model, noting(quiet=quiet))
    trained = load_trained(folder)
    check_k(k, len(trained.labels))
    priors = read_priors(prior, trained.labels)
    job = Job(tuple(inputs), str(Path(output).resolve()), column, k, min_probability, header, explain)
    settings = {
        "charnn": __version__,
        "model": model_digest(folder),
        "prior": None if priors is None else priors.tolist(),
        "format": layout,
        "column": column,
        "k": k,
        "min_probability": min_probability,
        "header": header,
        "explain": explain,
        "block": [BLOCK_BYTES, BLOCK_ROWS],
    }
    with Manifest(Path(job.output), settings, inputs) as manifest:
        if manifest.parts and is_fancy(sys.stderr):
            say(f"charnn: {manifest.rows:,} rows in {manifest.parts:,} parts were finished before", quiet=quiet)
        with row_counter(shown=not quiet) as count:
            for rows in label_all(job, trained, priors, manifest):
                count(rows)
        manifest.finish()
