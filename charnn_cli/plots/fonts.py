"""Fonts for the letters at hand: a family list that draws them, and a spelling for those that no font draws."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

BASE_FAMILY = "DejaVu Sans"  # comes with matplotlib: Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew, Arabic
LONGEST_TEXT = 40  # characters; a longer label would take the picture's room


class Lettering(NamedTuple):
    """`families` in the order they are tried for a letter, and the characters that none of them draws."""

    families: tuple[str, ...]
    undrawable: frozenset[str]

    def spell(self, text: str, longest: int = LONGEST_TEXT) -> str:
        """A text as the picture shows it: undrawable characters as `‹code point›`, the end of a long one as `…`."""
        shown = text if len(text) <= longest else text[: longest - 1] + "…"
        return "".join(
            f"‹{ord(letter):X}›" if letter in self.undrawable or not letter.isprintable() else letter
            for letter in shown
        )


def lettering(texts: Iterable[str]) -> Lettering:
    """The installed fonts that draw these texts, as few as will do."""
    letters = frozenset(letter for text in texts for letter in text if letter.isprintable())
    if all(map(str.isascii, letters)):
        return Lettering((BASE_FAMILY,), frozenset())
    return _lettering(letters)


@lru_cache(maxsize=32)
def _lettering(letters: frozenset[str]) -> Lettering:
    families = [BASE_FAMILY]
    missing = letters - _drawn_by(_base_file())
    for family, file in _installed() if missing else ():
        drawn = missing & _drawn_by(file)
        if drawn:
            families.append(family)
            missing -= drawn
        if not missing:
            break
    return Lettering(tuple(families), missing)


def _base_file() -> str:
    from matplotlib.font_manager import findfont

    return str(findfont(BASE_FAMILY))


def _installed() -> list[tuple[str, str]]:
    """Name and file of every upright, regular font, sans serif first, by name: the same choice every time."""
    from matplotlib.font_manager import fontManager

    fonts = {
        (entry.name, entry.fname)
        for entry in fontManager.ttflist
        if entry.style == "normal"
        and entry.weight in (400, "normal", "regular")
        and not entry.name.startswith("Last Resort")  # boxes for every letter there is
        and "Emoji" not in entry.name  # colour bitmaps, which matplotlib does not draw
    }
    return sorted(fonts, key=lambda font: ("Sans" not in font[0], font))


@lru_cache(maxsize=256)
def _drawn_by(file: str) -> frozenset[str]:
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(map(chr, FT2Font(file).get_charmap()))
    except (OSError, RuntimeError):  # a font that FreeType cannot open draws nothing
        return frozenset()
