"""What becomes of DATA while it is read: the tally of its rows, its faults, how far the reading has come."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from charnn_cli.errors import DataError
from charnn_cli.terminal import visible

MAX_FAULTS_SHOWN = 20
SHARE_OF_READING = 0.7  # of the time; putting the rows in order takes the rest
PROGRESS_SECONDS = 0.1  # between two calls of `on_progress`

OnProgress = Callable[[int, float], None]  # rows read, fraction of the work


@dataclass
class Faults:
    """Faults of the data that somebody must mend; all are counted, the first are kept in words."""

    count: int = 0
    shown: list[str] = field(default_factory=list)

    def add(self, fault: DataError) -> None:
        """Remember what is wrong and go on."""
        self.count += 1
        if self.count <= MAX_FAULTS_SHOWN:
            self.shown += map(visible, fault.lines())

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
    origin; `no_letters` names hold nothing that the text rules read, `no_name` have a form that no name has (`N/A`, an
    address); `undecodable` lines are no text.
    `notes` say what was chosen, and what looks wrong.
    """

    rows: int = 0
    kept: int = 0
    repeats: int = 0
    empty: int = 0
    unlabelled: int = 0
    no_letters: int = 0
    no_name: int = 0
    undecodable: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)


class Reading:
    """One reading of DATA, handed from reader to reader; tells the caller ten times a second how far it has come."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        self.report = ReadReport()
        self.faults = self.report.faults
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
