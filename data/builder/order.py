"""Which word of a Japanese name is the family name.

Wikipedia writes living Japanese people given name first (Takeshi Yamada) and those born before the Meiji reform of
1868 family name first (Tokugawa Ieyasu), so the last word is not always the surname. Each two-word name votes for
the order under which its words look like the given names and family names of all the others; the votes are counted
again until they settle (expectation-maximisation over one hidden bit a name).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

ROUNDS = 8
GIVEN_FIRST = 0.9  # the share of names that start with the given name, a first guess
SMOOTHING = 0.2


def family_first(pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """For each (first word, last word): whether the first word is the family name.

    >>> modern = [("ken", "oda"), ("ken", "mori"), ("jun", "oda"), ("jun", "mori"), ("nobunaga", "mori")]
    >>> family_first([*modern, ("oda", "nobunaga")])[-1]
    True
    """
    given_first = [GIVEN_FIRST] * len(pairs)
    for _ in range(ROUNDS):
        given: Counter[str] = Counter()
        family: Counter[str] = Counter()
        for (first, last), belief in zip(pairs, given_first, strict=True):
            given[first] += belief  # type: ignore[assignment]
            family[last] += belief  # type: ignore[assignment]
            given[last] += 1 - belief  # type: ignore[assignment]
            family[first] += 1 - belief  # type: ignore[assignment]
        given_first = [_belief(first, last, given, family) for first, last in pairs]
    return [belief < 0.5 for belief in given_first]


def _belief(first: str, last: str, given: Counter[str], family: Counter[str]) -> float:
    """The probability that the given name comes first, by Bayes' rule."""
    straight = GIVEN_FIRST * (given[first] + SMOOTHING) * (family[last] + SMOOTHING)
    turned = (1 - GIVEN_FIRST) * (given[last] + SMOOTHING) * (family[first] + SMOOTHING)
    return straight / (straight + turned)
