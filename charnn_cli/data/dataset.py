"""Labelled names as the rest of charnn sees them, and how rows become that."""

import hashlib
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.data.reading import ReadReport
from charnn_cli.text import TextRules, normaliser, undecidable

MAX_LABEL_CHARACTERS = 200
BLOCK_ROWS = 1 << 16  # rows whose strings are held at once
SHARE_OF_SORTING = 0.3  # of the time that `finish` takes; hashing takes the rest

Texts = NDArray[Any]  # (N,) of `StringDType`: UTF-8, without a Python string for each


def packed(texts: Iterable[str]) -> Texts:
    """Texts in an array, which takes a third of the memory of a list; Python strings are held for a block at a time."""
    remaining = iter(texts)
    parts = [np.array([], dtype=np.dtypes.StringDType())]
    while block := list(islice(remaining, BLOCK_ROWS)):
        parts.append(np.array(block, dtype=parts[0].dtype))
    return np.concatenate(parts)


def known_by(rules: TextRules) -> TextRules:
    """The rules by which names are told apart, of those by which a model reads them."""
    return replace(rules, scripts=None, marks=())


def name_key(text: str) -> str:
    """The identity of a name: its text without case. All rows of one key go to one side of a split."""
    return text.casefold()


def name_hash(keys: Iterable[str]) -> NDArray[np.uint64]:
    """BLAKE2b hashes (64 bits) of name keys, (N,): the same on every machine and in every process."""
    blake2b = hashlib.blake2b
    digests = b"".join(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest() for key in keys)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """The values in order, each once: sorted, as `np.unique` alone hashes them, slow where nearly all differ."""
    return np.unique(values, return_counts=True)[0]


@dataclass(eq=False)
class Dataset:
    """Labelled names, each (text, origin) once, ordered by text and then by origin, whatever order they came in.

    names: as spelled (of repeats, the first). texts: `normalise`d, the scripts of the rules left open.
    origins: (N,) indices into `labels`, which are sorted. fingerprint: SHA-256 over texts and labels.
    hashes: `name_hash` of every row's key, (N,).
    """

    names: Texts
    texts: Texts
    origins: NDArray[np.int32]
    labels: tuple[str, ...]
    hashes: NDArray[np.uint64]
    fingerprint: str
    report: ReadReport

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True, slots=True)
class Portions:
    """How many rows are worked on at once: memory and time depend on it, the dataset does not."""

    remembered: int = 1 << 18  # rows among which repeats are dropped as they come; their texts take some 60 MB
    fewest_sorted: int = 1 << 20  # rows that are worth putting in order before all have come
    block: int = BLOCK_ROWS


USUAL = Portions()


@dataclass
class _Rows:
    """Some rows on their way into a `Dataset`; origins: (N,) numbers of labels."""

    names: Texts
    texts: Texts
    origins: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.texts)

    @classmethod
    def joined(cls, parts: "Sequence[_Rows]") -> "_Rows":
        names = np.concatenate([packed([]), *(part.names for part in parts)])
        texts = np.concatenate([packed([]), *(part.texts for part in parts)])
        return cls(names, texts, np.concatenate([np.empty(0, dtype=np.int32), *(part.origins for part in parts)]))

    def in_order(self) -> "_Rows":
        """Sorted by text and origin; of rows that share both, the first alone."""
        order = np.argsort(self.origins, kind="stable")
        order = order[np.argsort(self.texts[order], kind="stable")]
        texts, origins = self.texts[order], self.origins[order]
        kept = np.ones(len(self), dtype=np.bool_)
        kept[1:] = (texts[1:] != texts[:-1]) | (origins[1:] != origins[:-1])
        return _Rows(self.names[order[kept]], texts[kept], origins[kept])


class Collector:
    """Takes (name, origin) rows one by one and keeps what is worth training on.

    Repeats among the last names are dropped as they come, the others when rows are put in order, which is done each
    time that they have doubled. So time is linear in the rows, but for sorting, and memory in those that are kept.
    """

    def __init__(self, rules: TextRules, report: ReadReport, portions: Portions = USUAL) -> None:
        self.portions = portions
        self.rules = rules
        self.report = report
        self.bad_labels: dict[str, str] = {}  # label → what is wrong with it
        self._labels: dict[str, int] = {}
        self._spelled: dict[str, int] = {}  # label as it stands in the data → its number, -1 for none
        self._sorted = _Rows.joined([])
        self._packed: list[_Rows] = []  # came later, not in order
        self._forget()

    def _forget(self) -> None:
        """Begin to collect the next rows, without knowledge of those before."""
        self._names: list[str] = []
        self._texts: list[str] = []
        self._origins = array("i")
        self._origin: dict[str, int] = {}  # text → its first origin
        self._others: dict[str, set[int]] = {}  # text → its further origins

    def add(self, rows: Iterable[tuple[str, str]]) -> None:
        remaining = iter(rows)
        while self._add(islice(remaining, self.portions.remembered)):
            self._pack()

    def _add(self, rows: Iterable[tuple[str, str]]) -> bool:
        """Take some rows; whether there were any."""
        report, spelled, first, others = self.report, self._spelled, self._origin, self._others
        text_of, before = normaliser(self.rules), report.rows
        for name, label in rows:
            report.rows += 1
            text = text_of(name)
            if not text.isalpha() and not any(map(str.isalpha, text)):
                reason = undecidable(name, self.rules)
                if reason == "empty":
                    report.empty += 1
                elif reason == "no_name":
                    report.no_name += 1
                else:
                    report.no_letters += 1
                continue
            origin = spelled.get(label)
            if origin is None:
                origin = self._number(label)
            if origin < 0:
                report.unlabelled += 1
                continue
            known = first.get(text)
            if known is None:
                first[text] = origin
            elif known == origin:
                report.repeats += 1
                continue
            else:
                more = others.setdefault(text, set())
                if origin in more:
                    report.repeats += 1
                    continue
                more.add(origin)
            name = name.strip()
            self._names.append(text if name == text else name)
            self._texts.append(text)
            self._origins.append(origin)
        return report.rows > before

    def _number(self, label: str) -> int:
        clean = " ".join(unicodedata.normalize("NFC", label).split())
        number = -1
        if len(clean) > MAX_LABEL_CHARACTERS:
            self.bad_labels[clean] = f"origin '{clean[:40]}…' has {len(clean):,} characters"
        elif any(unicodedata.category(character)[0] == "C" for character in clean):
            self.bad_labels[clean] = f"origin {clean!a} holds a control character"
        elif clean:
            number = self._labels.setdefault(clean, len(self._labels))
        self._spelled[label] = number
        return number

    def _pack(self) -> None:
        """Put the rows of the last `_add` away, and all in order where enough have come."""
        rows = _Rows(packed(self._names), packed(self._texts), np.array(self._origins, dtype=np.int32))
        self._forget()
        self._packed.append(rows)
        if sum(map(len, self._packed)) >= max(len(self._sorted), self.portions.fewest_sorted):
            self._sort()

    def _sort(self) -> None:
        """Put all rows in order, by text and number of the label, and drop the repeats; of several the first stays."""
        parts = [self._sorted, *self._packed]
        self._sorted, self._packed = _Rows.joined([]), []
        rows = _Rows.joined(parts)
        del parts  # before as much memory is asked for again
        self._sorted = rows.in_order()
        self.report.repeats += len(rows) - len(self._sorted)

    def finish(self, on_progress: Callable[[float], None] = lambda share: None) -> Dataset:
        """The dataset in its own order, which empties the collector; `on_progress` takes the share that is done."""
        self._pack()
        labels = sorted(self._labels)
        renumber = np.empty(len(labels), dtype=np.int32)
        renumber[[self._labels[label] for label in labels]] = np.arange(len(labels), dtype=np.int32)
        for part in (self._sorted, *self._packed):
            part.origins = renumber[part.origins]
        on_progress(0.0)
        self._sort()
        on_progress(SHARE_OF_SORTING)
        rows, self._sorted = self._sorted, _Rows.joined([])
        used = np.flatnonzero(np.bincount(rows.origins, minlength=len(labels)))  # labels of dropped rows alone go
        renumber[used] = np.arange(len(used), dtype=np.int32)
        origins = renumber[rows.origins]
        labels = [labels[label] for label in used]
        self.report.kept = len(rows)
        digest, hashes = hashlib.sha256(), np.empty(len(rows), dtype=np.uint64)
        for start in range(0, len(rows), self.portions.block):
            block = slice(start, start + self.portions.block)
            texts = rows.texts[block].tolist()
            hashes[block] = name_hash(map(name_key, texts))
            pairs = zip(texts, origins[block].tolist(), strict=True)
            lines = "".join(f"{text}\t{labels[origin]}\n" for text, origin in pairs)
            digest.update(lines.encode("utf-8", "surrogatepass"))
            on_progress(SHARE_OF_SORTING + (1 - SHARE_OF_SORTING) * start / len(rows))
        return Dataset(rows.names, rows.texts, origins, tuple(labels), hashes, digest.hexdigest(), self.report)
