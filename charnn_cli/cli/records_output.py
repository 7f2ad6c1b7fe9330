"""What several runs have recorded: tables for people, and one run a row for spreadsheets and scripts."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from charnn_cli.cli.evaluation_output import Row, label_cell, number_cell
from charnn_cli.cli.tables import Part, table
from charnn_cli.terminal import visible

if TYPE_CHECKING:
    from rich.table import Table

    from charnn_cli.evaluate import Records

FACTS = ("run", "recipe", "finished", "data", "fingerprint", "side", "n", "training_seconds", "weights")


def parts(records: "Records") -> list[Part]:
    """Figures, what they are of, and the settings that differ."""
    return [_figures(records), _facts(records), _differences(records)]


def _figures(records: "Records") -> "Table":
    rows = [
        (
            _run_cell(record.run),
            record.side or "-",
            "-" if record.n is None else f"{record.n:,}",
            *(number_cell(_number(record.metrics.get(metric))) for metric in records.metrics),
        )
        for record in records.records
    ]
    title = "recorded figures" + (", of different names: no comparison" if records.apart else "")
    metrics = (visible(metric.removesuffix("_accuracy")) for metric in records.metrics)
    return table(title, ("run", "names", "n", *metrics), rows, (0, 1))


def _facts(records: "Records") -> "Table":
    rows = [
        (
            _run_cell(record.run),
            visible(record.recipe or "-"),
            visible((record.finished or "-")[:10]),
            f"{visible(record.data or '-')} ({record.fingerprint[:8]})",
            "-" if record.training_seconds is None else f"{record.training_seconds:,.0f}",
            f"{record.weights:,}",
        )
        for record in records.records
    ]
    return table("what they are of", ("run", "recipe", "finished", "data", "seconds", "weights"), rows, (0, 1, 2, 3))


def _differences(records: "Records") -> "Table | str":
    if not records.differences:
        return "their settings are the same"
    runs = records.records
    rows = [tuple(map(visible, (key, *(_setting(run.config, key) for run in runs)))) for key in records.differences]
    header = ("setting", *(_run_cell(run.run) for run in runs))
    return table("settings that differ", header, rows, range(len(header)))


def csv_rows(records: "Records") -> Iterator[Row]:
    """A header, then a row a run: facts, figures, and the settings that differ; what is not recorded is empty."""
    yield *FACTS, *records.metrics, *records.differences
    for record in records.records:
        row = [getattr(record, fact) for fact in FACTS] + [record.metrics.get(metric) for metric in records.metrics]
        settings = (_setting(record.config, key) for key in records.differences)
        yield *("" if value is None else value for value in row), *settings


def _run_cell(run: str) -> str:
    return label_cell(run.removeprefix("runs/"))


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _setting(config: Mapping[str, Any], key: str) -> str:
    """A setting as YAML has it; nothing where a run holds none."""
    value = config.get(key, "")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
