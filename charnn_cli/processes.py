"""The processes that train one network together, as seen by a training that is alone.

`charnn_cli.train.distributed` holds the same for several, started by torchrun.
"""

import contextlib
import os
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Processes:
    """One process: everything is its own share, its sums are the totals, and it is the one that speaks and writes.

    `rank` counts the processes from 0, `local_rank` those on this machine; there are `size` of them.
    """

    rank = 0
    local_rank = 0
    size = 1

    @property
    def leads(self) -> bool:
        """Whether this is the process that speaks and writes."""
        return self.rank == 0

    def share(self, rows: "NDArray[np.int64]") -> "NDArray[np.int64]":
        """This process's part of the rows (N,): every `size`-th, so that names of like length are shared evenly."""
        return rows[self.rank :: self.size]

    def joined(self, part: "NDArray[np.float64]", count: int) -> "NDArray[np.float64]":
        """Values (count, C) of all rows, in the order that `share` was given, of the values of each one's share."""
        return part

    def total(self, value: float) -> float:
        """The sum of what each process gives."""
        return value

    def leading(self, text: str) -> str:
        """What the leading process gives."""
        return text

    def agree(self, text: str) -> bool:
        """Whether all give the same text."""
        return True

    def network(self, model: Any) -> Any:
        """The network to call while training; its gradients are the means of those of all processes."""
        return model

    def add_tables(self, read: "NDArray[np.int64] | None") -> None:
        """After each backward pass: means over all processes of the gradients of n-gram tables, of the rows `read`."""

    def watched(self) -> AbstractContextManager[None]:
        """Inside the block the loss of another process is raised as LostProcess."""
        return contextlib.nullcontext()

    def first_to_tell(self) -> bool:
        """Whether no other process has told what went wrong; asked once, before telling it."""
        return True

    def close(self) -> None:
        """Part from the others."""


def processors() -> int:
    """Those that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # only Linux tells
        return os.cpu_count() or 1


ALONE = Processes()
