"""Scottish surnames: no nationality of the persons counted is Scottish, so these stand as facts.

Mac and Mc mean "son of" in Gaelic, so in Britain such a name is Scottish or Irish, never English; the counts tell
which. Clan and place names that came from Scotland are not counted as English, however many English people bear them.
"""

from __future__ import annotations

import re

from builder import facts
from builder.text import fold

GAELIC = re.compile(r"(?:Mac|Mc|Mag)[A-Z]|O'[A-Z]|Ó |Mac ")


def is_gaelic(name: str) -> bool:
    """Mac-, Mc- and O' names.

    >>> is_gaelic("MacDonald"), is_gaelic("Mackay"), is_gaelic("Machin"), is_gaelic("O'Brien")
    (True, False, False, True)
    """
    return GAELIC.match(name) is not None


def mac_stems() -> dict[str, bool]:
    """The second part of each Mac name of `facts/scottish_mac.txt` -> also written with a small letter after Mac."""
    return {word.rstrip("*"): word.endswith("*") for word in facts.words("scottish_mac.txt")}


def mac_names() -> dict[str, list[str]]:
    """Folded Mac name -> its spellings, first the usual one."""
    names: dict[str, list[str]] = {}
    for stem, small in mac_stems().items():
        for prefix in ("Mac", "Mc"):
            spellings = [prefix + stem]
            if small and prefix == "Mac":
                spellings.append(prefix + stem.lower())
            names.setdefault(fold(prefix + stem), spellings)
    return names


def clan_names() -> dict[str, str]:
    """Folded -> spelled: surnames that came from Scotland, without the Mac names."""
    return {fold(name): name for name in facts.words("scottish_clans.txt")}


def register_names() -> dict[str, str]:
    """Folded -> spelled: surnames common in Scotland and in England."""
    return {fold(name): name for name in facts.words("scottish_register.txt")}
