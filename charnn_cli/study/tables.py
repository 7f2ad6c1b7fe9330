"""The tables and sentences of a study, as text, once for the terminal, Markdown and the page; and its CSV."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

from charnn_cli.metrics import METRICS
from charnn_cli.study.comparing import Difference
from charnn_cli.study.outcome import COSTS, Outcome, Row, Suspect
from charnn_cli.terminal import in_markdown, number_of
from charnn_cli.version import __version__

CSV_HEADER = ("recipe", "against", "metric", "value", "standard_deviation", "low", "high", "p", "p_holm", "cells")
HEADLINE = ("accuracy", "macro_f1")
CELL_METRICS = ("accuracy", "macro_f1", "nll")
MOST_SUSPECTS = 50
FORMS = {"seconds": ",.1f", "names_per_second": ",.0f", "weights": ",.0f"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table; `words` are the columns that hold no numbers."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Sequence[int] = (0,)


def title(outcome: Outcome) -> str:
    """What was studied."""
    design = outcome.design
    splits = number_of(design.splits, "fold" if design.folds else "split")
    names, origins = number_of(outcome.names, "name"), number_of(outcome.origins, "origin")
    return f"{names} of {origins}, {splits} by name, {number_of(design.seeds, 'seed')}"


def sentences(outcome: Outcome) -> list[str]:
    """What can be said of the recipes, and what cannot."""
    told = [_sentence(row.label, outcome.reference, by) for row, by in outcome.compared()]
    for row in outcome.rows:
        told += _failures(row)
    if outcome.missing:
        cells = "1 cell is" if outcome.missing == 1 else f"{outcome.missing:,} cells are"
        told.append(f"{cells} not measured yet, and verdicts may change; the same command goes on")
    return [*told, *outcome.notes]


def _failures(row: Row) -> Iterator[str]:
    """A sentence a reason, whatever the number of cells."""
    places: dict[str, list[str]] = {}
    for cell, reason in row.failures:
        places.setdefault(" ".join(reason.split()), []).append(cell.place)
    for reason, (first, *more) in places.items():
        yield f"{row.label} failed on {first}: {reason}" + (f"; so did {len(more)} more of its cells" if more else "")


def _sentence(recipe: str, reference: str, by: dict[str, Difference]) -> str:
    parts = []
    for metric in HEADLINE:
        told = by[metric]
        span = "" if told.low is None else f" ({told.low:+.3f} to {told.high:+.3f})"
        parts.append(f"{metric} {told.verdict}, {told.difference:+.3f}{span}")
    return f"{recipe} against {reference}: {'; '.join(parts)}"


def figures(outcome: Outcome, metrics: Sequence[str] = METRICS) -> Sheet:
    """Means of each recipe, with the standard deviation over its cells in brackets."""
    rows = [(row.label, *(shown(row, metric) for metric in metrics)) for row in outcome.rows]
    return Sheet("test names: mean (standard deviation) over the cells", ("recipe", *metrics), rows)


def costs(outcome: Outcome) -> Sheet:
    """What each recipe takes, and how many of its cells there are."""
    rows = [
        (row.label, *(shown(row, what) for what in COSTS), f"{row.cells}", f"{len(row.failures)}", f"{row.missing}")
        for row in outcome.rows
    ]
    header = ("recipe", "seconds to train", "names per second", "weights", "cells", "failed", "missing")
    return Sheet("what it takes", header, rows)


def differences(outcome: Outcome, metrics: Sequence[str] = METRICS) -> Sheet:
    """Each recipe minus the first."""
    rows = [
        (row.label, metric, f"{told.difference:+.4f}", _span(told), _p(told.p), _p(told.adjusted), told.verdict)
        for row, by in outcome.compared()
        for metric, told in by.items()
        if metric in metrics
    ]
    header = ("recipe", "metric", "difference", "95 % interval", "p", "p (Holm)", "verdict")
    return Sheet(f"against {outcome.reference}", header, rows, words=(0, 1, 6))


def suspected(outcome: Outcome, most: int = MOST_SUSPECTS) -> Sheet:
    """Names whose label is likely wrong, the likeliest first."""
    rows = [
        (told.name, told.label, told.proposed, f"{told.margin:+.3f}", f"{told.wrong} of {told.cells}")
        for told in outcome.suspects[:most]
    ]
    of = "" if len(outcome.suspects) <= most else f", {most} of {len(outcome.suspects):,}"
    header = ("name", "label", "likelier", "margin", "cells that say otherwise")
    return Sheet(f"labels that are likely wrong{of}", header, rows, words=(0, 1, 2))


def cells(outcome: Outcome) -> Sheet:
    """Every cell, and what came of it."""
    rows = []
    for told in outcome.cells:
        place = f"split {told['split_seed']}" if "split_seed" in told else f"fold {told['fold']}"
        seed = "–" if told["seed"] is None else f"{told['seed']}"
        if told["status"] == "done":
            figures = [f"{told['metrics'][metric]:.3f}" for metric in CELL_METRICS]
            rows.append((told["recipe"], place, seed, *figures, f"{told['seconds']:,.1f}", "done"))
        else:
            rows.append((told["recipe"], place, seed, *["–"] * len(CELL_METRICS), "–", told["reason"] or "missing"))
    header = ("recipe", "names", "seed", *CELL_METRICS, "seconds", "what came of it")
    return Sheet("every cell", header, rows, words=(0, 1, 7))


def shown(row: Row, what: str) -> str:
    """Mean, and the standard deviation in brackets."""
    if not row.cells:
        return "–"
    form = FORMS.get(what, ".3f")
    spread = row.spread(what)
    return f"{row.mean(what):{form}}" + ("" if spread is None else f" ({spread:{form}})")


def _span(told: Difference) -> str:
    return "–" if told.low is None else f"{told.low:+.4f} to {told.high:+.4f}"


def _p(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}" if value >= 0.0001 else "< 0.0001"


def csv_text(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as CSV by RFC 4180, with `\\n` at the ends of lines."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode(errors="surrogatepass")


def suspect_rows(outcome: Outcome) -> Iterator[Sequence[Any]]:
    """A row a name whose label is likely wrong, the likeliest first."""
    yield [field.name for field in fields(Suspect)]
    yield from map(astuple, outcome.suspects)


def markdown(outcome: Outcome) -> str:
    """All of it as Markdown."""
    of = f"Of {outcome.data} (fingerprint {outcome.fingerprint[:8]}), by charnn {__version__}."
    lines = [f"# {title(outcome)}", "", in_markdown(of), "", *(f"- {in_markdown(told)}" for told in sentences(outcome))]
    for sheet in (figures(outcome), differences(outcome), costs(outcome), suspected(outcome)):
        if sheet.rows:
            lines += ["", f"## {in_markdown(sheet.title)}", "", *markdown_table(sheet)]
    return "\n".join(lines) + "\n"


def markdown_table(sheet: Sheet) -> Iterator[str]:
    yield f"| {' | '.join(sheet.header)} |"
    yield f"|{'|'.join(' --- ' if column in sheet.words else ' ---: ' for column in range(len(sheet.header)))}|"
    for row in sheet.rows:
        yield f"| {' | '.join(map(in_markdown, row))} |"


def figure_rows(outcome: Outcome) -> Iterator[Sequence[Any]]:
    """A row a figure: means of the recipes, then their differences `against` the first."""
    yield CSV_HEADER
    for row in outcome.rows:
        for what in (*METRICS, *COSTS):
            mean = row.mean(what) if row.cells else ""
            yield row.label, "", what, mean, row.spread(what), "", "", "", "", row.cells
    for row, by in outcome.compared():
        for metric, told in by.items():
            spans = (told.low, told.high, told.p, told.adjusted)
            yield row.label, outcome.reference, metric, told.difference, "", *spans, row.cells
