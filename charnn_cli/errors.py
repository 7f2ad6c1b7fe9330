"""What goes wrong, in words for the person who can mend it.

Every error that a user can meet is a `CharnnError`: one line that says what is wrong and what to do.
The command line prints `charnn: error: LINE` for each line and ends with `exit_code`; nothing else in the
package prints or exits.
"""

from collections.abc import Iterable
from pathlib import Path


class CharnnError(Exception):
    """A fault that the user can mend: `what` is wrong, and what to `do` about it.

    `where` is the file at fault, with `line` counted from 1 where there is one.
    """

    exit_code = 2

    def __init__(self, what: str, do: str, *, where: str | Path | None = None, line: int | None = None) -> None:
        self.what = what
        self.do = do
        self.where = where
        self.line = line
        super().__init__(self.lines()[0])

    def lines(self) -> list[str]:
        """The message, one entry a line of output."""
        place = "" if self.where is None else f"{self.where}: " if self.line is None else f"{self.where}:{self.line}: "
        return [f"{place}{self.what}; {self.do}"]


class UsageError(CharnnError):
    """The command's words do not fit together."""


class DataError(CharnnError):
    """A data file or folder cannot be read as labelled names."""


class ModelError(CharnnError):
    """A run folder or a file in it is missing, broken or of another format."""


class OutputError(CharnnError):
    """Something cannot be written where it should go."""


class TrainingError(CharnnError):
    """Training cannot go on: the loss or the gradient is no longer finite."""


class LostProcess(TrainingError):
    """Another process of a training by several has ended, or all are told to end."""


class SeveralFaults(CharnnError):
    """Faults that one pass found, a line each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(self.faults), "mend each of them")

    def lines(self) -> list[str]:
        return self.faults


class ConfigError(SeveralFaults):
    """One or several faults in the settings, reported together."""


class DataErrors(SeveralFaults, DataError):
    """Several faults of labelled names, reported together, so that one pass finds them all."""
