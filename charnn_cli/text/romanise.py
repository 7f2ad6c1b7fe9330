"""Letters of other scripts → ASCII letters.

The library anyascii knows every character by itself. What takes two letters to read is settled before it: Greek
pairs by ELOT 743 (the rules of Greek passports: ου → ou, αυ → av or af, γγ → ng, an initial μπ → b), kana by
Hepburn (しゃ → sha, っか → kka, ヴァ → va).
"""

import re
from functools import cache

ROMANISED_SCRIPTS = frozenset({"LATIN", "CYRILLIC", "GREEK", "HANGUL", "HIRAGANA", "KATAKANA"})

_GREEK_VOICED = "αάεέηήιίϊΐοόυύϋΰωώβγδζλμνρ"
_GREEK_PAIR = re.compile(
    rf"(?<=ο)(?P<u>[υύ])|(?<=[αεη])(?P<v>[υύ])(?=[{_GREEK_VOICED}])|(?<=[αεη])(?P<f>[υύ])"
    r"|(?P<n>γ)(?=[γξχ])|(?<!\w)(?P<b>μπ)",
    re.IGNORECASE,
)
_KANA_PAIR = re.compile(
    r"(?P<doubled>[っッ])(?=(?P<next>[ぁ-ゖァ-ヺ]))|(?P<first>[ぁ-ゖァ-ヺ])(?P<small>[ぁぃぅぇぉゃゅょゎァィゥェォャュョヮ])"
    r"|(?<=(?P<repeated>[ぁ-ゖァ-ヺ]))[ゝゞヽヾ]"
)
_GREEK_OR_KANA = re.compile("[\u0370-\u03ff\u3040-\u30ff]")


def join_pairs(name: str) -> str:
    """The name (NFC) with pairs of Greek letters and of kana that are read as one replaced by ASCII letters."""
    if not _GREEK_OR_KANA.search(name):
        return name
    return _KANA_PAIR.sub(_kana_pair, _GREEK_PAIR.sub(_greek_pair, name))


def _greek_pair(match: re.Match[str]) -> str:
    letter = match.lastgroup or ""
    return letter.upper() if match.group()[0].isupper() else letter


def _kana_pair(match: re.Match[str]) -> str:
    if match["doubled"]:
        consonant = romanised(match["next"])[:1]
        return {"c": "t"}.get(consonant, "" if consonant in "aiueon" else consonant)
    if match["repeated"]:
        return romanised(match["repeated"])
    first, small = romanised(match["first"])[:-1], romanised(match["small"])
    return first + (small[1:] if first in ("sh", "ch", "j") and small.startswith("y") else small)


@cache
def romanised(character: str) -> str:
    """The ASCII letters that stand for one letter, '' where it has no sound of its own (the Cyrillic soft sign)."""
    from anyascii import anyascii  # only names beyond ASCII pay for its tables

    return "".join(letter for letter in anyascii(character) if letter.isalpha())
