"""Surnames and given names counted by origin, and whether a bearer's given name is at home there.

Nationality is not descent: a French footballer may be called Luigi Rossi. His given name tells it without a look
at the surname: `Luigi` is many times commoner among Italians than among the French, so he does not count as a
bearer of a French surname. Rates, not counts, are compared, because the origins differ in size.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from builder.persons import Person, key
from builder.text import fold

#: Added to an origin's size, so that one bearer in a small origin does not outweigh ten in a large one.
PRIOR_PERSONS = 3000
#: A given name is at home where its rate is at least this share of its highest rate.
HOME_SHARE = 0.2
#: A given name with fewer bearers than this says nothing.
KNOWN_GIVEN = 3
NATIONALITIES = Path(__file__).parent / "facts" / "nationalities.tsv"


def read_origins(path: Path = NATIONALITIES) -> dict[str, str]:
    """Nationality -> origin; origins that are only compared with start with "?"."""
    origins: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            origin, nationalities = line.split("\t")
            origins.update(dict.fromkeys(nationalities.split(","), origin))
    return origins


class Tally:
    """Counts over all persons; `add` every given name first, then every person."""

    def __init__(self) -> None:
        self.persons: Counter[str] = Counter()  # origin -> persons
        self.given: defaultdict[str, Counter[str]] = defaultdict(Counter)  # given name -> origin -> persons
        self.native: defaultdict[str, Counter[str]] = defaultdict(Counter)  # surname -> origin -> not foreign
        self.home: defaultdict[str, Counter[str]] = defaultdict(Counter)  # surname -> origin -> known to be at home
        self.foreign: Counter[str] = Counter()  # origin -> persons with a foreign given name
        self.spellings: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)  # (surname, origin)
        self.bare: dict[tuple[str, str], tuple[str, str]] = {}  # (full key, origin) -> (bare key, origin)
        self.with_bare: Counter[tuple[str, str]] = Counter()  # (bare key, origin) -> bearers with any particles

    def add_given(self, given: str, origin: str) -> None:
        """Count one person's given name and the person."""
        self.persons[origin] += 1
        self.given[fold(given)][origin] += 1

    def rate(self, count: float, origin: str) -> float:
        """Bearers as a share of the origin's persons, drawn towards 0 in small origins."""
        return count / (self.persons[origin] + PRIOR_PERSONS)

    def is_home(self, given: str, origin: str) -> bool | None:
        """Whether the given name is at home in the origin; None where too few bear it to say."""
        counts = self.given.get(fold(given), Counter())
        if sum(counts.values()) < KNOWN_GIVEN:
            return None
        highest = max(self.rate(count, other) for other, count in counts.items())
        return self.rate(counts[origin], origin) >= HOME_SHARE * highest

    def add(self, person: Person, origin: str) -> None:
        """Count a person under the surname with its particles, unless the given name is foreign."""
        home = self.is_home(person.given, origin)
        full, bare = key(person), fold(person.surname)
        if home is False:
            self.foreign[origin] += 1
            return
        self.native[full][origin] += 1
        self.home[full][origin] += home is True
        self.spellings[full, origin][person.particles + person.surname] += 1
        self.with_bare[bare, origin] += 1
        if person.particles:
            self.bare[full, origin] = (bare, origin)

    def spelling(self, name: str, origin: str) -> str:
        """The spelling that most bearers use; the first by code point among equals."""
        counts = self.spellings[name, origin]
        return min(counts, key=lambda spelled: (-counts[spelled], spelled))


def count(persons: Iterable[tuple[Person, str]]) -> Tally:
    """Both passes over (person, origin)."""
    everyone = list(persons)
    tally = Tally()
    for person, origin in everyone:
        tally.add_given(person.given, origin)
    for person, origin in everyone:
        tally.add(person, origin)
    return tally
