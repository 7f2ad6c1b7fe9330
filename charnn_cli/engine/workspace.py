"""Memory that is used again: the first touch of fresh memory costs more than what is computed in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod

import numpy as np

from charnn_cli.engine.products import Array


class Workspace:
    """Named float32 arrays that keep their memory from one use to the next; for one thread at a time."""

    def __init__(self) -> None:
        self._memory: dict[str, Array] = {}

    def array(self, name: str, *shape: int) -> Array:
        """An uninitialised array, over the memory of the last one of this name."""
        size = prod(shape)
        memory = self._memory.get(name)
        if memory is None or len(memory) < size:
            memory = self._memory[name] = np.empty(size, dtype=np.float32)
        return memory[:size].reshape(shape)


class Workspaces:
    """As many workspaces as there are threads that want one at the same time."""

    def __init__(self) -> None:
        self._free: list[Workspace] = []

    @contextmanager
    def one(self) -> Iterator[Workspace]:
        try:
            workspace = self._free.pop()
        except IndexError:
            workspace = Workspace()
        try:
            yield workspace
        finally:
            self._free.append(workspace)
