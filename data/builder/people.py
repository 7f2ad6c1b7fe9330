"""People with names of several words, by origin: those of name2nat, and how each name falls into its parts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from builder.collect import FAMILY_FIRST, split_known
from builder.persons import DOUBLE_SURNAME, PARTICLES
from builder.tally import read_origins
from builder.text import ROMAN_NUMERAL, fold
from builder.titles import ALSO_SURNAMES, GENERATION, RANKS

#: Origins whose people are known, of whom `names-world` has too few surnames.
FURTHER_ORIGINS = ("Burmese", "Filipino", "Georgian", "Israeli", "Mongolian", "Slovene")
#: No family name: what a person is called stays in its order.
WHOLE = frozenset({"Burmese", "Mongolian"})
#: Of the ranks that are surnames too, those that no family name is which is written first.
SOVEREIGN = frozenset({"king", "prince", "saint"})
_CLEAN = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '’.\-])*")


class Bearer(NamedTuple):
    """A person's name as spelled, and its parts where they are known: given names, family name with its particles."""

    name: str
    given: tuple[str, ...]
    family: str
    origin: str

    @property
    def key(self) -> str:
        """The same for every order and spelling of the same words."""
        return person_key(self.name)


def person_key(name: str) -> str:
    """The folded words of a name in the order of the alphabet: what tells a person from another here."""
    return " ".join(sorted(re.split(r"[^\w]+", fold(name)))).strip()


def of_name2nat(
    nationalities: Mapping[str, list[str]], family_names: Mapping[str, frozenset[str]], scottish: frozenset[str]
) -> Iterator[Bearer]:
    """People whose nationalities are of one origin, two to five words long.

    `family_names` holds the folded family names of the origins that write them first, `scottish` those that are borne
    in Scotland and hardly in England: Britons of these names are Scottish. Brazilians are left to `brazilians`.
    """
    origins = {nation: origin for nation, origin in read_origins().items() if not origin.startswith("?")}
    origins |= {origin: origin for origin in FURTHER_ORIGINS}
    for title, nations in nationalities.items():
        found = {origins[nation] for nation in nations if nation in origins}
        name = clean(title)
        if len(found) != 1 or name is None:
            continue
        origin = found.pop()
        bearer = parted(name, origin, family_names)
        if "British" in nations and fold(bearer.family) in scottish:
            bearer = bearer._replace(origin="Scottish")
        yield bearer


def brazilians(nationalities: Mapping[str, list[str]], portuguese: frozenset[str]) -> Iterator[Bearer]:
    """Brazilians whose folded last word is a Portuguese surname, whatever else they are."""
    for title, nations in nationalities.items():
        name = clean(title)
        if nations == ["Brazilian"] and name is not None and fold(name.rsplit(" ", 1)[-1]) in portuguese:
            yield parted(name, "Portuguese", {})


def clean(title: str) -> str | None:
    """A person's name of two to five words, as the article's title spells it, or None.

    >>> clean("Geoffrey Hinton"), clean("Prince of Wales"), clean("Madonna")
    ('Geoffrey Hinton', None, None)
    """
    name = " ".join(html.unescape(title).split())
    count = name.count(" ") + 1
    if not 2 <= count <= 5 or not _CLEAN.fullmatch(name):
        return None
    first = name.lower().split()[0]
    if any(word in RANKS for word in name.split()) or first in RANKS - ALSO_SURNAMES or first in SOVEREIGN:
        return None
    last = name.rsplit(" ", 1)[-1]
    return None if last.lower() in GENERATION or (len(last) > 1 and ROMAN_NUMERAL.fullmatch(last)) else name


def parted(name: str, origin: str, family_names: Mapping[str, frozenset[str]]) -> Bearer:
    """The name with its parts, empty where they cannot be told.

    >>> parted("Marco van der Berg", "Dutch", {})
    Bearer(name='Marco van der Berg', given=('Marco',), family='van der Berg', origin='Dutch')
    """
    parts = name.split()
    if origin in WHOLE:
        return Bearer(name, (), "", origin)
    if origin in FAMILY_FIRST:
        person = split_known(parts, family_names[origin])
        if person is None:
            return Bearer(name, (), "", origin)
        family = parts[0] if fold(parts[0]) == fold(person.surname) else parts[-1]
        given = parts[1:] if family == parts[0] else parts[:-1]
        return Bearer(name, tuple(given), family, origin)
    start = len(parts) - 1
    allowed = PARTICLES.get(origin, frozenset())
    while start > 1 and parts[start - 1].lower() in allowed:
        start -= 1
    while start < len(parts) - 1 and parts[start].lower() in DOUBLE_SURNAME:
        start += 1
    return Bearer(name, tuple(parts[:start]), " ".join(parts[start:]), origin)
