"""The sections of the page as HTML."""

from collections.abc import Iterator, Mapping
from typing import Any

from charnn_cli.errors import ModelError
from charnn_cli.evaluate import Evaluation, Rival
from charnn_cli.metrics import METRICS
from charnn_cli.report.html import isolated, table, text
from charnn_cli.report.markdown import to_html
from charnn_cli.report.names import MOST_NAMES
from charnn_cli.store import Run

MEANINGS = {
    "accuracy": "share of the names whose origin is put first",
    "balanced_accuracy": "mean recall of the origins, each counting the same",
    "macro_f1": "mean F1 of the origins, each counting the same",
    "weighted_f1": "mean F1 of the origins, each counting its names",
    "top_3_accuracy": "share of the names whose origin is among the first three",
    "nll": "mean −log probability of the true origin, in nats; less is better",
    "ece": "how far confidence and accuracy lie apart; less is better",
}
SUREST_MISTAKES = 20

Cell = tuple[str, object]


def summary(evaluation: Evaluation) -> str:
    """What was measured on what, and what to know before reading on."""
    examples = evaluation.examples
    which = "All names" if examples.split == "all" else f"The {examples.split} split"
    bound = "No name here has two origins, so that every one could be told right."
    if evaluation.ceiling < 1:
        bound = (
            "Some names have several origins, so that no function of the name alone can be right more often than "
            f"<strong>{min(evaluation.ceiling, 0.9999):.4f}</strong>."
        )
    lines = [f"<p>{which} of <code>{text(examples.data)}</code>: {evaluation.n:,} names. {bound}</p>"]
    notes = list(evaluation.notes)
    if evaluation.abstained:
        notes.append(f"names that the run abstains on, counted as mistakes: {evaluation.abstained:,}")
    if notes:
        lines.append("<ul class='notes'>" + "".join(f"<li>{text(note)}</li>" for note in notes) + "</ul>")
    return "\n".join(lines)


def figures(evaluation: Evaluation) -> str:
    """The figures with their intervals, then a table for each rival."""
    unseen = evaluation.unseen
    shows_unseen = bool(evaluation.seen_in_training) and unseen is not None and unseen.metrics is not None
    header = ["metric", "value", "95 % interval", "from 0 to 1"]
    if shows_unseen and unseen is not None:
        header += [f"{unseen.n:,} unseen names", "95 % interval"]
    rows = []
    for metric in METRICS:
        low, high = evaluation.intervals[metric]
        value = evaluation.metrics[metric]
        row: list[Cell] = [
            (f'<code>{metric}</code><span class="meaning">{text(MEANINGS[metric])}</span>', metric),
            (_number(value), value),
            (_span(low, high), low),
            ("" if metric == "nll" else _whisker(low, high), value),
        ]
        if shows_unseen and unseen is not None and unseen.metrics is not None and unseen.intervals is not None:
            row += [(_number(unseen.metrics[metric]), None), (_span(*unseen.intervals[metric]), None)]
        rows.append(row)
    parts = [table("Figures over all names", header, rows, left=(0, 3))]
    if evaluation.baseline is not None:
        setting = evaluation.baseline.about.get("setting", "")
        parts.append(_against(evaluation, evaluation.baseline, f"Against the linear model ({setting})"))
    parts += [_against(evaluation, rival, f"Against {rival.name}") for rival in evaluation.comparisons]
    return "\n".join(parts)


def _against(evaluation: Evaluation, rival: Rival, caption: str) -> str:
    rows = []
    for metric in METRICS:
        difference, low, high = rival.differences[metric]
        rows.append(
            [
                (f"<code>{metric}</code>", metric),
                (_number(evaluation.metrics[metric]), None),
                (_number(rival.metrics[metric]), None),
                (_number(difference, "+"), None),
                (_span(low, high, "+"), None),
                ("yes" if low > 0 or high < 0 else "no", None),
            ]
        )
    return table(caption, ["metric", "this run", "the other", "difference", "95 % interval", "clear of 0"], rows)


def origins(evaluation: Evaluation) -> str:
    """The sortable table by origin; origins that have no names here and are nobody's answer are left out."""
    rows = [
        [
            (isolated(row.origin), row.origin),
            (f"{row.support:,}", row.support),
            *((_bar(value), value) for value in (row.precision, row.recall, row.f1)),
            _mistake(row.mistake, row.mistake_count),
        ]
        for row in evaluation.per_origin
        if row.support or row.precision is not None
    ]
    header = ["origin", "names", "precision", "recall", "F1", "mostly taken for"]
    return table("By origin", header, rows, identity="by-origin", left=(0, 5), sortable=True, titled=False)


def _mistake(origin: str | None, count: int) -> Cell:
    return ("", 0) if origin is None else (f"{isolated(origin)} ({count:,})", count)


def mistakes(evaluation: Evaluation) -> str:
    """The most confused pairs with a way to their names, and the mistakes that the run was surest of."""
    labels = {label: place for place, label in enumerate(evaluation.examples.labels)}
    pairs = [
        [
            (isolated(pair.origin), pair.origin),
            (isolated(pair.predicted), pair.predicted),
            (f"{pair.count:,}", pair.count),
            (f"{100 * pair.share:.0f} %", pair.share),
            (", ".join(map(isolated, pair.examples)), None),
            (
                f'<button type="button" class="show" data-origin="{labels[pair.origin]}" '
                f'data-guess="{labels[pair.predicted]}">show all'
                f'<span class="unseen"> {text(pair.origin)} taken for {text(pair.predicted)}</span></button>',
                None,
            ),
        ]
        for pair in evaluation.pairs
    ]
    if not pairs:
        return "<p>No name was given another origin than its own.</p>"
    header = ["origin", "taken for", "names", "of the origin", "for example", "names below"]
    surest = ["name", "origin", "taken for", "probability"]
    return table("Most confused", header, pairs, left=(0, 1, 4, 5)) + table(
        "Surest mistakes", surest, _surest(evaluation), left=(0, 1, 2)
    )


def _surest(evaluation: Evaluation) -> Iterator[list[Cell]]:
    outcomes, examples = evaluation.answers.outcomes, evaluation.examples
    wrong = (~outcomes.correct & (outcomes.predicted >= 0)).nonzero()[0]
    for row in wrong[(-outcomes.confidence[wrong]).argsort(kind="stable")][:SUREST_MISTAKES]:
        yield [
            (isolated(examples.names[row]), None),
            (isolated(examples.labels[outcomes.origins[row]]), None),
            (isolated(examples.labels[outcomes.predicted[row]]), None),
            (f"{outcomes.confidence[row]:.3f}", None),
        ]


def filters(evaluation: Evaluation) -> str:
    """The choices of origins to filter the names by, and how many names there are to search."""
    options = "".join(
        f'<option value="{place}">{text(label)}</option>' for place, label in enumerate(evaluation.examples.labels)
    )
    drawn = (
        f"<p>{MOST_NAMES:,} of the {evaluation.n:,} names, drawn at random.</p>" if evaluation.n > MOST_NAMES else ""
    )
    return (
        f'{drawn}<label>origin <select id="origin"><option value="">any</option>{options}</select></label>\n'
        f'<label>answer <select id="guess"><option value="">any</option>{options}</select></label>'
    )


def settings(run: Run) -> str:
    """Every setting of the run, or a word on why there are none."""
    try:
        config = run.config
    except ModelError:
        return "<p>The run folder keeps no settings.</p>"
    rows = [
        [(f"<code>{text(key)}</code>", None), (f"<code>{text(value)}</code>", None)] for key, value in _flat(config)
    ]
    return table("Settings", ["key", "value"], rows, left=(0, 1), titled=False)


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, part in value.items():
        if isinstance(part, Mapping):
            yield from _flat(part, f"{prefix}{key}.")
        else:
            yield (
                f"{prefix}{key}",
                "null" if part is None else str(part).lower() if isinstance(part, bool) else str(part),
            )


def card(run: Run) -> str:
    """The model card, or a word on why there is none."""
    try:
        return to_html(run.card)
    except ModelError:
        return "<p>The run folder keeps no model card.</p>"


def _number(value: float, sign: str = "") -> str:
    return "–" if value != value else f"{value:{sign}.3f}".replace("-", "−")


def _span(low: float, high: float, sign: str = "") -> str:
    return "–" if low != low else f"{_number(low, sign)} to {_number(high, sign)}"


def _bar(share: float | None) -> str:
    """A share as a number over a bar of its length."""
    if share is None:
        return "–"
    return f'<span class="bar" style="--share:{share:.4f}">{share:.2f}</span>'


def _whisker(low: float, high: float) -> str:
    """An interval drawn on a line from 0 to 1; its numbers stand beside it."""
    return f'<span class="whisker" aria-hidden="true" style="--low:{low:.4f};--high:{high:.4f}"></span>'


def _spelled(value: object) -> str:
    """A setting as YAML spells it."""
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
