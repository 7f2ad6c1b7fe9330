"""Labelled names as the rest of charnn sees them, and how rows become that."""

import hashlib
import unicodedata
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from charnn_cli.data.reading import ReadReport
from charnn_cli.text import TextRules, normalise, undecidable

MAX_LABEL_CHARACTERS = 200


def name_key(text: str) -> str:
    """The identity of a name: its text without case. All rows of one key go to one side of a split."""
    return text.casefold()


def name_hash(keys: Iterable[str]) -> NDArray[np.uint64]:
    """BLAKE2b hashes (64 bits) of name keys, (N,): the same on every machine and in every process."""
    blake2b = hashlib.blake2b
    digests = b"".join(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest() for key in keys)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


@dataclass(eq=False)
class Dataset:
    """Labelled names, each (text, origin) once, ordered by text and then by origin, whatever order they came in.

    names: as spelled (of repeats, the first). texts: `normalise`d, the scripts of the rules left open.
    origins: (N,) indices into `labels`, which are sorted. fingerprint: SHA-256 over texts and labels.
    """

    names: list[str]
    texts: list[str]
    origins: NDArray[np.int32]
    labels: tuple[str, ...]
    fingerprint: str
    report: ReadReport

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """`name_hash` of every row's key, (N,)."""
        return name_hash(map(name_key, self.texts))


class Collector:
    """Takes (name, origin) rows one by one and keeps what is worth training on, in time linear in the rows."""

    def __init__(self, rules: TextRules, report: ReadReport) -> None:
        self.rules = rules
        self.report = report
        self.names: list[str] = []
        self.texts: list[str] = []
        self.origins = array("i")
        self.bad_labels: dict[str, str] = {}  # label → what is wrong with it
        self._labels: dict[str, int] = {}
        self._spelled: dict[str, int] = {}  # label as it stands in the data → its number, -1 for none
        self._origin: dict[str, int] = {}  # text → its first origin
        self._others: dict[str, set[int]] = {}  # text → its further origins

    def add(self, rows: Iterable[tuple[str, str]]) -> None:
        rules, report, spelled, first, others = self.rules, self.report, self._spelled, self._origin, self._others
        for name, label in rows:
            report.rows += 1
            text = normalise(name, rules)
            if not text.isalpha() and not any(map(str.isalpha, text)):
                self._count_unreadable(name)
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
            self.names.append(text if name == text else name)
            self.texts.append(text)
            self.origins.append(origin)

    def _count_unreadable(self, name: str) -> None:
        if undecidable(name, self.rules) == "empty":
            self.report.empty += 1
        else:
            self.report.no_letters += 1

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

    def finish(self) -> Dataset:
        """The dataset in its own order; the collector is empty afterwards."""
        self._origin, self._others, self._spelled = {}, {}, {}
        labels = sorted(self._labels)
        renumber = np.empty(len(labels), dtype=np.int32)
        renumber[[self._labels[label] for label in labels]] = np.arange(len(labels), dtype=np.int32)
        numbers = renumber[np.frombuffer(self.origins, dtype=np.intc)] if self.origins else np.empty(0, np.int32)
        used, unordered = np.unique(numbers, return_inverse=True)  # labels of rows that were all dropped go
        labels = [labels[label] for label in used]
        order = sorted(np.argsort(unordered, kind="stable").tolist(), key=self.texts.__getitem__)  # sorted() is stable
        names, texts = [self.names[row] for row in order], [self.texts[row] for row in order]
        origins = unordered[order].astype(np.int32)
        self.report.kept = len(texts)
        return Dataset(names, texts, origins, tuple(labels), _fingerprint(texts, origins, labels), self.report)


def _fingerprint(texts: list[str], origins: NDArray[np.int32], labels: list[str]) -> str:
    digest = hashlib.sha256()
    rows = (f"{text}\t{labels[origin]}\n" for text, origin in zip(texts, origins.tolist(), strict=True))
    while block := "".join(islice(rows, 1 << 16)):
        digest.update(block.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
