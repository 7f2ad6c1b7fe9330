"""People put together from the names of an origin, where none are known or none in its own script."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence

from builder.people import Bearer
from builder.pools import Couple, Pool

#: Of the parts of composed names, the share that only held-out people bear.
HELD_BACK = 0.05
COMMON = 2  # times the mean weight of a pool: such a name is never held back
TWO_GIVEN = 0.12  # of composed people with Latin names


def fraction(text: str) -> float:
    """A number from 0 to 1 that the text decides.

    >>> fraction("Jensen") == fraction("Jensen"), 0 <= fraction("x") < 1
    (True, True)
    """
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def is_held_back(name: str) -> bool:
    """Whether only held-out people bear this part of a composed name."""
    return fraction(f"part {name}") < HELD_BACK


class _Drawn:
    """A pool as lists that `random.choices` draws from: the names that all may bear, and those held back."""

    def __init__(self, pool: Pool, closed: bool) -> None:
        names, common = sorted(pool), COMMON * sum(pool.values()) / len(pool)
        held = {name for name in names if not closed and is_held_back(name) and pool[name] < common}
        self.usual = [name for name in names if name not in held]
        self.held = sorted(held) or self.usual
        self.weights = list(_running(pool[name] for name in self.usual))
        self.held_weights = list(_running(pool[name] for name in self.held))

    def draw(self, source: random.Random, held: bool) -> str:
        if held:
            return source.choices(self.held, cum_weights=self.held_weights)[0]
        return source.choices(self.usual, cum_weights=self.weights)[0]


def _running(weights: Iterator[float]) -> Iterator[float]:
    total = 0.0
    for weight in weights:
        total += weight
        yield total


def compose(origin: str, couples: Sequence[Couple], number: int, *, held_out: bool) -> Iterator[tuple[Bearer, str]]:
    """So many people of an origin, with their script; each of those that are `held_out` bears a part of his own."""
    source = random.Random(f"{origin} {held_out}")
    whole = sum(couple.share for couple in couples)
    for couple in couples:
        given, family = _Drawn(couple.given, False), _Drawn(couple.family, couple.closed)
        for _ in range(round(number * couple.share / whole)):
            new_given = held_out and (couple.closed or source.random() < 0.5)
            names = [given.draw(source, new_given)]
            if couple.script == "Latin" and source.random() < TWO_GIVEN:
                names.append(given.draw(source, False))
            last = family.draw(source, held_out and not new_given)
            first = couple.joint.join(names) if couple.script != "Latin" else " ".join(names)
            spelled = couple.joint.join([last, first] if couple.family_first else [first, last])
            yield Bearer(spelled, tuple(first.split(" ")), last, origin), couple.script
