"""An evaluation as one HTML page that needs nothing beside itself: what `page.html` shows, and where it goes."""

import base64
import contextlib
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charnn_cli.errors import DataError, ModelError
from charnn_cli.evaluate import Evaluation, Rival
from charnn_cli.plots import live, pages
from charnn_cli.plots.request import Request
from charnn_cli.report.content import Contrast, Matrix, names_data, surest_mistakes
from charnn_cli.store import Run
from charnn_cli.version import __version__

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure

MEANINGS = {
    "accuracy": "share of the names whose origin is put first",
    "balanced_accuracy": "mean recall of the origins, each counting the same",
    "macro_f1": "mean F1 of the origins, each counting the same",
    "weighted_f1": "mean F1 of the origins, each counting its names",
    "top_3_accuracy": "share of the names whose origin is among the first three",
    "nll": "mean −log probability of the true origin, in nats; less is better",
    "ece": "how far confidence and accuracy lie apart; less is better",
}
MOST_INSIDE = 2**22  # characters of the live page; a larger one is a file of its own
CARD_MARKUP = ("heading", "list", "table", "backticks", "emphasis")  # whatever else stands in a card is shown as it is


def check_target(path: Path) -> None:
    """Raise UsageError or OutputError, before any work is done, where the page cannot be written."""
    for target in (path, live_file(path)):
        pages.check_target(target, "a report")


def live_file(path: Path) -> Path:
    """Where a live page goes that is too large for the report at `path`."""
    return path.with_name(f"{path.stem}-live{path.suffix}")


def write_report(
    path: Path, run: Run, evaluation: Evaluation, command: str = "", most: int = MOST_INSIDE
) -> list[Path]:
    """Write the page, and before it a live page of more than `most` characters; returns the files, the report first.

    Raises OutputError where that cannot be.
    """
    check_target(path)
    reading = live.render(Request((run,)))
    beside = live_file(path) if len(reading) > most else None
    page = render_report(run, evaluation, reading=beside or reading, command=command)
    if beside:
        pages.write(beside, reading)
    pages.write(path, page)
    return [path, beside] if beside else [path]


def render_report(run: Run, evaluation: Evaluation, reading: str | Path | None = None, command: str = "") -> str:
    """The page, as `pages.render` makes it.

    `reading` is the live page that a name opens, or its file in the same folder; the run's own, inside, by default.
    """
    calibration, *plots = pictures(run, evaluation)
    reading = live.render(Request((run,))) if reading is None else reading
    beside = reading.name if isinstance(reading, Path) else ""
    notes = list(evaluation.notes)
    if evaluation.abstained:
        notes.append(f"names that the run abstains on, counted as mistakes: {evaluation.abstained:,}")
    return pages.render(
        "report/page.html",
        pages.text("report/page.js"),
        [] if beside else [live.script()],
        title=f"charnn: {run.name}",
        evaluation=evaluation,
        examples=evaluation.examples,
        meanings=MEANINGS,
        notes=notes,
        made_by=f"charnn {__version__}",
        command=command,
        rivals=[(name, rival, Contrast.all(rival)) for name, rival in _rivals(evaluation)],
        matrix=Matrix.of(evaluation),
        surest=surest_mistakes(evaluation),
        beside=beside,
        data={**names_data(evaluation), "reading": "" if beside else reading, "file": urllib.parse.quote(beside)},
        calibration=calibration,
        pictures=plots,
        settings=_settings(run),
        card=_card(run),
    )


def card_html(card: str) -> "Markup":
    """A model card's Markdown as HTML: headings (from h3 on), lists, tables, code and emphasis."""
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    reader = MarkdownIt("zero").enable(list(CARD_MARKUP))
    tokens = reader.parse("\n".join(map(pages.with_shapes, card.splitlines())))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
        elif token.type == "th_open":
            token.attrSet("scope", "col")
    content = reader.renderer.render(tokens, reader.options, {})
    first, *rest = content.replace("</table>", "</table></div>").split("<table>")  # no text holds a tag
    for place, part in enumerate(rest, start=1):
        which = "Table" if place == 1 else f"Table {place}"
        first += (
            f'<div class="scroll" role="region" tabindex="0" aria-label="{which} of the model card">\n<table>{part}'
        )
    return Markup(first)


def _rivals(evaluation: Evaluation) -> Iterator[tuple[str, Rival]]:
    """The linear model and the other runs, by what to call them."""
    if evaluation.baseline is not None:
        yield f"the linear model ({evaluation.baseline.about['setting']})", evaluation.baseline
    for rival in evaluation.comparisons:
        yield rival.name, rival


def _card(run: Run) -> "Markup | None":
    try:
        return card_html(run.card)
    except ModelError:
        return None


def _settings(run: Run) -> list[tuple[str, str]] | None:
    """Every setting of the run as YAML spells it, None where it keeps none."""
    words: Mapping[Any, str] = {None: "null", True: "true", False: "false"}
    try:
        return [
            (key, words[value] if value is None or isinstance(value, bool) else str(value))
            for key, value in run.config_by_key.items()
        ]
    except ModelError:
        return None


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot, what it is called, and in words what it shows."""

    title: str
    words: str
    svg: str  # in base64
    width: int  # pixels
    height: int

    @classmethod
    def of(cls, title: str, words: str, figure: "Figure") -> "Picture":
        from charnn_cli.plots.save import render

        width, height = (round(96 * inches) for inches in figure.get_size_inches())
        return cls(title, words, base64.b64encode(render(figure, "svg")).decode("ascii"), width, height)


def pictures(run: Run, evaluation: Evaluation) -> Iterator[Picture]:
    """Calibration, what the list is made of and, where the run folder has kept its history, the training curves."""
    from charnn_cli.plots import kind

    request = Request.of_evaluation(run, evaluation)
    yield Picture.of(
        "Whether 0.8 means 0.8",
        f"Accuracy against confidence in bins of equally many names; the expected calibration error is "
        f"{evaluation.metrics['ece']:.3f}.",
        kind("calibration").make(request),
    )
    if request.data is not None:
        with contextlib.suppress(DataError):  # the model can read none of the names
            yield Picture.of(
                "What the list is made of",
                "The share of each origin as the names alone tell it, with its 95 % interval, beside the true one.",
                kind("shares").make(request),
            )
    try:
        curves = kind("loss").make(Request((run,)))
    except ModelError:
        return
    yield Picture.of(
        "How training went",
        f"Loss, macro-F1, gradient norm and clipped steps over {len(run.history):,} records of the training.",
        curves,
    )
