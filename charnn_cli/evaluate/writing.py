"""A run that writes, on labelled names: what their letters cost, and what becomes of names that it writes itself.

Of ten thousand written names, as many of each origin as training had, it is asked how many are new and distinct, and
how many are taken for names of their origin by models that tell origins; the same is asked of the real names.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.choices import Split
from charnn_cli.data import TRAIN, VALIDATION
from charnn_cli.data.dataset import name_hash, name_key
from charnn_cli.errors import CharnnError, DataError
from charnn_cli.evaluate import baseline
from charnn_cli.evaluate.evaluation import OnStage
from charnn_cli.evaluate.names import EvaluationSet, LabelledNames, answer, renumbered
from charnn_cli.evaluate.rivals import fit_linear
from charnn_cli.metrics import compute_metrics, intervals
from charnn_cli.metrics.breakdowns import share_interval
from charnn_cli.metrics.letters import LetterOutcomes, OriginLetters
from charnn_cli.predict import Predictor
from charnn_cli.predict.writing import Manner, NameWriter
from charnn_cli.store import Run, load_trained
from charnn_cli.store.location import SHIPPED
from charnn_cli.text import normaliser
from charnn_cli.text.smoothed import SmoothedNgrams, letters_told

WRITTEN = 10_000
Judge = Callable[[Sequence[str]], tuple[NDArray[np.int64], Sequence[str]]]  # names → labels (N,), -1 for none; labels


@dataclass(frozen=True, slots=True)
class Passing:
    """What is so of a set of names: counts, and of how many, by what is asked."""

    kind: str  # written, or held out
    counts: Mapping[str, tuple[int, int]]

    def rows(self) -> list[tuple[str, float, float, float, int]]:
        """What is asked, its share with the 95 % interval, and of how many names."""
        hits, totals = np.array(list(self.counts.values())).T
        low, high = share_interval(hits, totals)
        columns = (hits / np.maximum(totals, 1), low, high, totals)
        rows = zip(self.counts, *(column.tolist() for column in columns), strict=True)
        return [row for row in rows if row[-1]]

    def to_json(self) -> dict[str, Any]:
        return {
            what: {"share": share, "interval": [low, high], "n": total} for what, share, low, high, total in self.rows()
        }


@dataclass(frozen=True, slots=True)
class WritingEvaluation:
    """What came out. `ngrams` are the smoothed n-grams of the run's training names, None where those are gone."""

    run: str
    examples: EvaluationSet
    letters: LetterOutcomes
    ngrams: LetterOutcomes | None
    ngram_order: int
    passing: Sequence[Passing]
    as_classifier: Mapping[str, float]
    classifier_intervals: Mapping[str, tuple[float, float]]
    notes: Sequence[str]

    @property
    def n(self) -> int:
        return len(self.letters.nats)

    @property
    def metrics(self) -> dict[str, float]:
        return self.letters.metrics()

    @property
    def against_ngrams(self) -> tuple[float, float, float] | None:
        """Bits a letter more than the n-grams: difference, low and high of its 95 % interval."""
        return None if self.ngrams is None else self.letters.minus(self.ngrams)

    def by_origin(self) -> list[OriginLetters]:
        return self.letters.by_origin(self.examples.labels, self.ngrams)

    def to_json(self) -> dict[str, Any]:
        """The object that the format `json` prints."""
        told = self.letters.to_json(self.examples.labels, self.ngrams)
        ngrams, against = None, self.against_ngrams
        if self.ngrams is not None and against is not None:
            difference = {"difference": against[0], "interval": list(against[1:])}
            ngrams = {"order": self.ngram_order, "metrics": self.ngrams.metrics(), "bits_per_letter": difference}
        seen = self.examples.seen
        return {
            "run": self.run,
            "data": str(self.examples.data),
            "split": self.examples.split,
            **told,
            "intervals": {metric: list(span) for metric, span in self.letters.intervals().items()},
            "seen_in_training": None if seen is None else int(seen.sum()),
            "ngrams": ngrams,
            "names": {passing.kind: passing.to_json() for passing in self.passing},
            "as_classifier": {
                "metrics": dict(self.as_classifier),
                "intervals": {metric: list(span) for metric, span in self.classifier_intervals.items()},
            },
            "notes": list(self.notes),
        }


def evaluate_writing(
    run: Run,
    *,
    data: Path | None = None,
    split: Split | None = None,
    with_baseline: bool = False,
    written: int = WRITTEN,
    read: Callable[[Run, Path | None], LabelledNames] = LabelledNames.of,
    on_stage: OnStage = lambda what, done, total: None,
) -> WritingEvaluation:
    """Measure a run that writes on its test names, or on `data`; with the linear model as a judge where asked.

    So many names are `written` to be judged.
    Names without letters, and those whose origin the run does not know, are left out. Raises DataError or ModelError
    where names or run cannot be read.
    """
    trained, source = run.trained, read(run, data)
    examples = EvaluationSet.of(run, source, split, own_data=data is None)
    notes = [note.replace("counted as mistakes", "left out") for note in examples.notes]
    own = source if data is None or source.unchanged else None
    if own is None:
        try:
            own = read(run, None)
        except CharnnError as error:
            notes.append(f"{error.what}: no n-grams and no linear model beside this run")
    texts = list(map(normaliser(trained.rules), examples.names))
    rows = np.array([row for row, text in enumerate(texts) if text and examples.origins[row] < len(trained.labels)])
    if not len(rows):
        raise DataError(f"'{run.folder}' can read none of the names", "give others", where=examples.data)
    symbols, origins = trained.encode_texts([texts[row] for row in rows]), examples.origins[rows]
    writer = NameWriter(trained)
    on_stage(f"asking {run.called}", 0, 1)
    outcomes = answer(trained, examples.names, examples.origins, name_part="all").outcomes
    nats = -writer.engine.log_likelihoods(symbols)[np.arange(len(rows)), origins]
    told = letters_told(symbols)
    on_stage(f"asking {run.called}", 1, 1)
    ngrams = None if own is None else counted(run, own)
    judges = dict(_judges(run, own if with_baseline else None, on_stage))
    names, of_origin = _written(writer, written)
    held_out = [examples.names[row] for row in rows]
    passing = [
        _passing("written", run, names, of_origin, judges),
        _passing("held out", run, held_out, origins, judges),
    ]
    return WritingEvaluation(
        run=run.called,
        examples=examples,
        letters=LetterOutcomes(nats, told, origins),
        ngrams=None if ngrams is None else LetterOutcomes(ngrams.nats(symbols, origins), told, origins),
        ngram_order=0 if ngrams is None else ngrams.order,
        passing=passing,
        as_classifier=compute_metrics(outcomes),
        classifier_intervals=intervals(outcomes),
        notes=notes,
    )


def counted(run: Run, own: LabelledNames) -> SmoothedNgrams | None:
    """The n-grams of the run's training names, chosen on its validation names; None where there are none of those."""
    trained = run.trained
    origins, _ = renumbered(own.dataset.origins, own.dataset.labels, trained.labels)  # others than its own, if changed
    known = origins < len(trained.labels)
    sides = [np.flatnonzero(known & (own.sides == side)) for side in (TRAIN, VALIDATION)]
    if not all(map(len, sides)):
        return None
    read = normaliser(trained.rules)
    training, validation = (
        (trained.encode_texts([read(own.dataset.names[row]) for row in rows]), origins[rows]) for rows in sides
    )
    letters = len(trained.alphabet.characters) + 1
    return SmoothedNgrams.chosen(training, validation, num_labels=len(trained.labels), letters=letters)


def _written(writer: NameWriter, number: int) -> tuple[list[str], NDArray[np.int64]]:
    """So many names, of each origin as many as its share in training, and their origins."""
    shares = writer.trained.priors * (number / writer.trained.priors.sum())
    counts = np.floor(shares).astype(np.int64)
    counts[np.argsort(counts - shares, kind="stable")[: number - counts.sum()]] += 1
    names: list[str] = []
    origins: list[int] = []
    for origin, count in enumerate(counts.tolist()):
        for part in writer.write(origin, count, Manner()):
            names += part.names
            origins += [origin] * len(part.names)
    return names, np.array(origins)


def _judges(run: Run, own: LabelledNames | None, on_stage: OnStage) -> "list[tuple[str, Judge]]":
    """Models that tell origins, by name."""
    judges: list[tuple[str, Judge]] = []
    shipped = Predictor(load_trained(SHIPPED))

    def ask_shipped(names: Sequence[str]) -> tuple[NDArray[np.int64], Sequence[str]]:
        parts = [shipped.answers(names[at : at + shipped.window], 1) for at in range(0, len(names), shipped.window)]
        told = [np.where([reason is None for reason in part.reasons], part.origins[:, 0], -1) for part in parts]
        return np.concatenate(told), shipped.labels

    judges.append(("the model in the box", ask_shipped))
    if own is not None:
        labels = own.dataset.labels
        chosen = fit_linear(run, own, lambda done, total: on_stage("fitting the linear model", done, total))

        def ask_linear(names: Sequence[str]) -> tuple[NDArray[np.int64], Sequence[str]]:
            return chosen.model.probabilities(baseline.spell(names, run.trained.rules)).argmax(axis=1), labels

        judges.append(("the linear model", ask_linear))
    return judges


def _passing(
    kind: str, run: Run, names: Sequence[str], origins: NDArray[np.int64], judges: Mapping[str, Judge]
) -> Passing:
    """How many of these names are new and distinct, and taken for their origin by each judge who knows it."""
    read = normaliser(run.trained.rules)
    held = np.isin(name_hash(map(name_key, map(read, names))), run.training_hashes)
    counts = {
        "new": (int((~held).sum()), len(names)),
        "distinct": (len(set(zip(names, origins.tolist(), strict=True))), len(names)),
    }
    for judge, ask in judges.items():
        told, labels = ask(names)
        wanted, _ = renumbered(origins, run.trained.labels, labels)
        knows = wanted < len(labels)
        counts[f"taken for their origin by {judge}"] = (int((told == wanted)[knows].sum()), int(knows.sum()))
    return Passing(kind, counts)
