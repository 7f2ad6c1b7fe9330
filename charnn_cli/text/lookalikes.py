"""Letters that look like those of another script: Ноvak with a Cyrillic Н is Novak with Latin letters.

People type them by accident, with the wrong keyboard on, and to pass by filters. A word whose letters are of several
scripts is read in the one that can write all of it (after Unicode Technical Standard 39, Unicode Security Mechanisms);
where none can, as in ЖR, it stays as it is.
"""

import re
from functools import cache

from charnn_cli.text.scripts import script_of

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
