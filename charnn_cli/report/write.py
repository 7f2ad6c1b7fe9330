"""Where the page goes: whole, or not at all."""

from pathlib import Path

from charnn_cli.errors import OutputError, UsageError
from charnn_cli.evaluate import Evaluation
from charnn_cli.files import advising, check_writable, write_bytes
from charnn_cli.report.page import render_report
from charnn_cli.store import Run

ADVICE = "make room or name another file with --report"
SUFFIXES = (".html", ".htm")


def check_target(path: Path) -> None:
    """Raise UsageError or OutputError, before any work is done, where the page cannot be written."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"a report cannot be written as '{path.name}'", "end the file's name in .html")
    if path.is_dir():
        raise OutputError("is a folder", "name a file in it with --report", where=path)
    if not path.parent.is_dir():
        raise OutputError("lies in a folder that does not exist", "make it first, or name another file", where=path)
    with advising(path, ADVICE):
        check_writable(path)


def write_report(path: Path, run: Run, evaluation: Evaluation) -> None:
    """Write the page beside `path` and rename it; raises OutputError where that cannot be."""
    check_target(path)
    content = render_report(run, evaluation).encode("utf-8", "replace")
    with advising(path, ADVICE):
        write_bytes(path, content)
