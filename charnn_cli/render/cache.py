"""Answers that were given lately, so that a repeated name costs a look-up."""

from collections.abc import Callable
from itertools import islice

CAPACITY = 1 << 15
LONGEST_KEY = 256  # bytes of a name worth remembering


class Cache:
    """Finished output by name, in bounded memory.

    Two generations take the place of a list of uses: when the younger would outgrow half the capacity it becomes the
    older, the older is forgotten, and what is still asked for moves up.
    """

    def __init__(self, compute: Callable[[list[bytes]], list[bytes]], capacity: int = CAPACITY) -> None:
        self._compute = compute
        self._capacity = capacity
        self._young: dict[bytes, bytes] = {}
        self._old: dict[bytes, bytes] = {}

    def __call__(self, keys: list[bytes]) -> list[bytes]:
        """The output of each key, in order; `compute` is asked once for each distinct key that is not remembered."""
        found = list(map(self._young.get, keys))
        if None not in found:
            return found  # type: ignore[return-value]
        missing = dict.fromkeys(key for key, output in zip(keys, found, strict=True) if output is None)
        fresh = {key: self._old[key] for key in missing if key in self._old}
        unknown = [key for key in missing if key not in fresh]
        fresh.update(zip(unknown, self._compute(unknown), strict=True))
        result = [fresh[key] if output is None else output for key, output in zip(keys, found, strict=True)]
        self._remember(fresh)
        return result

    def _remember(self, fresh: dict[bytes, bytes]) -> None:
        half = self._capacity // 2
        short = {key: output for key, output in islice(fresh.items(), half) if len(key) <= LONGEST_KEY}
        if len(self._young) + len(short) > half:
            self._old, self._young = self._young, {}
        self._young.update(short)
