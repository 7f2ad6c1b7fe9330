"""`charnn export`: a run for those who do without charnn."""

from pathlib import Path
from typing import Annotated

import typer

from charnn_cli.cli.options import DEFAULT_RUN, SAME_AS_RUN, Quiet, run_words
from charnn_cli.cli.streams import noting, say, tell_path
from charnn_cli.errors import UsageError

EXAMPLES = """\
charnn export --onnx names.onnx              # the newest run
charnn export shipped --onnx box.onnx        # the model in the box"""


def export(
    onnx: Annotated[Path, typer.Option(help="Write the network as ONNX, and FILE.json.", metavar="FILE")],
    run: Annotated[
        Path | None, typer.Argument(help=f"{DEFAULT_RUN}.", show_default=False, autocompletion=run_words)
    ] = None,
    model: Annotated[Path | None, SAME_AS_RUN] = None,
    quiet: Quiet = False,
) -> None:
    """Write a run's network for ONNX Runtime and others, with all that turns names into its input as JSON beside it."""
    from charnn_cli.export import check_onnx, description_path, write_onnx
    from charnn_cli.store import load_trained, locate

    if run and model:
        raise UsageError(f"{run} and {model} are two runs", "name the one to export")
    check_onnx(onnx)
    trained = load_trained(locate(run or model, noting(quiet=quiet)))
    write_onnx(onnx, trained)
    say(
        f"wrote {onnx}: symbols and lengths in, probabilities of {len(trained.labels)} origins out; how names become "
        f"symbols: {description_path(onnx)}",
        quiet=quiet,
    )
    tell_path(onnx)
