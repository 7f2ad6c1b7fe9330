"""What the page says of an evaluation: its matrix, its comparisons in a word, its surest mistakes, names to search."""

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from charnn_cli.evaluate import Evaluation, Rival
from charnn_cli.metrics import LOWER_IS_BETTER, confusion
from charnn_cli.text import TextRules, normalise
from charnn_cli.text.scripts import join_pairs

MOST_NAMES = 20_000  # more of them make the page slow to open
SUREST_MISTAKES = 20
NO_ANSWER = -1  # in place of a label
_LATIN = (range(0x00C0, 0x0250), range(0x1E00, 0x1F00))


@dataclass(frozen=True, slots=True)
class Matrix:
    """A row a true origin, a column a predicted one; origins without names, or that no name was given, are left out.

    cells: of each row (label, [(predicted label, names, share of the row)]), the predicted label of `columns`.
    """

    columns: list[int]
    rows: list[tuple[int, int, list[tuple[int, int, float]]]]

    @classmethod
    def of(cls, evaluation: Evaluation) -> "Matrix":
        counts = confusion(evaluation.answers.outcomes)
        silent = [row.abstained for row in evaluation.per_origin]
        support = [row.support for row in evaluation.per_origin]
        columns = [label for label in range(len(counts)) if support[label] or counts[:, label].any()]
        columns += [NO_ANSWER] * any(silent)
        rows = []
        for label in (label for label in range(len(counts)) if support[label]):
            told = [silent[label] if column == NO_ANSWER else int(counts[label, column]) for column in columns]
            cells = [(column, count, count / support[label]) for column, count in zip(columns, told, strict=True)]
            rows.append((label, support[label], cells))
        return cls(columns, rows)


@dataclass(frozen=True, slots=True)
class Contrast:
    """A metric of the run and of another: which is better, and where the difference lies on the page.

    low, middle, high: between -1 and 1, to the right where the run is better; the metrics of a comparison have one
    scale, `nll`, which is no share, one of its own.
    """

    metric: str
    verdict: str
    low: float
    middle: float
    high: float

    @classmethod
    def all(cls, rival: Rival) -> list["Contrast"]:
        bounds = {metric: max(map(abs, values)) for metric, values in rival.differences.items()}
        shared = max((bound for metric, bound in bounds.items() if metric != "nll" and math.isfinite(bound)), default=0)
        return [cls.of(rival, metric, bounds["nll"] if metric == "nll" else shared) for metric in rival.differences]

    @classmethod
    def of(cls, rival: Rival, metric: str, scale: float) -> "Contrast":
        difference, low, high = rival.differences[metric]
        if not math.isfinite(difference + low + high):
            return cls(metric, "–", 0.0, 0.0, 0.0)
        if metric in LOWER_IS_BETTER:
            difference, low, high = -difference, -high, -low
        verdict = "better" if low > 0 else "worse" if high < 0 else "undecided"
        return cls(metric, verdict, *(value / (scale or 1.0) for value in (low, difference, high)))


@dataclass(frozen=True, slots=True)
class Mistake:
    """A name that was given another origin. others: the origins that the data gives it as well."""

    name: str
    origin: str
    predicted: str
    confidence: float
    others: tuple[str, ...]


def surest_mistakes(evaluation: Evaluation) -> list[Mistake]:
    """The mistakes that the run was surest of, those first."""
    outcomes, examples = evaluation.answers.outcomes, evaluation.examples
    wrong = (~outcomes.correct & (outcomes.predicted >= 0)).nonzero()[0]
    mistakes = []
    for row in wrong[(-outcomes.confidence[wrong]).argsort(kind="stable")][:SUREST_MISTAKES]:
        origin, predicted = (examples.labels[place[row]] for place in (outcomes.origins, outcomes.predicted))
        several = examples.several.get(int(examples.keys[row]), ())
        others = tuple(label for label in several if label != origin)
        mistakes.append(Mistake(examples.names[row], origin, predicted, float(outcomes.confidence[row]), others))
    return mistakes


def names_data(evaluation: Evaluation, most: int = MOST_NAMES) -> dict[str, Any]:
    """The names for the page's script to search, as columns, a value a name.

    They are spelling, true label, answered, and the leading labels with their probabilities. Of more than `most` names,
    as many are drawn at random by a fixed seed. `folds` is what letters are searched as, `read` what names are whose
    letters are read in pairs.
    """
    examples, answers = evaluation.examples, evaluation.answers
    rows = np.arange(evaluation.n)
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(0).choice(rows, most, replace=False))
    names = [examples.names[row].encode("utf-8", "replace").decode() for row in rows]
    table = folds(names)
    return {
        "labels": list(examples.labels),
        "names": names,
        "origins": examples.origins[rows].tolist(),
        "answered": (answers.outcomes.predicted[rows] >= 0).astype(int).tolist(),
        "leading": answers.leading[rows].tolist(),
        "shares": answers.shares[rows].round(4).tolist(),
        "folds": table,
        "read": {place: read for place, name in enumerate(names) if (read := _read_in_pairs(name, table))},
    }


def folds(names: Iterable[str]) -> dict[str, str]:
    """What romanising makes of Latin letters and of those of the names, where it does more than take marks away."""
    letters = {chr(code_point) for block in _LATIN for code_point in block}
    letters.update(letter for name in names if not name.isascii() for letter in unicodedata.normalize("NFC", name))
    rules = TextRules()
    read = {letter: normalise(letter, rules) for letter in sorted(letters) if letter > "\x7f"}
    return {letter: text for letter, text in read.items() if text and text != _without_marks(letter)}


def _read_in_pairs(name: str, table: dict[str, str]) -> str | None:
    composed = unicodedata.normalize("NFC", name)
    joined = join_pairs(composed)
    return None if joined == composed else "".join(table.get(letter, letter) for letter in joined).lower()


def _without_marks(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    return "".join(part for part in parts if unicodedata.category(part)[0] != "M").lower()
