"""The family name and the given names in a person's name, by what its spelling tells.

A comma parts them, as in `Hinton, Geoffrey`; so do capitals (`Geoffrey HINTON`, `KIM Min-jun`). Else the last word is
the family name, with the particles before it (`Ludwig van Beethoven`), but in Han, Hangul and hiragana the first.
Initials are neither. In Latin letters Chinese, Hungarian, Japanese, Korean and Vietnamese names come in both orders:
which one it is, the spelling does not tell, and `turned` is the other.
"""

from dataclasses import dataclass

from charnn_cli.text.no_names import is_no_name, without_note, without_titles, words_of
from charnn_cli.text.scripts import script_of

MIDDLE_DOT = "・"
_FAMILY_FIRST_SCRIPTS = ("CJK", "HANGUL", "HIRAGANA")
# Origins, as people label them, whose names are written with the family name first.
_FAMILY_FIRST = words_of(
    "chinese china taiwanese taiwan hungarian hungary japanese japan korean korea vietnamese vietnam"
)
_PARTICLES = words_of(
    "'t abd abdel abdul abou abu al ap av ben bin bint da dal dalla das de degli dei del della dem den der des di do "
    "dos du el giolla ibn la las le los mac mag mc nic ní ó ould te ten ter van vom von zu zum zur"
)
_NAMES_TOO = words_of("al ben van")  # Al Gore, Ben Affleck, Van Morrison
_EDGES = " ,.;"
_SHORTEST_CAPITALS = 3  # letters; fewer may be initials


@dataclass(frozen=True, slots=True)
class NameParts:
    """The parts of a name in the usual order of its spelling; either may be '' where there are initials alone.

    `turned` are the parts if the family name was written first, None where the spelling tells the order.
    """

    family: str
    given: str
    turned: "NameParts | None" = None


def writes_family_first(label: str) -> bool:
    """Whether names of an origin, as people label it, are written with the family name first."""
    return not _FAMILY_FIRST.isdisjoint(label.casefold().replace("-", " ").split())


def name_parts(name: str) -> NameParts | None:
    """The parts of a name as people spell it; None where it is one part alone, or no name."""
    spelled = " ".join(without_note(name).replace(MIDDLE_DOT, " ").split()).strip(_EDGES)
    if (" " not in spelled and "," not in spelled) or is_no_name(spelled):
        return None
    before, comma, behind = without_titles(spelled.replace(",", ", "), name).partition(",")
    words, others = _words(before), _words(behind)
    if comma and words and others:
        return _parts(words, others)
    words = words or others
    if not words or (not _is_given(words[0]) and all(word.lower() in _PARTICLES for word in words[:-1])):
        return None
    if script_of(words[0][0]) in _FAMILY_FIRST_SCRIPTS:
        return _parts(words[:1], words[1:])
    capitals = [word for word in words if word.isupper() and len(word) >= _SHORTEST_CAPITALS and "." not in word]
    if capitals and not all(map(str.isupper, words)):
        return _parts(capitals, [word for word in words if word not in capitals])
    return _by_order(words)


def _words(text: str) -> list[str]:
    """Words with letters, without what stands around them."""
    words = (word.strip('()"“”„_*') for word in text.split())
    return [word for word in words if any(map(str.isalpha, word))]


def _by_order(words: list[str]) -> NameParts | None:
    named = [word for word in words if not _is_initial(word)]
    if not named:
        return None
    if len(named) == 1:
        return NameParts(named[0], "")
    begins, ends = _is_initial(words[0]), _is_initial(words[-1])
    first = len(named) - 1
    while first > (0 if begins or ends else 1) and named[first - 1].lower() in _PARTICLES:
        first -= 1
    turned = None if begins or not first else NameParts(named[0], " ".join(named[1:]))
    return NameParts(" ".join(named[first:]), " ".join(named[:first]), turned)


def _parts(family: list[str], given: list[str]) -> NameParts:
    return NameParts(" ".join(family), " ".join(word for word in given if not _is_initial(word)))


def _is_initial(word: str) -> bool:
    """K, K. or J.R.R., of a script that has capitals."""
    return word[0].lower() != word[0].upper() and all(len(letters) <= 1 for letters in word.split("."))


def _is_given(word: str) -> bool:
    """Whether a first word is a given name although it could be a particle."""
    return word.lower() not in _PARTICLES or (word.lower() in _NAMES_TOO and not word.islower())
