"""Which script a letter is of, and letters that look like those of another: Ноvak with a Cyrillic Н is Novak.

People type them by accident, with the wrong keyboard on, and to pass by filters. A word whose letters are of several
scripts is read in the one that can write all of it (after Unicode Technical Standard 39, Unicode Security Mechanisms);
where none can, as in ЖR, it stays as it is.
"""

import re
import unicodedata
from functools import cache, lru_cache

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


# Latin letters, and those of Cyrillic and Greek that look the same, · where there is none.
_LATIN = "ABCEHIJKMNOPSTXYZacehijopsuxyvkëïËÏóáíÓÁÍ"
_ALIKE = {
    "CYRILLIC": "АВСЕНІЈКМ·ОРЅТХУ·асеһіјорѕ·ху·кёїЁЇ······",
    "GREEK": "ΑΒ·ΕΗΙ·ΚΜΝΟΡ·ΤΧΥΖα···ι·ορ·υχγνκ····όάίΌΆΊ",
}
_OTHERS = re.compile("[\u0370-\u052f]")  # Greek and Cyrillic
_WORD = re.compile(r"[^\W\d_]{2,}")


@cache
def _to(script: str) -> dict[int, str]:
    """For each letter of the other scripts that looks like one of `script`, that one."""
    alphabets = {"LATIN": _LATIN, **_ALIKE}
    own = alphabets[script]
    return {
        ord(other): letter
        for name, letters in alphabets.items()
        if name != script
        for letter, other in zip(own, letters, strict=True)
        if "·" not in (letter, other)
    }


def one_script_a_word(text: str) -> str:
    """The text with each word in one script where all of the word's letters can be read in it.

    Of several such scripts it is the one with the most letters in the word, Latin where they are equal.
    """
    return _WORD.sub(_in_one_script, text) if _OTHERS.search(text) else text


def _in_one_script(match: re.Match[str]) -> str:
    word = match[0]
    scripts = [script_of(letter) for letter in word]
    present = [script for script in ("LATIN", *_ALIKE) if script in scripts]
    if len(present) < 2 or not set(scripts) <= {"LATIN", *_ALIKE}:
        return word
    for script in sorted(present, key=scripts.count, reverse=True):
        read = word.translate(_to(script))
        if all(script_of(letter) == script for letter in read):
            return read
    return word
