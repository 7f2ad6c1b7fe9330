"""The files that a study leaves in its folder."""

import io
from collections.abc import Sequence
from pathlib import Path

from charnn_cli.files import write_bytes, write_json
from charnn_cli.study.outcome import Outcome
from charnn_cli.study.plan import Cell
from charnn_cli.study.record import Record
from charnn_cli.study.tables import markdown, write_csv

STUDY, TABLE, CSV = "study.json", "table.md", "table.csv"


def write(outcome: Outcome, cells: Sequence[Cell], record: Record) -> list[Path]:
    """Write every file whole, in place of those of before; returns them. Raises OutputError where that cannot be."""
    folder = record.folder
    table = io.StringIO()
    write_csv(outcome, table)
    write_json(folder / STUDY, outcome.to_json())
    texts = {TABLE: markdown(outcome), CSV: table.getvalue()}
    for name, text in texts.items():
        write_bytes(folder / name, text.encode(errors="surrogatepass"))
    return [folder / name for name in (STUDY, *texts)]
