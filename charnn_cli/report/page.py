"""An evaluation as one HTML page that needs nothing beside itself: what `page.html` shows, and where it goes."""

import base64
import contextlib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from charnn_cli import files
from charnn_cli.errors import DataError, ModelError
from charnn_cli.evaluate import Evaluation
from charnn_cli.plots import live
from charnn_cli.store import Run

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure

SUFFIXES = (".html", ".htm")
MEANINGS = {
    "accuracy": "share of the names whose origin is put first",
    "balanced_accuracy": "mean recall of the origins, each counting the same",
    "macro_f1": "mean F1 of the origins, each counting the same",
    "weighted_f1": "mean F1 of the origins, each counting its names",
    "top_3_accuracy": "share of the names whose origin is among the first three",
    "nll": "mean −log probability of the true origin, in nats; less is better",
    "ece": "how far confidence and accuracy lie apart; less is better",
}
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src"
MOST_NAMES = 20_000  # more of them make the page slow to open
SUREST_MISTAKES = 20
CARD_MARKUP = ("heading", "list", "table", "backticks", "emphasis")  # whatever else stands in a card is shown as it is


def check_target(path: Path) -> None:
    """Raise UsageError or OutputError, before any work is done, where the page cannot be written."""
    files.check_target(path, SUFFIXES, "a report")


def write_report(path: Path, run: Run, evaluation: Evaluation) -> None:
    """Write the page beside `path` and rename it; raises OutputError where that cannot be."""
    check_target(path)
    files.write_bytes(path, render_report(run, evaluation).encode("utf-8", "replace"), do=files.ANOTHER_FILE)


def render_report(run: Run, evaluation: Evaluation) -> str:
    """The page; the same run and evaluation give the same text.

    Nothing is fetched, and its security policy names the one script by its hash, so that no name, label or model card
    can bring in another. The template escapes whatever it puts in, JSON too.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=_shown, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"number": _number, "span": _span, "count": lambda count: f"{count:,}"}
    environment.policies["json.dumps_kwargs"] = {
        "ensure_ascii": False,
        "separators": (",", ":"),
        "allow_nan": False,
    }
    script = _file("page.js")
    reading, of_reading = live.embedded(run)
    notes = list(evaluation.notes)
    if evaluation.abstained:
        notes.append(f"names that the run abstains on, counted as mistakes: {evaluation.abstained:,}")
    return environment.from_string(_file("page.html")).render(
        policy=" ".join(filter(None, (POLICY, live.source(script), of_reading))),
        title=f"charnn: {run.name}",
        style=Markup(_file("page.css")),
        script=Markup(script),
        evaluation=evaluation,
        examples=evaluation.examples,
        meanings=MEANINGS,
        notes=notes,
        surest=list(_surest(evaluation)),
        data={**names_data(evaluation), "reading": reading},
        pictures=list(pictures(run, evaluation)),
        settings=_settings(run),
        card=_card(run),
    )


def names_data(evaluation: Evaluation, most: int = MOST_NAMES) -> dict[str, Any]:
    """The names for the page's script to search, as columns, a value a name.

    They are spelling, true label, answered, and the leading labels with their probabilities. Of more than `most` names,
    as many are drawn at random by a fixed seed.
    """
    examples, answers = evaluation.examples, evaluation.answers
    rows = np.arange(evaluation.n)
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(0).choice(rows, most, replace=False))
    return {
        "labels": list(examples.labels),
        "names": [examples.names[row].encode("utf-8", "replace").decode() for row in rows],
        "origins": examples.origins[rows].tolist(),
        "answered": (answers.outcomes.predicted[rows] >= 0).astype(int).tolist(),
        "leading": answers.leading[rows].tolist(),
        "shares": answers.shares[rows].round(4).tolist(),
    }


def card_html(card: str) -> "Markup":
    """A model card's Markdown as HTML: headings (from h3 on), lists, tables, code and emphasis."""
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    reader = MarkdownIt("zero").enable(list(CARD_MARKUP))
    tokens = reader.parse("\n".join(map(_shown, card.splitlines())))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
        elif token.type == "th_open":
            token.attrSet("scope", "col")
    content = reader.renderer.render(tokens, reader.options, {})
    region = '<div class="scroll" role="region" tabindex="0" aria-label="Table of the model card">\n<table>'
    return Markup(content.replace("<table>", region).replace("</table>", "</table></div>"))  # no text holds a tag


def _card(run: Run) -> "Markup | None":
    try:
        return card_html(run.card)
    except ModelError:
        return None


def _settings(run: Run) -> list[tuple[str, str]] | None:
    """Every setting of the run as YAML spells it, None where it keeps none."""
    try:
        return list(_flat(run.config))
    except ModelError:
        return None


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, part in value.items():
        if isinstance(part, Mapping):
            yield from _flat(part, f"{prefix}{key}.")
        else:
            spelled = str(part).lower() if isinstance(part, bool) else str(part)
            yield f"{prefix}{key}", "null" if part is None else spelled


def _surest(evaluation: Evaluation) -> Iterator[tuple[str, str, str, float]]:
    """Name, origin, answer and its probability of the mistakes that the run was surest of."""
    outcomes, examples = evaluation.answers.outcomes, evaluation.examples
    wrong = (~outcomes.correct & (outcomes.predicted >= 0)).nonzero()[0]
    for row in wrong[(-outcomes.confidence[wrong]).argsort(kind="stable")][:SUREST_MISTAKES]:
        origin, predicted = outcomes.origins[row], outcomes.predicted[row]
        yield examples.names[row], examples.labels[origin], examples.labels[predicted], outcomes.confidence[row]


def _shown(value: Any) -> Any:
    """What the template puts in: of text that is not yet HTML, characters without a shape become U+FFFD."""
    if hasattr(value, "__html__"):
        return value
    return "".join(letter if _has_shape(letter) else "\N{REPLACEMENT CHARACTER}" for letter in str(value))


def _has_shape(letter: str) -> bool:
    return letter.isprintable() or letter in "\n\u200c\u200d" or unicodedata.category(letter) == "Zs"


def _number(value: float, sign: str = "") -> str:
    return "–" if value != value else f"{value:{sign}.3f}".replace("-", "−")


def _span(interval: tuple[float, float], sign: str = "") -> str:
    low, high = interval
    return "–" if low != low else f"{_number(low, sign)} to {_number(high, sign)}"


def _file(name: str) -> str:
    return (resources.files("charnn_cli.report") / name).read_text(encoding="utf-8")


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
    """Confusion, calibration and, where the run folder has kept its history, the training curves."""
    from charnn_cli.plots import kind
    from charnn_cli.plots.request import Request

    request = Request.of_evaluation(run, evaluation)
    yield Picture.of(
        "What is taken for what",
        "A matrix with a row for each true origin and a column for each predicted one; its numbers are in the tables "
        "by origin and of confusions.",
        kind("confusion").make(request),
    )
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
