"""The forms in which people write one name."""

from __future__ import annotations

import random

from builder.people import Bearer

PARTS = FAMILY_ALONE, GIVEN_ALONE = "family alone", "given alone"
#: How often a training row has each form; the name as spelled is a row of its own, and so are parts alone.
WEIGHTS = {
    "reversed": 4,
    "comma": 4,
    "initial before": 3,
    "initials before": 1,
    "initial behind": 3,
    "comma initial": 2,
    "middle initial": 2,
    "family initial": 1,
}
_AROUND = {"title": "Dr. {}", "degree": "{}, PhD", "suffix": "{} Jr."}
#: The forms of each tested person; `family alone` is what those with an initial are to be compared with.
TESTED = (
    "reversed",
    "comma",
    "initial before",
    "initial behind",
    "comma initial",
    "middle initial",
    "title",
    "degree",
    "suffix",
    "capitals",
    FAMILY_ALONE,
)


def form(bearer: Bearer, kind: str) -> str | None:
    """The name in a form, None where it has no such form or its parts are not known.

    >>> hinton = Bearer("Geoffrey Everest Hinton", ("Geoffrey", "Everest"), "Hinton", "English")
    >>> form(hinton, "comma"), form(hinton, "initials before"), form(hinton, "initial behind")
    ('Hinton, Geoffrey Everest', 'G. E. Hinton', 'Hinton G')
    """
    given, family = bearer.given, bearer.family
    if kind == "plain":
        return bearer.name
    if kind in _AROUND:
        return _AROUND[kind].format(bearer.name)
    if kind == "capitals":
        return f"{bearer.family}, {' '.join(bearer.given)}".upper() if bearer.family and bearer.given else None
    if not given or not family or not given[0][0].isalpha() or not family[0].isalpha():
        return None
    names = " ".join(given)
    initial = given[0][0]
    match kind:
        case "reversed":
            family_first = bearer.name.startswith(family + " ")
            return f"{names} {family}" if family_first else f"{family} {names}"
        case "comma":
            return f"{family}, {names}"
        case "initial before":
            return f"{initial}. {family}"
        case "initials before":
            return " ".join(f"{name[0]}." for name in given) + f" {family}" if len(given) > 1 else None
        case "initial behind":
            return f"{family} {initial}"
        case "comma initial":
            return f"{family}, {initial}."
        case "middle initial":
            return f"{given[0]} {given[1][0]}. {family}" if len(given) > 1 else None
        case "family initial":
            return f"{given[0]} {family[0]}."
        case "given alone":
            return given[0] if len(given[0].strip(".")) > 1 else None
        case "family alone":
            return family if len(family) > 1 else None
    raise ValueError(kind)


def some_forms(bearer: Bearer, number: int, draw: random.Random) -> set[str]:
    """At most so many forms of the name beside the plain one."""
    kinds = draw.choices(list(WEIGHTS), list(WEIGHTS.values()), k=number)
    return {written for kind in kinds if (written := form(bearer, kind)) is not None} - {bearer.name}
