"""A person's words -> given name, particles and surname, by the custom of the person's origin."""

from __future__ import annotations

import re
from typing import NamedTuple

from builder.text import fold, tidy, words

#: Words that stand before a surname and belong to it, by origin. Lower case.
PARTICLES: dict[str, frozenset[str]] = {
    "Arabic": frozenset(words("al el abu abou abi ben bin ibn bou abd abdel abdul abdal abdu ould ait aït")),
    "Dutch": frozenset(words("van der den de ter ten het 't vander op in 's te")),
    "French": frozenset(words("de du la le des d'")),
    "German": frozenset(words("von zu vom zum zur van der dem den")),
    "Irish": frozenset(words("ó o ní nic uí mac mc mag de an con giolla")),
    "Italian": frozenset(words("de di del della dello degli dei da dal dalla dall' lo la li de' d'")),
    "Portuguese": frozenset(words("da das de do dos e")),
    "?Brazilian": frozenset(words("da das de do dos e")),
    "Spanish": frozenset(words("de del la las los y san")),
}
#: Hyphens that belong to an Arabic surname; elsewhere a hyphen joins two surnames, and such names are left out.
ARTICLE = "al|el|ad|an|ar|as|ash|at|az|ed|en|er|es|ez"
ARABIC_COMPOUND = re.compile(rf"(?:{ARTICLE}|ul|bou|abu|abd|abdel|abdul|ben|ait)-\w+", re.IGNORECASE)
ARABIC_ARTICLE = re.compile(rf"(?:{ARTICLE})-(?=\w{{2}})", re.IGNORECASE)
#: Where a noble d' is written small (d'Estrées); Italians write D'Angelo.
SMALL_ELISION = frozenset({"French", "Portuguese"})
#: These join two surnames (Ortega y Gasset): only what follows them is kept.
DOUBLE_SURNAME = frozenset({"y", "e"})


class Person(NamedTuple):
    """`particles` is empty or ends in a space, so that particles + surname is how the family name is spelled."""

    given: str
    particles: str
    surname: str


def parse(name: list[str], origin: str) -> Person | None:
    """The last word is the surname, with the origin's particles before it; None where that word is no surname.

    >>> parse("Marco van der Berg".split(), "Dutch")
    Person(given='Marco', particles='van der ', surname='Berg')
    >>> parse("Ahmed Al-Ghamdi".split(), "Arabic")
    Person(given='Ahmed', particles='Al-', surname='Ghamdi')
    """
    last = tidy(name[-1])
    if origin == "Arabic":
        return _parse_arabic(name, last)
    if not last or "-" in last:
        return None
    if origin == "Spanish" and name[-2].lower() == "el":
        return None  # a nickname: Rafael "el Fisgón"
    if origin in SMALL_ELISION and name[-1].startswith(("d'", "d’")):
        last = "d" + last[1:]
    start = len(name) - 1
    allowed = PARTICLES.get(origin, frozenset())
    while start > 1 and name[start - 1].lower() in allowed:
        start -= 1
    particles = name[start:-1]
    while particles and particles[0].lower() in DOUBLE_SURNAME:
        particles = particles[1:]
    spelled = " ".join(particles)
    if origin == "Italian":
        spelled = " ".join(word[:1].upper() + word[1:] for word in particles)
    elif origin == "Irish":
        spelled = spelled[:1].upper() + spelled[1:]
    return Person(tidy(name[0]), spelled + " " if spelled else "", last)


def _parse_arabic(name: list[str], last: str) -> Person | None:
    """Arabic family names carry an article (Al-Ghamdi, El Amrani) or a kinship word (Abu Bakr, Ben Ali)."""
    article = ARABIC_ARTICLE.match(last)
    particles = ""
    if article:
        particles, last = last[: article.end()], last[article.end() :]
    elif "-" in last and not ARABIC_COMPOUND.fullmatch(last):
        return None
    start = len(name) - 1
    while start > 1 and name[start - 1].lower() in PARTICLES["Arabic"]:
        start -= 1
    before = " ".join(word[:1].upper() + word[1:] for word in name[start:-1])
    particles = (before + " " if before else "") + particles[:1].upper() + particles[1:]
    return Person(tidy(name[0]), particles, last[:1].upper() + last[1:])


def key(person: Person) -> str:
    """The folded surname with its particles."""
    return fold(person.particles + person.surname)
