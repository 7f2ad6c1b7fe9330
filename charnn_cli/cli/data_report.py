"""The data report of `charnn train --dry-run`, for people: tables on a terminal, aligned text elsewhere."""

import sys
from typing import TYPE_CHECKING, TextIO

from charnn_cli.cli.tables import Part, show, table
from charnn_cli.errors import DataErrors
from charnn_cli.terminal import number_of, visible

if TYPE_CHECKING:
    from charnn_cli.config import Config
    from charnn_cli.data import Dataset
    from charnn_cli.data.report import DataReport, OriginCounts

MAX_ORIGINS = 100
HEADER = ("origin", "train", "validation", "test", "total", "share")


def report(dataset: "Dataset", config: "Config", *, as_json: bool) -> None:
    """Print what is in the data; raises DataErrors with all that could not be read."""
    import json

    from charnn_cli.data import describe, split

    sides = split(dataset, **config.data.split_options())
    described = describe(dataset, sides, config.text.rules())
    if as_json:
        print(json.dumps(described.to_json(), ensure_ascii=False, indent=1))
    else:
        print_report(described)
    if described.faults:
        raise DataErrors(described.faults)


def print_report(report: "DataReport", stream: TextIO | None = None) -> None:
    """Write the report to a stream, stdout by default."""
    show(parts_of(report), stream or sys.stdout)


def parts_of(report: "DataReport") -> list[Part]:
    """Facts, the table of origins, warnings."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, text in _facts(report):
        facts.add_row(name, Text(visible(text)))
    *rows, total = _origin_rows(report)
    origins = table("", HEADER, rows)
    origins.box, origins.pad_edge = box.HEAVY_HEAD, True
    origins.add_section()
    origins.add_row(*map(Text, total), style="bold")
    warnings = [Text("warning: ", style="yellow").append(visible(text), style="default") for text in _warnings(report)]
    return [facts, origins, Text("\n").join(warnings)]


def _facts(report: "DataReport") -> list[tuple[str, str]]:
    dropped = (
        (report.repeats, "repeats"),
        (report.empty, "empty"),
        (report.unlabelled, "without an origin"),
        (report.no_letters, "without letters"),
        (report.no_name, "placeholders and addresses"),
        (report.undecodable, "undecodable"),
    )
    ambiguous = f"{report.ambiguous.count:,} with several origins"
    if report.ambiguous.examples:
        ambiguous += f": {', '.join(report.ambiguous.examples)}"
    return [
        ("rows", f"{report.rows:,} read, {report.kept:,} kept"),
        ("dropped", ", ".join(f"{count:,} {what}" for count, what in dropped)),
        ("names", f"{report.names:,} distinct"),
        ("conflicts", ambiguous),
        ("ceiling", f"{report.ceiling:.4f} accuracy at most: a name has one answer, however many origins"),
        ("alphabet", f"{number_of(len(report.alphabet), 'character')}: {_short(report.alphabet, 120)}"),
        ("shortest", ", ".join(_short(name, 80) for name in report.shortest)),
        ("longest", ", ".join(_short(name, 80) for name in report.longest)),
        ("fingerprint", report.fingerprint),
        ("time", f"{report.seconds:.1f} s"),
    ]


def _origin_rows(report: "DataReport") -> list[tuple[str, ...]]:
    """Table rows of the origins, the largest first, and the total."""
    rows = sorted(report.origins, key=lambda row: (-row.total, row.origin))
    cells = [_cells(row.origin, (row.train, row.validation, row.test), report.kept) for row in rows[:MAX_ORIGINS]]
    rest = rows[MAX_ORIGINS:]
    if rest:
        cells.append(_cells(f"{len(rest):,} more (--format json)", _sums(rest), report.kept))
    return [*cells, _cells("total", _sums(rows), report.kept)]


def _sums(rows: "list[OriginCounts]") -> tuple[int, int, int]:
    return sum(row.train for row in rows), sum(row.validation for row in rows), sum(row.test for row in rows)


def _cells(origin: str, counts: tuple[int, int, int], kept: int) -> tuple[str, ...]:
    total = sum(counts)
    figures = (f"{count:,}" for count in (*counts, total))
    return (visible(origin), *figures, f"{total / max(kept, 1):.1%}")


def _warnings(report: "DataReport") -> list[str]:
    warnings = []
    for side, twins in report.twins.items():
        if twins.count:
            told = f"{number_of(twins.count, f'{side} name')} with a near twin in training, which flatters the {side} "
            warnings.append(f"{told}figures: {_listed(twins.examples, twins.count)}")
    if report.unknown_letters:
        shown = [f"{letter!r} ({count:,})" for letter, count in list(report.unknown_letters.items())[:10]]
        count = len(report.unknown_letters)
        warnings.append(f"{number_of(count, 'letter')} in no training name: " + _listed(shown, count))
    if report.cut.count:
        cut = [_short(name, 80) for name in report.cut.examples]
        warnings.append(
            f"{number_of(report.cut.count, 'name')} longer than text.max_length: " + _listed(cut, report.cut.count)
        )
    if report.thin:
        warnings.append(
            f"{number_of(len(report.thin), 'origin')} with few names: " + _listed(report.thin[:10], len(report.thin))
        )
    if report.untested:
        untested = _listed(report.untested[:10], len(report.untested))
        warnings.append(f"{number_of(len(report.untested), 'origin')} without a test name: " + untested)
    warnings += [f"origins that differ in case alone: {', '.join(group)}" for group in report.alike[:10]]
    return warnings


def _listed(examples: tuple[str, ...] | list[str], count: int) -> str:
    return ", ".join(examples) + (", …" if count > len(examples) else "")


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
