"""What there is to know about labelled names before a model is trained on them: the report of a dry run."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.data.dataset import Dataset, distinct, name_key
from charnn_cli.data.split import SIDES, TEST, TRAIN, VALIDATION
from charnn_cli.text import TextRules, normalise

MAX_EXAMPLES = 5
THIN_NAMES = 20  # with fewer names, an origin's test figures rest on one or two of them
MIN_STEM = 4  # letters that two names must share to be near twins; shorter ones are alike by chance (Li, Lim)


@dataclass(frozen=True)
class Finding:
    """How often something was found, and the first examples of it."""

    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class OriginCounts:
    """Rows of one origin on each side of the split."""

    origin: str
    train: int
    validation: int
    test: int

    @property
    def total(self) -> int:
        return self.train + self.validation + self.test


@dataclass(frozen=True)
class DataReport:
    """What a data set holds; counts are of rows as read, kept rows, or distinct names, as the fields say."""

    fingerprint: str
    rows: int  # as read
    kept: int  # rows; what was not kept stands in the next six
    repeats: int
    empty: int
    unlabelled: int
    no_letters: int
    no_name: int
    undecodable: int
    faults: tuple[str, ...]
    names: int  # distinct, without case
    origins: tuple[OriginCounts, ...]
    ambiguous: Finding  # distinct names with several origins
    ceiling: float  # accuracy that no function of the name alone can exceed, over all rows
    alphabet: str  # characters of the training texts
    unknown_letters: dict[str, int]  # characters that only validation or test names have → number of their rows
    shortest: tuple[str, ...]
    longest: tuple[str, ...]
    cut: Finding  # names longer than the text rules' max_length
    twins: dict[str, Finding]  # distinct names of the validation and test splits that have a near twin in training
    thin: tuple[str, ...]  # origins with fewer than THIN_NAMES rows
    untested: tuple[str, ...]  # origins without a row in the test split, though that split has rows
    alike: tuple[tuple[str, ...], ...]  # origins that differ in case alone
    seconds: float  # to read and to describe

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def ceiling(keys: Sequence[str] | NDArray[Any], origins: NDArray[np.integer]) -> float:
    """The best accuracy that any function of the name can have: it answers each name with its most frequent origin.

    keys: (N,) names or their hashes. origins: (N,) integers. The mean over rows; 1 where there are none.
    """
    if not len(keys):
        return 1.0
    names, name = np.unique(keys, return_inverse=True)
    wide = int(np.max(origins)) + 1
    pairs, counts = np.unique(name * wide + origins, return_counts=True)
    best = np.zeros(len(names), dtype=np.int64)
    np.maximum.at(best, pairs // wide, counts)
    return float(best.sum() / len(keys))


def describe(dataset: Dataset, sides: NDArray[np.int8], rules: TextRules) -> DataReport:
    """The report of a data set and its split; `rules` are the text rules it was read with."""
    started = time.perf_counter()
    read = dataset.report
    origins = _counts_by_origin(dataset, sides)
    lengths = np.fromiter(map(len, dataset.texts), dtype=np.int64, count=len(dataset))
    by_length = np.argsort(lengths, kind="stable")
    longest_first = np.argsort(-lengths, kind="stable")
    alphabet, unknown = _letters(dataset, sides)
    return DataReport(
        fingerprint=dataset.fingerprint,
        rows=read.rows,
        kept=len(dataset),
        repeats=read.repeats,
        empty=read.empty,
        unlabelled=read.unlabelled,
        no_letters=read.no_letters,
        no_name=read.no_name,
        undecodable=read.undecodable,
        faults=tuple(read.faults.lines()),
        names=len(distinct(dataset.hashes)),
        origins=origins,
        ambiguous=_ambiguous(dataset),
        ceiling=ceiling(dataset.hashes, dataset.origins),
        alphabet=alphabet,
        unknown_letters=unknown,
        shortest=_distinct_names(dataset, by_length),
        longest=_distinct_names(dataset, longest_first),
        cut=_cut(dataset, np.flatnonzero(lengths >= rules.max_length - 1), rules),
        twins=_twins(dataset, sides),
        thin=tuple(row.origin for row in origins if row.total < THIN_NAMES),
        untested=tuple(row.origin for row in origins if not row.test) if np.any(sides == TEST) else (),
        alike=_alike(dataset.labels),
        seconds=read.seconds + time.perf_counter() - started,
    )


def _counts_by_origin(dataset: Dataset, sides: NDArray[np.int8]) -> tuple[OriginCounts, ...]:
    cells = dataset.origins.astype(np.int64) * len(SIDES) + sides
    counts = np.bincount(cells, minlength=len(dataset.labels) * len(SIDES)).reshape(-1, len(SIDES))
    return tuple(OriginCounts(label, *row) for label, row in zip(dataset.labels, counts.tolist(), strict=True))


def _ambiguous(dataset: Dataset) -> Finding:
    """Names with several origins; the examples are those with the most, `Lee (Chinese, English, Korean)`."""
    _, first, name = np.unique(dataset.hashes, return_index=True, return_inverse=True)
    pairs = distinct(name.astype(np.int64) * len(dataset.labels) + dataset.origins)
    origins_of_name = np.bincount(pairs // max(len(dataset.labels), 1), minlength=len(first))
    several = np.flatnonzero(origins_of_name > 1)
    shown = several[np.lexsort((first[several], -origins_of_name[several]))][:MAX_EXAMPLES]
    examples = []
    for chosen in shown:
        labels = [dataset.labels[pair % len(dataset.labels)] for pair in pairs[pairs // len(dataset.labels) == chosen]]
        examples.append(f"{dataset.names[first[chosen]]} ({', '.join(labels)})")
    return Finding(len(several), tuple(examples))


def _letters(dataset: Dataset, sides: NDArray[np.int8]) -> tuple[str, dict[str, int]]:
    """The training texts' characters in order, and those that only other texts have, with the rows that hold them."""
    trained = set("".join(_texts(dataset, sides == TRAIN)))
    held_out = _texts(dataset, sides != TRAIN)
    unknown = Counter(character for text in held_out for character in set(text) - trained)
    return "".join(sorted(trained)), dict(sorted(unknown.items(), key=lambda item: (-item[1], item[0])))


def _texts(dataset: Dataset, rows: NDArray[np.bool_]) -> Iterator[str]:
    return compress(dataset.texts, rows.tolist())


def _distinct_names(dataset: Dataset, rows: NDArray[np.int64]) -> tuple[str, ...]:
    """The first names among these rows, each once."""
    names: dict[str, str] = {}
    for row in rows:
        names.setdefault(dataset.texts[row], dataset.names[row])
        if len(names) == MAX_EXAMPLES:
            break
    return tuple(names.values())


def _cut(dataset: Dataset, rows: NDArray[np.int64], rules: TextRules) -> Finding:
    longer = TextRules(rules.romanise, rules.casefold, max_length=2 * rules.max_length, scripts=None)
    names = {dataset.names[row] for row in rows if normalise(dataset.names[row], longer) != dataset.texts[row]}
    return Finding(len(names), tuple(sorted(names)[:MAX_EXAMPLES]))


def _twins(dataset: Dataset, sides: NDArray[np.int8]) -> dict[str, Finding]:
    held_out, trained = (map(name_key, _texts(dataset, rows)) for rows in (sides != TRAIN, sides == TRAIN))
    twins = near_twins(held_out, trained)
    findings = {}
    for side in (VALIDATION, TEST):
        found = sorted(twins.keys() & set(map(name_key, _texts(dataset, sides == side))))
        examples = tuple(f"{name} ({twins[name]})" for name in found[:MAX_EXAMPLES])
        findings[SIDES[side]] = Finding(len(found), examples)
    return findings


def near_twins(names: Iterable[str], others: Iterable[str]) -> dict[str, str]:
    """The names that have a near twin among the others, each with the first twin met.

    Near twins share their first letters, at least four of them, and then one of the two goes on by one or two letters
    more (Ivanov, Ivanova), or both end in one letter that differs (Kowalski, Kowalska). Linear in the names.
    """
    whole = {name for name in names if len(name) >= MIN_STEM}
    without_one: dict[str, list[str]] = {}  # the names by what is left without their last letter
    without_two: dict[str, list[str]] = {}
    for name in sorted(whole):
        for cut, by_stem in ((1, without_one), (2, without_two)):
            if len(name) - cut >= MIN_STEM:
                by_stem.setdefault(name[:-cut], []).append(name)
    twins: dict[str, str] = {}
    for other in others:
        stem = other[:-1]
        for by_stem, shared in ((without_one, other), (without_two, other), (without_one, stem)):
            if shared in by_stem:
                for name in by_stem[shared]:
                    if name != other:
                        twins.setdefault(name, other)
        for name in (stem, stem[:-1]):
            if name in whole:
                twins.setdefault(name, other)
    return twins


def _alike(labels: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    groups: dict[str, list[str]] = {}
    for label in labels:
        groups.setdefault(label.casefold(), []).append(label)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)
