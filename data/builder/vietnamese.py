"""Vietnamese family names, with their marks and without."""

from __future__ import annotations

import unicodedata

from builder import facts


def unmarked(name: str) -> str:
    """As passports and newspapers abroad write it.

    >>> unmarked("Nguyễn"), unmarked("Đỗ")
    ('Nguyen', 'Do')
    """
    letters = unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d"))
    return "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")


def surnames() -> set[str]:
    """Every name of `facts/vietnamese.txt` in both spellings; names of one letter (Y) are left out."""
    marked = [name.replace("_", " ") for name in facts.words("vietnamese.txt")]
    return {spelled for name in marked for spelled in (name, unmarked(name)) if len(name) > 1}
