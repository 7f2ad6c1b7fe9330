"""Names → texts, by the same rules in training and in prediction.

`normalise` reduces a name's spelling to the text that the network sees; `undecidable` says why a name has none.

Apart from letters that fool (`scripts`) and the pairs of `romanise.join_pairs`, every character is mapped on its
own, so the rules are a table, filled on first use: letters of a script that romanises well become ASCII, other letters
are kept where the model knows their script and dropped where it does not, apostrophes and dashes become one kind each,
and everything else is dropped.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from charnn_cli.text.no_names import is_no_name, is_web_address, names_nobody, without_note, without_titles
from charnn_cli.text.scripts import ROMANISED_SCRIPTS, join_pairs, one_script_a_word, romanised, script_of

PUNCTUATION = frozenset(" '-.,;")
APOSTROPHES = frozenset("'’‘ʼʻʽ`´′＇ʹʾʿ")
INVISIBLE = frozenset("\u0640\u115f\u1160\u17b4\u17b5\u3164")  # tatweel, Hangul fillers, Khmer inherent vowels
# Points of Arabic and Hebrew, which say how a name sounds and are left out by most who write it.
POINTS = frozenset(map(chr, (*range(0x0591, 0x05C8), *range(0x064B, 0x0653), *range(0x0656, 0x0660), 0x0670))) - set(
    "־׀׃׆"
)
DASHES = frozenset("\u2212")  # the minus sign, beside all that Unicode calls a dash
MIDDLE_DOT = "・"  # between the parts of a name in kana
NO_PART = " ,.;"  # at either end of a name
# What stands for a script that is romanised: a letter of it, which for that reason no romanised text holds.
SCRIPT_MARKS = {"CYRILLIC": "ж", "GREEK": "ω", "HANGUL": "한", "HIRAGANA": "あ", "KATAKANA": "ア"}
# Letters of every Cyrillic alphabet; the others, such as Ukrainian ї and Serbian њ, tell more and are their own marks.
EVERY_CYRILLIC = frozenset("абвгдежзиклмнопрстуфхцчш")

# Letters that Unicode holds a second time for their shape: presentation forms, half and full width, mathematical.
_SHAPES = "\ufb00-\ufdff\ufe70-\uffef\U0001d400-\U0001d7ff"
# Letters that are written two ways: Romanian's comma below as a cedilla.
_SPELLINGS = str.maketrans("ȘșȚț", "ŞşŢţ")
_UNUSUAL = re.compile(f"[{_SHAPES}]+|[ȘșȚț]")
_MARKS_IN_A_ROW = 30  # Unicode Standard Annex 15, section 13: no word of any language needs more


@dataclass(frozen=True, slots=True)
class TextRules:
    """How a name becomes a text; travels in the model.

    `scripts` are the scripts whose letters are kept as they are (the first word of their Unicode names, `CJK`,
    `ARABIC`); None keeps them all, which is how labelled names are read before a model has learned them.
    `boundaries` frames each text with a begin and an end symbol. `max_length` counts characters of the text.
    `marks` are what romanising takes away and is read behind the text: Latin letters beyond ASCII (é, ł, ß), so that
    `Béranger` is `berangeré`, and a letter for each other script, so that `Сидоров` is `sidorovж`: what the spelling
    tells is kept beside what it shares with `Beranger` and `Sidorov`. None reads them all.
    """

    romanise: bool = True
    casefold: bool = True
    max_length: int = 64
    boundaries: bool = True
    scripts: tuple[str, ...] | None = None
    marks: tuple[str, ...] | None = ()

    def learned(self, texts: Iterable[str], marked: Iterable[str] = ()) -> "TextRules":
        """The same rules, keeping only the scripts of these texts (normalised by these rules without marks).

        The marks are those of `marked`, names as people spell them.
        """
        characters: set[str] = set()
        for text in texts:
            if not text.isascii():
                characters.update(text)
        scripts = {script_of(character) for character in characters if not character.isascii()} - {"COMBINING"}
        if not self.romanise:
            scripts.add("LATIN")
        every = replace(self, marks=None)
        marks = {mark for name in marked if not name.isascii() for mark in _marks(_composed(name), every)}
        return replace(self, scripts=tuple(sorted(scripts)), marks=tuple(sorted(marks)))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "TextRules":
        """Inverse of `to_json`; raises KeyError, TypeError or ValueError where it is none."""
        lists = {key: None if value[key] is None else tuple(value[key]) for key in ("scripts", "marks")}
        if any(len(mark) != 1 for mark in lists["marks"] or ()):
            raise ValueError("a mark is one letter")
        return cls(**{**value, **lists})


class _CharacterTable(dict[int, str]):
    """A table for `str.translate` that works out each character once, and one of bytes for names in ASCII."""

    def __init__(self, rules: TextRules) -> None:
        super().__init__()
        self.rules = rules
        ascii_letters = [self.mapped(chr(code_point)) for code_point in range(128)]
        self.ascii = bytes(ord(letter or " ") for letter in ascii_letters) + bytes(128)
        self.dropped = bytes(code_point for code_point, letter in enumerate(ascii_letters) if not letter)

    def __missing__(self, code_point: int) -> str:
        self[code_point] = text = self.mapped(chr(code_point))
        return text

    def mapped(self, character: str) -> str:
        if character in APOSTROPHES:
            return "'"
        if character.isspace() or character == MIDDLE_DOT:
            return " "
        category = unicodedata.category(character)
        if category == "Pd" or character in DASHES:
            return "-"
        if character in POINTS:
            return ""
        if category[0] in "LM":
            return self.letter(character)
        return character if character in PUNCTUATION else ""

    def letter(self, character: str) -> str:
        if self.romanises(character):
            letters = character if character.isascii() else romanised(character)
            return letters.lower() if self.rules.casefold else letters
        if not self.keeps(character):
            return ""
        if not self.rules.casefold:
            return character
        return "".join("'" if letter in APOSTROPHES else letter for letter in character.casefold())  # ŉ → 'n

    def romanises(self, character: str) -> bool:
        return self.rules.romanise and script_of(character) in ROMANISED_SCRIPTS

    def keeps(self, character: str) -> bool:
        script = script_of(character)
        if script == "VARIATION" or character in INVISIBLE or unicodedata.category(character) == "Me":
            return False
        if script == "COMBINING":
            return not self.rules.romanise
        return self.rules.scripts is None or script in self.rules.scripts


class _MarkTable(dict[int, str]):
    """A table for `str.translate` that maps each letter to its mark and drops what has none."""

    def __init__(self, rules: TextRules) -> None:
        super().__init__()
        self.rules = rules

    def __missing__(self, code_point: int) -> str:
        mark = "" if code_point < 128 else self.mark(chr(code_point))
        if len(mark) > 1 or (self.rules.marks is not None and mark not in self.rules.marks):
            mark = ""
        self[code_point] = mark
        return mark

    def mark(self, letter: str) -> str:
        script = script_of(letter)
        if script == "LATIN" and unicodedata.category(letter) in ("Ll", "Lu"):
            return letter.lower() if self.rules.casefold else letter
        if script == "CYRILLIC" and letter.lower() not in EVERY_CYRILLIC:
            return letter.lower()
        return SCRIPT_MARKS.get(script, "") if letter.isalpha() else ""


@lru_cache(maxsize=16)
def _table(rules: TextRules) -> _CharacterTable:
    return _CharacterTable(rules)


@lru_cache(maxsize=16)
def _mark_table(rules: TextRules) -> _MarkTable:
    return _MarkTable(rules)


def normalise(name: str, rules: TextRules) -> str:
    """The text of a name, '' where nothing in it can be read; never raises.

    Without marks, normalising twice changes nothing. With them they follow the text, each once, in their order.
    """
    return _normalised(name, rules, _table(rules))


def normaliser(rules: TextRules) -> Callable[[str], str]:
    """`normalise` by these rules, which are looked up once for all names."""
    table = _table(rules)
    return lambda name: _normalised(name, rules, table)


def _normalised(name: str, rules: TextRules, table: _CharacterTable) -> str:
    if name.isalpha() and name.isascii():  # most names: of one word, in which nothing stands that the rest looks for
        text = name.encode("ascii").translate(table.ascii, table.dropped).decode("ascii")[: rules.max_length]
        return "" if names_nobody(text) else text
    text, spelled = _read(name, rules, table)
    if names_nobody(text):
        return ""
    if rules.marks == () or spelled.isascii() or not any(map(str.isalpha, text)):
        return text
    return text + _marks(spelled, rules)


def _read(name: str, rules: TextRules, table: _CharacterTable) -> tuple[str, str]:
    """The text of a name without marks, also where it names nobody, and the composed name that has them."""
    if not name.replace(" ", "").isalpha():
        name = _unescaped(name)
        if is_no_name(name):
            return "", ""
        name = without_note(name)
    if name.isascii():
        spelled = name
        text = name.encode("ascii").translate(table.ascii, table.dropped).decode("ascii")
    else:
        spelled = one_script_a_word(_composed(name))
        text = join_pairs(spelled) if rules.romanise else spelled
        text = _composed(text.translate(table))  # again: what was dropped may have stood between a letter and its mark
    if "  " in text:
        text = " ".join(text.split())
    text = without_titles(text.strip(NO_PART), name)
    if len(text) > rules.max_length:
        text = without_titles(text[: rules.max_length].rstrip(NO_PART), name).strip(NO_PART)
    if not rules.romanise and not text.isascii():
        text = one_script_a_word(text)  # again: what was dropped or cut may have been what kept two scripts apart
    return ("", "") if "." in text and is_web_address(text) else (text, spelled)


def _marks(spelled: str, rules: TextRules) -> str:
    """The marks of a composed name, each once."""
    if not rules.romanise:
        return ""  # the text has them
    return "".join(dict.fromkeys(spelled[: rules.max_length].translate(_mark_table(rules))))


def _composed(name: str) -> str:
    """The name in Unicode NFC, each letter in its usual shape and spelling."""
    if len(name) > _MARKS_IN_A_ROW:
        name = _bounded_marks(name)
    name = unicodedata.normalize("NFC", name)
    if _UNUSUAL.search(name):
        name = _UNUSUAL.sub(lambda letters: unicodedata.normalize("NFKC", letters[0]).translate(_SPELLINGS), name)
        name = unicodedata.normalize("NFC", name)
    return name


def _bounded_marks(name: str) -> str:
    """The name without the marks beyond 30 in a row, which NFC would take quadratic time to sort."""
    kept, in_a_row = [], 0
    for character in name:
        in_a_row = in_a_row + 1 if unicodedata.combining(character) else 0
        if in_a_row <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def undecidable(name: str, rules: TextRules) -> str | None:
    """Why a name cannot be told: `empty`, `no_letters`, `no_name`, `unsupported_script`, or None where it can.

    Letters are looked for in the name as it came, so that what a romanisation makes of an emoji is no letter.
    """
    if any(map(str.isalpha, normalise(name, rules))):
        return None
    if not any(_visible(character) for character in name):
        return "empty"
    name = _unescaped(name)
    table = _table(rules)
    if is_no_name(name) or names_nobody(_read(name, rules, table)[0]):
        return "no_name"
    readable = any(character.isalpha() and not table.romanises(character) for character in _composed(name))
    return "unsupported_script" if readable else "no_letters"


def _unescaped(name: str) -> str:
    """The name with HTML's entities read: `O&#39;Brien` is O'Brien."""
    if "&" not in name or ";" not in name:
        return name
    from html import unescape  # two thousand entities, for the few who meet one

    return unescape(name)


def _visible(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character)[0] != "C"
