"""Which script a letter is of."""

import unicodedata
from functools import lru_cache

_SCRIPT_OF_NAME = {"KATAKANA-HIRAGANA": "KATAKANA", "IDEOGRAPHIC": "CJK", "ROMAN": "LATIN"}  # ー, 々 and Ↄ


@lru_cache(maxsize=1 << 12)
def script_of(character: str) -> str:
    """The script of a letter or mark: the first word of its Unicode name, '' where it has none.

    Letters named for their use (FEMININE ORDINAL INDICATOR, MICRO SIGN, MODIFIER LETTER SMALL H) are of the script of
    the letter that they stand for.
    """
    usual = unicodedata.normalize("NFKC", character)
    script = unicodedata.name(usual if usual.isalpha() and len(usual) == 1 else character, "").partition(" ")[0]
    return _SCRIPT_OF_NAME.get(script, script)
