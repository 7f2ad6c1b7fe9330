"""An evaluation of a run that writes: tables for people, and one figure a row for scripts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from charnn_cli.cli.evaluation_output import CSV_HEADER, Row, headline, label_cell, number_cell, span_cell
from charnn_cli.cli.tables import Part, table

if TYPE_CHECKING:
    from rich.table import Table

    from charnn_cli.evaluate.writing import WritingEvaluation


def parts(evaluation: "WritingEvaluation") -> Iterator[Part]:
    """Facts and tables within 80 columns."""
    yield f"{headline(evaluation)}, {evaluation.letters.letters.sum():,} letters with their ends"
    spans, against = evaluation.letters.intervals(), evaluation.against_ngrams
    rows = [(metric, number_cell(value), span_cell(*spans[metric])) for metric, value in evaluation.metrics.items()]
    if evaluation.ngrams is not None and against is not None:
        of_ngrams = evaluation.ngrams
        name = f"bits_per_letter of smoothed {evaluation.ngram_order}-grams"
        values = (of_ngrams.metrics()["bits_per_letter"], *of_ngrams.intervals()["bits_per_letter"])
        rows.append((name, number_cell(values[0]), span_cell(*values[1:])))
        rows.append(("this run minus those", f"{against[0]:+.3f}", span_cell(*against[1:], sign="+")))
    yield table("what a letter costs", ("metric", "value", "95 % interval"), rows)
    yield _origins(evaluation)
    yield _passing(evaluation)
    rows = [
        (metric, number_cell(value), span_cell(*evaluation.classifier_intervals[metric]))
        for metric, value in evaluation.as_classifier.items()
    ]
    yield table("as a classifier, by Bayes' rule", ("metric", "value", "95 % interval"), rows)


def _origins(evaluation: "WritingEvaluation") -> "Table":
    rows = []
    for row in evaluation.by_origin():
        ngrams = "-" if row.ngram_bits is None else number_cell(row.ngram_bits)
        rows.append((label_cell(row.origin), f"{row.n:,}", number_cell(row.bits), span_cell(*row.interval), ngrams))
    return table("bits per letter by origin", ("origin", "names", "bits", "95 % interval", "n-grams"), rows)


def _passing(evaluation: "WritingEvaluation") -> "Table":
    shares = [{what: row for what, *row in passing.rows()} for passing in evaluation.passing]
    rows = []
    for what in shares[0]:
        cells = [
            "-" if what not in of_kind else f"{100 * of_kind[what][0]:.1f} % of {of_kind[what][3]:,}"
            for of_kind in shares
        ]
        rows.append((what, *cells))
    header = ("share that is", *(f"{passing.kind} names" for passing in evaluation.passing))
    return table("names that it writes, beside real ones", header, rows)


def csv_rows(evaluation: "WritingEvaluation") -> Iterator[Row]:
    """A header, then a row a figure, as for runs that tell origins; `names` may be `written` or `held out`."""
    yield CSV_HEADER
    run, ngrams = evaluation.run, f"smoothed {evaluation.ngram_order}-grams"
    for name, letters in ((run, evaluation.letters), (ngrams, evaluation.ngrams)):
        if letters is not None:
            spans = letters.intervals()
            for metric, value in letters.metrics().items():
                yield (name, "", "all", "", metric, value, *spans[metric])
    if evaluation.against_ngrams is not None:
        yield (run, ngrams, "all", "", "bits_per_letter", *evaluation.against_ngrams)
    for row in evaluation.by_origin():
        yield (run, "", "all", row.origin, "support", row.n, "", "")
        yield (run, "", "all", row.origin, "bits_per_letter", row.bits, *row.interval)
        if row.ngram_bits is not None:
            yield (ngrams, "", "all", row.origin, "bits_per_letter", row.ngram_bits, "", "")
    for passing in evaluation.passing:
        for what, share, low, high, _ in passing.rows():
            yield (run, "", passing.kind, "", what, share, low, high)
    for metric, value in evaluation.as_classifier.items():
        yield (run, "", "all", "", metric, value, *evaluation.classifier_intervals[metric])
