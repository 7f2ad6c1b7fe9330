"""What the readers of every format share: the tally of a reading, its faults, its progress."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from charnn_cli.errors import DataError
from charnn_cli.terminal import visible

MAX_FAULTS_SHOWN = 20
UNREADABLE = b"\0"  # stands for a line that is no text, so that the lines after it keep their numbers
SHARE_OF_READING = 0.7  # of the time; putting the rows in order takes the rest
PROGRESS_SECONDS = 0.1  # between two calls of `on_progress`

OnProgress = Callable[[int, float], None]  # rows read, fraction of the work


@dataclass
class Faults:
    """Faults of the data that somebody must mend; all are counted, the first are kept in words."""

    count: int = 0
    shown: list[str] = field(default_factory=list)

    def add(self, what: str, do: str, *, where: str | Path, line: int | None = None) -> None:
        self.count += 1
        if self.count <= MAX_FAULTS_SHOWN:
            self.shown += map(visible, DataError(what, do, where=where, line=line).lines())

    def lines(self) -> list[str]:
        """A line for each of the first faults, and one that counts the rest."""
        rest = self.count - len(self.shown)
        if not rest:
            return list(self.shown)
        return [*self.shown, f"{rest:,} more faults of the data; mend those above and try again"]


@dataclass
class ReadReport:
    """What became of the rows of DATA: each is kept, or counted under the reason why it is not.

    `repeats` are rows whose text and origin stood before; `empty` rows have a blank name, `unlabelled` rows a blank
    origin; `no_letters` names hold nothing that the text rules read; `undecodable` lines are no text.
    `notes` say what was chosen, and what looks wrong.
    """

    rows: int = 0
    kept: int = 0
    repeats: int = 0
    empty: int = 0
    unlabelled: int = 0
    no_letters: int = 0
    undecodable: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)


class Progress:
    """Tells the caller, at most ten times a second, how far a reading has come."""

    def __init__(self, report: ReadReport, on_progress: OnProgress | None) -> None:
        self.report = report
        self.on_progress = on_progress
        self.total = 0
        self.done = 0
        self._last = float("-inf")

    def advance(self, amount: int) -> None:
        """`amount` more of `total` is read."""
        self.done += amount
        self._tell(SHARE_OF_READING * min(self.done / max(self.total, 1), 1.0))

    def order(self, share: float) -> None:
        """All is read, and this share of the work of putting the rows in order is done."""
        self._tell(SHARE_OF_READING + (1 - SHARE_OF_READING) * share)

    def _tell(self, share: float) -> None:
        now = time.monotonic()
        if self.on_progress and now - self._last >= PROGRESS_SECONDS:
            self._last = now
            self.on_progress(self.report.rows, share)

    def finish(self) -> None:
        if self.on_progress:
            self.on_progress(self.report.rows, 1.0)


@dataclass
class Reading:
    """One reading of DATA, handed from reader to reader."""

    report: ReadReport
    progress: Progress

    @classmethod
    def begin(cls, on_progress: OnProgress | None) -> "Reading":
        report = ReadReport()
        return cls(report, Progress(report, on_progress))

    @property
    def faults(self) -> Faults:
        return self.report.faults

    def add_fault(self, fault: DataError) -> None:
        """Remember what is wrong and go on."""
        self.faults.add(fault.what, fault.do, where=fault.where or "", line=fault.line)
