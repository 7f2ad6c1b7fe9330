"""Which script a letter is of, letters that look like those of another, and what stands for each in ASCII.

Ноvak with a Cyrillic Н is Novak: people type such letters by accident, with the wrong keyboard on, and to pass by
filters. A word whose letters are of several scripts is read in the one that can write all of it (after Unicode
Technical Standard 39, Unicode Security Mechanisms); where none can, as in ЖR, it stays as it is.

The library anyascii knows every character by itself. What takes two letters to read is settled before it: Greek
pairs by ELOT 743 (the rules of Greek passports: ου → ou, αυ → av or af, γγ → ng, an initial μπ → b), kana by
Hepburn (しゃ → sha, っか → kka, ヴァ → va).
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


ROMANISED_SCRIPTS = frozenset({"LATIN", "CYRILLIC", "GREEK", "HANGUL", "HIRAGANA", "KATAKANA"})

_GREEK = [chr(code_point) for block in (range(0x370, 0x400), range(0x1F00, 0x2000)) for code_point in block]
_DIAERESIS = "\u0308"  # parts a letter from the one before: αϋ is two sounds


def _greek(bases: str, *, parted: bool) -> str:
    """These letters under every mark that Greek has: ῦ and ὺ are υ, and ΰ where `parted` takes a diaeresis too."""
    spelled = ((letter, unicodedata.normalize("NFD", letter)) for letter in _GREEK)
    return "".join(letter for letter, marks in spelled if marks[0] in bases and (parted or _DIAERESIS not in marks))


_UPSILON = _greek("υΥ", parted=False)
_BEFORE_V = _greek("αεηΑΕΗ", parted=True)
_VOICED = _greek("αεηιουωβγδζλμνρΑΕΗΙΟΥΩΒΓΔΖΛΜΝΡ", parted=True)
_GREEK_PAIR = re.compile(
    rf"(?<=[{_greek('οΟ', parted=True)}])(?P<u>[{_UPSILON}])"
    rf"|(?<=[{_BEFORE_V}])(?P<v>[{_UPSILON}])(?=[{_VOICED}])|(?<=[{_BEFORE_V}])(?P<f>[{_UPSILON}])"
    r"|(?P<n>γ)(?=[γξχ])|(?<!\w)(?P<b>μπ)",
    re.IGNORECASE,
)
_KANA_PAIR = re.compile(
    r"(?P<doubled>[っッ])(?=(?P<next>[ぁ-ゖァ-ヺ]))|(?P<first>[ぁ-ゖァ-ヺ])(?P<small>[ぁぃぅぇぉゃゅょゎァィゥェォャュョヮ])"
    r"|(?<=(?P<repeated>[ぁ-ゖァ-ヺ]))[ゝゞヽヾ]"
)
_GREEK_OR_KANA = re.compile("[\u0370-\u03ff\u1f00-\u1fff\u3040-\u30ff]")


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
    return _with_small(romanised(match["first"]), romanised(match["small"]))


def _with_small(first: str, small: str) -> str:
    """A kana and the small one behind it: shi + ya → sha, te + i → ti, u + i → wi, ku + a → kwa, ni + e → nye."""
    consonant, vowel = first[:-1], first[-1:]
    if small[0] in "yw":
        return consonant + (small[1:] if consonant in ("sh", "ch", "j") else small)
    if small == vowel:  # the sound is drawn out
        return first + small
    if vowel == "u" and consonant in ("", "k", "g"):
        return consonant + "w" + small
    if vowel == "i" and small == "e" and consonant not in ("sh", "ch", "j"):
        return consonant + "ye"
    return consonant + small


@cache
def romanised(character: str) -> str:
    """The ASCII letters that stand for one letter, '' where it has no sound of its own (the Cyrillic soft sign)."""
    from anyascii import anyascii  # only names beyond ASCII pay for its tables

    return "".join(letter for letter in anyascii(character) if letter.isalpha())
