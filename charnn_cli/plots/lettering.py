"""Texts as pictures can show them: in the fonts that are installed, and short where names are long."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import takewhile
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


def told_apart(names: Sequence[str], longest: int = LONGEST_TEXT) -> list[str]:
    """Names of `longest` characters at most, cut where they are alike; numbered where that leaves no difference."""
    if max(map(len, names), default=0) <= longest:
        return list(names)
    alike = len(set(names)) == 1
    head = "" if alike else _shared_start(names)
    tail = "" if alike else _shared_start([name[len(head) :][::-1] for name in names])[::-1]
    inner = [name[len(head) : len(name) - len(tail)] for name in names]
    spare = max(longest - max(map(len, inner)) - 2, 0) // 2  # of what is alike, as much as there is room for
    before = head if len(head) <= spare else "…" + head[len(head) - spare :]
    after = tail if len(tail) <= spare else tail[:spare] + "…"
    half = longest // 2 - 3
    shown = [before + name + after for name in inner]
    cut = [name if len(name) <= longest else f"{name[:half]}…{name[-half:]}" for name in shown]
    if len(set(cut)) == len(set(names)):
        return cut
    return [f"{number}. {name}" for number, name in enumerate(cut, start=1)]


def _shared_start(names: Sequence[str]) -> str:
    """What all of the names begin with."""
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in same)


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
