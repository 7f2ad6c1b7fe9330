"""What a list comes to: how many rows were answered, and the share of each origin."""

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.formats.rows import Records
from charnn_cli.predict import Answers, Explanation
from charnn_cli.predict.lists import Sample
from charnn_cli.render import Renderer
from charnn_cli.shares import Estimate

if TYPE_CHECKING:
    from charnn_cli.predict.groups import Grouping

HEAD = np.dtype("<i4")  # before each row, while it is remembered: its origin, counted in twos, and whether it is unsure
SILENT = -1


class Tally:
    """Rows by their likeliest origin, and a sample of them; `unsure` are those where no origin is above one half."""

    def __init__(self, num_labels: int, sample: Sample | None = None) -> None:
        self.counts = np.zeros(num_labels, dtype=np.int64)  # (C,)
        self.unsure = 0
        self.sample = sample

    def offer(self, names: list[bytes]) -> None:
        """Show the names of rows to the sample."""
        if self.sample is not None:
            self.sample.add(names)

    @staticmethod
    def codes(answers: Answers) -> NDArray[np.int32]:
        """What `add` takes of each row (N,)."""
        silent = np.array([reason is not None for reason in answers.reasons], dtype=np.bool_)
        codes = 2 * answers.origins[:, 0] + (answers.probabilities[:, 0] <= 0.5)
        return np.where(silent, SILENT, codes).astype(HEAD)

    def add(self, codes: NDArray[np.int32]) -> None:
        answered = codes[codes != SILENT]
        self.counts += np.bincount(answered >> 1, minlength=len(self.counts))
        self.unsure += int((answered & 1).sum())


class Tallied(Renderer):
    """Writes as another renderer does, or nothing where there is none, and counts the rows."""

    def __init__(self, tally: Tally, inner: Renderer | None) -> None:
        super().__init__(1 if inner is None else inner.k)
        self._tally = tally
        self._inner = inner
        self.keeps_columns = inner is not None and inner.keeps_columns
        self.adds_to_row = inner is not None and inner.adds_to_row

    def begin(self, columns: list[str] | None) -> bytes:
        return b"" if self._inner is None else self._inner.begin(columns)

    def answers(self, names: list[str], answers: Answers, *, with_name: bool) -> list[bytes]:
        heads = Tally.codes(answers).tobytes()
        size = HEAD.itemsize
        rows = [b""] * len(names) if self._inner is None else self._inner.answers(names, answers, with_name=with_name)
        return [heads[size * place : size * (place + 1)] + row for place, row in enumerate(rows)]

    def rows(self, rows: list[bytes]) -> bytes:
        rows = self._counted(rows)
        return b"" if self._inner is None else self._inner.rows(rows)

    def records(self, records: Records, answers: list[bytes], *, separator: bytes) -> bytes:
        answers = self._counted(answers)
        return b"" if self._inner is None else self._inner.records(records, answers, separator=separator)

    def explained(self, row: bytes, explanation: Explanation | None) -> bytes:
        return row if self._inner is None else self._inner.explained(row, explanation)

    def end(self) -> bytes:
        return b"" if self._inner is None else self._inner.end()

    def _counted(self, rows: list[bytes]) -> list[bytes]:
        """The rows as they are written."""
        size = HEAD.itemsize
        self._tally.add(np.frombuffer(b"".join([row[:size] for row in rows]), dtype=HEAD))
        return [row[size:] for row in rows]


@dataclass(frozen=True, slots=True)
class Line:
    """An origin, or a group of them: its share of the list, the ends of its 95 % interval, and rows answered so."""

    name: str
    share: float
    low: float
    high: float
    count: int

    def to_json(self, what: str) -> dict[str, Any]:
        return {what: self.name, "share": self.share, "low": self.low, "high": self.high, "count": self.count}


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list comes to; `estimate` is None where no name can be read."""

    labels: tuple[str, ...]
    rows: int
    abstained: Mapping[str, int]  # rows without an answer, by their reasons
    tally: Tally
    estimate: Estimate | None
    model: str
    prior: str  # that the rows were answered by
    grouping: "Grouping | None" = None

    @property
    def answered(self) -> int:
        return self.rows - sum(self.abstained.values())

    @property
    def is_sure(self) -> bool:
        """Whether the shares are the list's own, and their intervals know what the model gets wrong."""
        return self.estimate is not None and self.estimate.method == "em" and self.estimate.is_calibrated

    @property
    def assumption(self) -> str:
        """What the shares stand on."""
        found = self.estimate
        if found is None:
            return "no name can be read"
        if found.method == "em":
            told = "the list's own, if its names look like those of the same origins that the model was validated with"
            return told if found.is_calibrated else f"{told}; intervals leave out what the model itself gets wrong"
        if found.fits:
            return f"as in training: too few names ({found.names:,}) to tell their own"
        return f"as in training, as {found.odd:.0%} of the names look like none that the model has learned"

    def origins(self) -> list[Line]:
        """The largest share first."""
        found = self.estimate
        return [] if found is None else _lines(self.labels, found.shares, found.intervals(), self.tally.counts)

    def groups(self) -> list[Line]:
        found, grouping = self.estimate, self.grouping
        if found is None or grouping is None:
            return []
        members = grouping.places == np.arange(len(grouping.names))[:, None]  # (G, C)
        return _lines(grouping.names, members @ found.shares, found.intervals(members), members @ self.tally.counts)

    def to_json(self) -> dict[str, Any]:
        found = self.estimate
        value = {
            "rows": self.rows,
            "answered": self.answered,
            "abstained": dict(Counter(self.abstained).most_common()),
            "unsure": self.tally.unsure,
            "method": None if found is None else found.method,
            "assumption": self.assumption,
            "model": self.model,
            "prior": self.prior,
            "names": 0 if found is None else found.names,
            "odd": found.odd if found is not None and found.is_calibrated else None,
            "shares": [line.to_json("origin") for line in self.origins()],
        }
        return value if self.grouping is None else value | {"groups": [line.to_json("group") for line in self.groups()]}

    def cells(self) -> Iterator[Sequence[str]]:
        """Heading and rows of a table; with groups, these come first and have no origin."""
        grouping = self.grouping
        head = () if grouping is None else ("group",)
        yield (*head, "origin", "share", "low", "high", "count")
        for line in self.groups():
            yield (line.name, "", *_numbers(line))
        group_of = {} if grouping is None else dict(zip(self.labels, grouping.places.tolist(), strict=True))
        for line in self.origins():
            yield (*(grouping.names[group_of[line.name]] for _ in head if grouping), line.name, *_numbers(line))

    def delimited(self, *, is_tsv: bool) -> bytes:
        """The cells as TSV or CSV."""
        from charnn_cli.render.delimited import csv_field, tsv_field

        field, separator, text = (tsv_field, "\t", io.StringIO()) if is_tsv else (csv_field, ",", io.StringIO())
        for row in self.cells():
            text.write(separator.join(map(field, row)) + "\n")
        return text.getvalue().encode("utf-8", "surrogateescape")


def _lines(
    names: Sequence[str],
    shares: NDArray[np.float64],
    ends: tuple[NDArray[np.float64], NDArray[np.float64]],
    counts: NDArray[np.int64],
) -> list[Line]:
    columns = (shares.tolist(), ends[0].tolist(), ends[1].tolist(), counts.tolist())
    return sorted(map(Line, names, *columns), key=lambda line: -line.share)


def _numbers(line: Line) -> tuple[str, ...]:
    return (*(f"{value:.6g}" for value in (line.share, line.low, line.high)), str(line.count))
