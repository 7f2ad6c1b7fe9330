"""What `charnn predict` makes of a list as a whole: its shares as prior, and its summary."""

import json
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from charnn_cli.cli.streams import is_fancy
from charnn_cli.cli.tables import Part, show, table
from charnn_cli.errors import DataError
from charnn_cli.predict import Predictor
from charnn_cli.predict.lists import Sample
from charnn_cli.render.for_people import bar
from charnn_cli.render.output import opened
from charnn_cli.render.summary import Line, Summary
from charnn_cli.shares.estimate import FEWEST, Estimate
from charnn_cli.terminal import number_of, visible

if TYPE_CHECKING:
    from charnn_cli.formats.opening import Source

LEAST_SHOWN = 0.001  # the upper end of a share in a table


def shares_of(source: "Source", predictor: Predictor, where: str | None, note: Callable[[str], None]) -> Estimate:
    """The shares of a list, read to its end; raises DataError where they cannot be told."""
    found = Sample.of(source, len(predictor.labels)).estimate(predictor)
    if found is None or found.names < FEWEST:
        number = 0 if found is None else found.names
        what = f"the shares of a list are told by {FEWEST} readable names or more, not {number}"
        raise DataError(what, "give another prior, or a longer list", where=where)
    if not found.fits:
        note(f"{found.odd:.0%} of the names look like none that the model has learned; the training shares stay")
    elif not found.is_calibrated:
        note(
            "nothing tells whether the model fits this list: it was made by an older charnn, or validated by few names"
        )
    return found


def write_summary(summary: Summary, layout: str, note: Callable[[str], None]) -> None:
    """Print a summary as `table`, `json`, `csv` or `tsv`; what these two have no place for is a note."""
    if layout == "table":
        show(_parts(summary), sys.stdout)
        return
    with opened(None) as write:
        if layout == "json":
            text = json.dumps(summary.to_json(), ensure_ascii=False, allow_nan=False)
            write(text.encode("utf-8", "backslashreplace") + b"\n")
        else:
            write(summary.delimited(is_tsv=layout == "tsv"))
            if not summary.is_sure:
                note(f"shares: {summary.assumption}")


def _parts(summary: Summary) -> Iterator[Part]:
    model, prior = visible(summary.model), visible(summary.prior)
    yield f"{_rows_told(summary)}\nmodel: {model}, rows answered with the prior {prior}\nshares: {summary.assumption}"
    if summary.grouping is not None:
        yield _table("group", "groups", summary.groups())
    shown = [line for line in summary.origins() if line.high >= LEAST_SHOWN]
    title = "origins"
    if left := len(summary.origins()) - len(shown):
        title += f" ({left} below {LEAST_SHOWN:.1%} left out)"
    yield _table("origin", title, shown)


def _rows_told(summary: Summary) -> str:
    told = f"{number_of(summary.rows, 'row')}: {summary.answered:,} answered"
    if summary.abstained:
        reasons = sorted(summary.abstained.items(), key=lambda item: -item[1])
        told += f", {sum(summary.abstained.values()):,} not ("
        told += ", ".join(f"{count:,} {reason}" for reason, count in reasons) + ")"
    return f"{told}; in {summary.tally.unsure:,} no origin is above one half"


def _table(what: str, title: str, lines: list[Line]) -> Part:
    rows = [
        (
            visible(line.name),
            f"{100 * line.share:.1f} %",
            f"{100 * line.low:.1f} to {100 * line.high:.1f}",
            f"{line.count:,}",
            bar(line.share, fancy=is_fancy(sys.stdout)),
        )
        for line in lines
    ]
    return table(title, (what, "share", "95 % interval", "answers", ""), rows, left=(0, 4))
