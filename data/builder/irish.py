"""Irish surnames in Irish spelling, from `facts/irish_gaelic.txt`; the counts hold mostly the English spellings."""

from __future__ import annotations

from builder import facts
from builder.text import fold, tidy


def gaelic_names() -> dict[str, str]:
    """Folded -> spelled: the men's forms, with Ó, Mac or Mag.

    >>> gaelic_names()["o briain"]
    'Ó Briain'
    """
    spelled = (tidy(word.replace("_", " ")) for word in facts.words("irish_gaelic.txt"))
    return {fold(name): name for name in spelled}
