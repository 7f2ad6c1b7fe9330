"""Korean family names: from Hangul to the Revised, the McCune–Reischauer and the customary romanisations.

A family name is one syllable, rarely two. Its Hangul letters follow from its code point (Unicode, chapter 3.12), and
each letter has one value at the head of a word, so the two official systems need no table of names.
Sources: Ministry of Culture and Tourism, Notice 2000-8 (Revised); McCune and Reischauer, 1939.
"""

from __future__ import annotations

from builder import facts
from builder.text import words

FIRST_SYLLABLE = 0xAC00
VOWELS, CODAS = 21, 28

REVISED_INITIALS = words("g kk n d tt r m b pp s ss _ j jj ch k t p h")
REVISED_VOWELS = words("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
CODA_LETTERS = words("_ k k k n n n t l k m l l l p l m p p t t ng t t k t p t")
MCCUNE_INITIALS = words("k kk n t tt n m p pp s ss _ ch tch ch' k' t' p' h")
MCCUNE_VOWELS = words("a ae ya yae ŏ e yŏ ye o wa wae oe yo u wŏ we wi yu ŭ ŭi i")


def syllable_letters(syllable: str) -> tuple[int, int, int]:
    """Initial, vowel and coda of a Hangul syllable, as places in the Unicode tables."""
    place = ord(syllable) - FIRST_SYLLABLE
    return place // (VOWELS * CODAS), place // CODAS % VOWELS, place % CODAS


def revised(hangul: str) -> str:
    """Revised Romanisation.

    >>> revised("김"), revised("박"), revised("최")
    ('Gim', 'Bak', 'Choe')
    """
    return _spell(hangul, REVISED_INITIALS, REVISED_VOWELS)


def mccune(hangul: str) -> str:
    """McCune–Reischauer, with its breves and apostrophes.

    >>> mccune("김"), mccune("정"), mccune("최")
    ('Kim', 'Chŏng', "Ch'oe")
    """
    spelled = _spell(hangul, MCCUNE_INITIALS, MCCUNE_VOWELS)
    return "Shwi" if spelled == "Swi" else spelled


def _spell(hangul: str, initials: list[str], vowels: list[str]) -> str:
    spelled = ""
    for syllable in hangul:
        initial, vowel, coda = syllable_letters(syllable)
        spelled += initials[initial] + vowels[vowel] + CODA_LETTERS[coda]
    return spelled.replace("_", "").capitalize()


def surnames(more: list[str]) -> set[str]:
    """Every romanisation of the names in `facts/korean.tsv` and of the Hangul names in `more`."""
    table = facts.table("korean.tsv")
    spelled = {name for names in table.values() for name in names}
    for hangul in [*table, *more]:
        if all(0 <= ord(letter) - FIRST_SYLLABLE < 11_172 for letter in hangul):
            spelled |= {revised(hangul), mccune(hangul)}
    return {name for name in spelled if len(name) > 1}
