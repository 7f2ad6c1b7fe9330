"""Names → symbols, by the same rules in training and in prediction.

A name is read in three steps: `normalise` reduces its spelling to the text that the network sees, `Alphabet.encode`
turns texts into integer symbols, and `undecidable` says why a name has no text to read.

Every character is mapped on its own, so the rules are a table, filled on first use: letters of a script that
romanises well become ASCII (library: anyascii), other letters are kept where the model knows their script and
dropped where it does not, apostrophes and dashes become one kind each, and everything else is dropped.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

PADDING, UNKNOWN, BEGIN, END = range(4)
FIRST_SYMBOL = 4

ROMANISED_SCRIPTS = frozenset({"LATIN", "CYRILLIC", "GREEK", "HANGUL", "HIRAGANA", "KATAKANA"})
PUNCTUATION = frozenset(" '-.,;")
APOSTROPHES = frozenset("'’‘ʼʻʽ`´′＇ʹʾʿ")


@dataclass(frozen=True, slots=True)
class TextRules:
    """How a name becomes a text; travels in the model.

    `scripts` are the scripts whose letters are kept as they are (the first word of their Unicode names, `CJK`,
    `ARABIC`); None keeps them all, which is how labelled names are read before a model has learned them.
    `boundaries` frames each text with a begin and an end symbol. `max_length` counts characters of the text.
    """

    romanise: bool = True
    casefold: bool = True
    max_length: int = 64
    boundaries: bool = True
    scripts: tuple[str, ...] | None = None

    def learned(self, texts: Iterable[str]) -> "TextRules":
        """The same rules, keeping only the scripts of these texts (normalised by these rules)."""
        letters = {character for text in texts for character in text if not character.isascii()}
        scripts = {script_of(character) for character in letters if character.isalpha()}
        if not self.romanise:
            scripts.add("LATIN")
        return replace(self, scripts=tuple(sorted(scripts)))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "TextRules":
        """Inverse of `to_json`; raises TypeError on unknown or missing keys."""
        scripts = value["scripts"]
        return cls(**{**value, "scripts": None if scripts is None else tuple(scripts)})


def script_of(character: str) -> str:
    """The script of a letter or mark: the first word of its Unicode name, '' where it has none."""
    return unicodedata.name(character, "").partition(" ")[0]


class _CharacterTable(dict[int, str]):
    """A table for `str.translate` that works out each character once."""

    def __init__(self, rules: TextRules) -> None:
        super().__init__()
        self.rules = rules

    def __missing__(self, code_point: int) -> str:
        self[code_point] = text = self.mapped(chr(code_point))
        return text

    def mapped(self, character: str) -> str:
        if character in APOSTROPHES:
            return "'"
        if character.isspace():
            return " "
        category = unicodedata.category(character)
        if category == "Pd":
            return "-"
        if category[0] not in "LM":
            return character if character in PUNCTUATION else ""
        return self.letter(character)

    def letter(self, character: str) -> str:
        if self.rules.romanise and (character.isascii() or script_of(character) in ROMANISED_SCRIPTS):
            letters = character if character.isascii() else _romanised(character)
            return letters.lower() if self.rules.casefold else letters
        if not self.keeps(character):
            return ""
        return character.casefold() if self.rules.casefold else character

    def keeps(self, character: str) -> bool:
        script = script_of(character)
        if script == "COMBINING":
            return not self.rules.romanise
        return self.rules.scripts is None or script in self.rules.scripts


def _romanised(character: str) -> str:
    from anyascii import anyascii  # only names beyond ASCII pay for its tables

    return "".join(letter for letter in anyascii(character) if letter.isalpha())


@lru_cache(maxsize=16)
def _table(rules: TextRules) -> _CharacterTable:
    return _CharacterTable(rules)


def normalise(name: str, rules: TextRules) -> str:
    """The text of a name, '' where nothing in it can be read; never raises, and normalising twice changes nothing."""
    text = name if name.isascii() else unicodedata.normalize("NFC", name)
    text = text.translate(_table(rules))
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if "  " in text:
        text = " ".join(text.split())
    return text.strip()[: rules.max_length].rstrip()


def undecidable(name: str, rules: TextRules) -> str | None:
    """Why a name cannot be told: `empty`, `no_letters`, `unsupported_script`, or None where it can.

    Letters are looked for in the name as it came, so that what a romanisation makes of an emoji is no letter.
    """
    if any(map(str.isalpha, normalise(name, rules))):
        return None
    if not any(_visible(character) for character in name):
        return "empty"
    return "unsupported_script" if any(map(str.isalpha, name)) else "no_letters"


def _visible(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character)[0] != "C"


@dataclass(frozen=True, slots=True)
class Symbols:
    """The symbols of several names, end to end: name n is `ids[offsets[n]:offsets[n + 1]]`."""

    ids: NDArray[np.int32]  # (total,)
    offsets: NDArray[np.int64]  # (N + 1,)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Symbols of each name, begin and end included, (N,)."""
        return np.diff(self.offsets)

    def padded(self, rows: NDArray[np.int64]) -> NDArray[np.int32]:
        """The given names as a matrix (B, T), filled with `PADDING` on the right."""
        lengths = self.lengths[rows]
        steps = np.arange(int(lengths.max(initial=1)))
        inside = steps[None, :] < lengths[:, None]  # (B, T)
        matrix = np.full(inside.shape, PADDING, dtype=np.int32)
        matrix[inside] = self.ids[(self.offsets[rows][:, None] + steps)[inside]]
        return matrix


class Alphabet:
    """The characters that a model knows, each with its symbol.

    Symbols 0 to 3 are padding, unknown, begin and end; character i of `characters` is symbol 4 + i.
    """

    def __init__(self, characters: Sequence[str]) -> None:
        self.characters = tuple(characters)
        self._codes = np.array([ord(character) for character in self.characters], dtype=np.uint32)
        self._table = np.full(int(self._codes.max(initial=0)) + 2, UNKNOWN, dtype=np.int32)
        self._table[self._codes] = np.arange(len(self.characters), dtype=np.int32) + FIRST_SYMBOL

    @classmethod
    def learned(cls, texts: Iterable[str]) -> "Alphabet":
        """Every character of these texts, sorted."""
        return cls(sorted({character for text in texts for character in text}))

    def __len__(self) -> int:
        """Number of symbols, the four special ones included."""
        return FIRST_SYMBOL + len(self.characters)

    def encode(self, texts: Sequence[str], *, boundaries: bool) -> Symbols:
        """Symbols of normalised texts; a character that is not in the alphabet becomes `UNKNOWN`."""
        code_points = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32)
        ids = self._table[np.minimum(code_points, len(self._table) - 1)]
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        if boundaries:
            ids = np.insert(ids, offsets[:-1], BEGIN)
            offsets = offsets + np.arange(len(texts) + 1)
            ids = np.insert(ids, offsets[1:], END)
            offsets = offsets + np.arange(len(texts) + 1)
        return Symbols(ids.astype(np.int32, copy=False), offsets)
