"""Russian surnames as different romanisations write them.

Wikipedia writes -sky and Yevgen-, maps after BGN/PCGN (1947) -skiy, passports after ICAO Doc 9303 (since 2010) -skii
and Evgen-. A variant is made from each counted spelling, and kept only where some person is found to write it so.
"""

from __future__ import annotations

#: Families of endings that stand for the same Russian letters.
ENDINGS = ("sky", "skiy", "skii", "skij")
SOFT = ("yev", "iev", "ev", "jev")
SOFT_FEMALE = ("yeva", "ieva", "eva", "jeva")


def variants(name: str) -> set[str]:
    """Other spellings of one surname.

    >>> sorted(variants("Alekseyev"))
    ['Alekseev', 'Alekseiev', 'Aleksejev']
    >>> "Dostoevskiy" in variants("Dostoevsky"), "Efimov" in variants("Yefimov")
    (True, True)
    """
    found: set[str] = set()
    for family in (ENDINGS, SOFT, SOFT_FEMALE):
        for ending in family:
            stem = name.removesuffix(ending)
            if stem != name and (family is ENDINGS or stem[-1:] in "aeiouy"):
                found |= {stem + other for other in family}
                break
    if name.startswith("Ye"):
        found.add("E" + name[2:])
    elif name[:2] in {"Ef", "El", "Em", "Er", "Eg", "Es"}:
        found.add("Ye" + name[1:])
    found.discard(name)
    return found
