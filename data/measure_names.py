"""Measures a folder of names: counts, shared names and the ceiling they set, and how well a linear model learns it.

    python data/measure_names.py
    python data/measure_names.py data/names-world
    python data/measure_names.py --classic FOLDER     # also compare with the lesson's classic set

Everything is measured on case-folded ASCII names, as charnn reads them by default. The linear model is TF-IDF over
character 1-4-grams with balanced logistic regression; all rows of a name stand in one fold. A row is right when the
one origin predicted is its own, so a name with two origins can be right once: the ceiling is names over rows.
`any-of` counts a row right when the prediction is any origin of its name.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from builder.text import fold
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, recall_score
from sklearn.pipeline import Pipeline, make_pipeline

FOLDS = 5
Rows = list[tuple[str, str]]  # (folded name, origin), sorted, each once


def read_rows(folder: Path) -> Rows:
    """Every (folded name, origin) of a folder of `<Origin>.txt` files."""
    rows = set()
    for path in sorted(folder.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                rows.add((fold(line.strip()), path.stem))
    if not rows:
        raise SystemExit(f"measure_names: error: {folder} holds no <Origin>.txt; run `make data` or name a folder")
    return sorted(rows)


def origins_by_name(rows: Rows) -> dict[str, set[str]]:
    """Name -> its origins."""
    origins: defaultdict[str, set[str]] = defaultdict(set)
    for name, origin in rows:
        origins[name].add(origin)
    return dict(origins)


def ceiling(rows: Rows) -> float:
    """The highest accuracy that any model of the name alone can reach, a row of each name being right.

    >>> ceiling([("costa", "Italian"), ("costa", "Portuguese"), ("rossi", "Italian"), ("silva", "Portuguese")])
    0.75
    """
    return len({name for name, _ in rows}) / len(rows)


def fold_number(name: str) -> int:
    """Which of the folds a name belongs to; the same on every machine and in every list."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % FOLDS


def linear_model() -> Pipeline:
    """TF-IDF of character 1-4-grams, the name's ends marked, and balanced logistic regression."""
    grams = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 4), sublinear_tf=True, min_df=2, lowercase=False, dtype=np.float32
    )
    return make_pipeline(grams, LogisticRegression(C=20.0, class_weight="balanced", max_iter=200, tol=1e-3))


def fit(rows: Rows) -> Pipeline:
    """The linear model of some rows."""
    return linear_model().fit(_marked(rows), [origin for _, origin in rows])


def _marked(rows: Rows) -> list[str]:
    return [f"^{name}$" for name, _ in rows]


def cross_validate(rows: Rows) -> tuple[list[str], float, float, float]:
    """Out-of-fold predictions in row order, their accuracy, any-of accuracy and macro-F1."""
    predicted = [""] * len(rows)
    folds = [fold_number(name) for name, _ in rows]
    for number in range(FOLDS):
        model = fit([row for row, its in zip(rows, folds, strict=True) if its != number])
        held_out = [place for place, its in enumerate(folds) if its == number]
        answers = model.predict(_marked([rows[place] for place in held_out]))
        for place, answer in zip(held_out, answers, strict=True):
            predicted[place] = str(answer)
    truth = [origin for _, origin in rows]
    origins = origins_by_name(rows)
    right = sum(answer == origin for answer, origin in zip(predicted, truth, strict=True))
    any_of = sum(answer in origins[name] for answer, (name, _) in zip(predicted, rows, strict=True))
    return predicted, right / len(rows), any_of / len(rows), float(f1_score(truth, predicted, average="macro"))


def print_table(header: Sequence[str], body: Sequence[Sequence[object]]) -> None:
    """Plain columns, numbers to the right."""
    cells = [list(header), *[[_cell(value) for value in row] for row in body]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    for row in cells:
        first = row[0].ljust(widths[0])
        print(" ".join([first, *[value.rjust(width) for value, width in zip(row[1:], widths[1:], strict=True)]]))


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def report_counts(folder: Path, rows: Rows) -> None:
    """Rows, names, shared names, the ceiling they set, and the pairs of origins that share most."""
    origins = origins_by_name(rows)
    size = sum(path.stat().st_size for path in folder.glob("*.txt"))
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in folder.glob("*.txt"))
    print(f"{folder.name}: {lines} lines, {size} bytes, {len({origin for _, origin in rows})} origins")
    print(f"{len(rows)} rows of {len(origins)} names once case and marks are folded")
    shared = Counter(len(theirs) for theirs in origins.values() if len(theirs) > 1)
    spread = ", ".join(f"{names} with {count}" for count, names in sorted(shared.items()))
    print(f"{sum(shared.values())} names with several origins ({spread or 'none'})")
    print(f"accuracy ceiling that they set: {ceiling(rows):.3f}")
    pairs = Counter(
        (first, second) for theirs in origins.values() for first in theirs for second in theirs if first < second
    )
    print("pairs that share most: " + ", ".join(f"{a}/{b} {n}" for (a, b), n in pairs.most_common(8)))


def report_folds(rows: Rows) -> None:
    """The 5-fold table by origin and its summary line."""
    started = time.perf_counter()
    predicted, accuracy, any_of, macro = cross_validate(rows)
    truth = [origin for _, origin in rows]
    labels = sorted(set(truth))
    recalls = recall_score(truth, predicted, labels=labels, average=None)
    scores = f1_score(truth, predicted, labels=labels, average=None)
    names_by_origin = Counter(truth)
    origins = origins_by_name(rows)
    shared = Counter(origin for name, origin in rows if len(origins[name]) > 1)
    print()
    print_table(
        ["origin", "names", "shared", "recall", "F1"],
        [
            [label, names_by_origin[label], shared[label], float(recall), float(score)]
            for label, recall, score in zip(labels, recalls, scores, strict=True)
        ],
    )
    print()
    print(
        f"linear model, {FOLDS} folds: accuracy {accuracy:.3f} (ceiling {ceiling(rows):.3f}), any-of {any_of:.3f}, "
        f"macro-F1 {macro:.3f}"
    )
    print(f"({time.perf_counter() - started:.0f} s)", file=sys.stderr)


def report_classic(rows: Rows, classic: Path | None) -> None:
    """Overlap with the classic set, and recall on its names that the folder lacks."""
    if classic is None or not classic.is_dir():
        print(f"classic set: skipped, {'no --classic FOLDER given' if classic is None else f'{classic} is no folder'}")
        return
    theirs = read_rows(classic)
    ours, known = set(rows), {name for name, _ in rows}
    same = Counter(origin for row in theirs if row in ours for origin in [row[1]])
    unseen = [row for row in theirs if row[0] not in known]
    model = fit([row for row in rows if row[1] in {origin for _, origin in theirs}])
    predicted = [str(answer) for answer in model.predict(_marked(unseen))]
    right = Counter(row[1] for row, answer in zip(unseen, predicted, strict=True) if row[1] == answer)
    total, support = Counter(origin for _, origin in theirs), Counter(origin for _, origin in unseen)
    print()
    print_table(
        ["classic set", "names", "also here", "unseen", "recall"],
        [[o, total[o], same[o], support[o], right[o] / support[o] if support[o] else "-"] for o in sorted(total)],
    )
    recalls = [right[origin] / support[origin] for origin in sorted(support)]
    print()
    print(f"of the classic set's {len(theirs)} rows, {sum(same.values())} stand here under the same origin")
    print(f"trained here, tested on its {len(unseen)} unseen rows: mean recall {sum(recalls) / len(recalls):.3f}")


def main() -> None:
    """Print the report for one folder."""
    parser = argparse.ArgumentParser(description="Measure a folder of names by origin.")
    default = Path(__file__).resolve().parent / "names"
    parser.add_argument("folder", nargs="?", type=Path, default=default, help="folder of <Origin>.txt (data/names)")
    parser.add_argument("--classic", type=Path, help="folder of the lesson's classic files, to compare with")
    parser.add_argument("--counts-only", action="store_true", help="leave the linear model out")
    arguments = parser.parse_args()
    rows = read_rows(arguments.folder)
    report_counts(arguments.folder, rows)
    if not arguments.counts_only:
        report_folds(rows)
        report_classic(rows, arguments.classic)


if __name__ == "__main__":
    main()
