"""The key under which two spellings of a surname meet, and what counts as a surname at all."""

from __future__ import annotations

import functools
import re
import unicodedata

import anyascii

LONGEST = 24
APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʻʼʿʾ`´′", "'"))
ROMAN_NUMERAL = re.compile(r"[IVXLC]+\.?")
SURNAME = re.compile(r"[^\W\d_]+(?:['\- ]{1,2}[^\W\d_]+)*'?")


def words(text: str) -> list[str]:
    """The words of a table written as one string."""
    return text.split()


@functools.lru_cache(maxsize=2_000_000)
def fold(name: str) -> str:
    """Lower-case ASCII without marks: `Müller` and `Muller` share one key, `Mueller` has its own.

    >>> fold("Łuczak"), fold("O’Brien")
    ('luczak', "o'brien")
    """
    plain = name.translate(APOSTROPHES)
    if plain.isascii():
        return plain.lower()
    decomposed = unicodedata.normalize("NFD", plain)
    unmarked = "".join(letter for letter in decomposed if unicodedata.category(letter) != "Mn")
    return str(anyascii.anyascii(unmarked)).lower()


def tidy(name: str) -> str:
    """NFC, one kind of apostrophe, single spaces, no stray punctuation at the ends, first letter upper case."""
    clean = " ".join(unicodedata.normalize("NFC", name).translate(APOSTROPHES).split()).strip("-'. ,")
    return clean[:1].upper() + clean[1:]


def is_surname(name: str) -> bool:
    """Two letters or more, Latin script, not all capitals, no digits, not a Roman numeral.

    >>> is_surname("de Luca"), is_surname("DJ"), is_surname("Smith2")
    (True, False, False)
    """
    if not 2 <= len(name) <= LONGEST or name.isupper() or not SURNAME.fullmatch(name):
        return False
    letters = [letter for letter in name if letter.isalpha()]
    return len(letters) >= 2 and all("LATIN" in unicodedata.name(letter, "") for letter in letters)


def capitalise(name: str, particles: frozenset[str] = frozenset()) -> str:
    """Capitals for a name that a register writes small: `de la cruz` -> `de la Cruz`, `anne-marie` -> `Anne-Marie`."""
    words = [word if word in particles else _capitalise_parts(word) for word in name.split()]
    return " ".join(words)


def _capitalise_parts(word: str) -> str:
    return "-".join(part[:1].upper() + part[1:] for part in word.split("-"))
