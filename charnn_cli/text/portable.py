"""The text rules as data, for a reader that is no Python: the live page reads names by them in JavaScript.

Nothing is written a second time: characters are asked of the table that `normalise` uses, pairs of kana of
`join_pairs`, and regular expressions are those of this package in the other language's spelling. What remains to be
written there is the order of the steps.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import unescape
from html.entities import html5
from itertools import product
from typing import Any

from charnn_cli.text import no_names, parts, rules, scripts
from charnn_cli.text.rules import TextRules

# Characters beyond are no letters; within the blocks of ideographs all are read alike.
CHARACTERS = range(0x323B0)
IDEOGRAPHS = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0x20000, 0x323B0))
KANA = [chr(code_point) for code_point in (*range(0x3041, 0x3097), *range(0x30A1, 0x30FB))]
SMALL_KANA = "ぁぃぅぇぉゃゅょゎァィゥェォャュョヮ"
ODD_NUMBERS = (
    *range(0xA0),
    *range(0xFDD0, 0xFDF0),
    *(plane << 16 | 0xFFFE | bit for plane in range(17) for bit in (0, 1)),
)

Runs = list[tuple[int, str]]  # texts of characters that follow each other from a code point on, parted by |


@lru_cache(maxsize=4)
def portable(text_rules: TextRules) -> dict[str, Any]:
    """All that `normalise` and `undecidable` know, by the steps that use it; fit for JSON, and not to be changed."""
    return {
        "max_length": text_rules.max_length,
        "romanise": text_rules.romanise,
        "marks": list(text_rules.marks or ()),
        **_characters(text_rules),
        "entities": {name: text for name, text in html5.items() if len(name) < 33},
        "numbers": {number: text for number in ODD_NUMBERS if (text := unescape(f"&#{number};")) != chr(number)},
        "patterns": {name: _in_javascript(pattern) for name, pattern in _PATTERNS.items()},
        "web": no_names._WEB,
        "spellings": _characters_of(rules._SPELLINGS),
        "marks_in_a_row": rules._MARKS_IN_A_ROW,
        "alike": {script: _characters_of(scripts._to(script)) for script in ("LATIN", *scripts._ALIKE)},
        "kana": _kana() if text_rules.romanise else {},
        "no_part": rules.NO_PART,
        "before": sorted(no_names._BEFORE),
        "behind": sorted(no_names._BEHIND),
        "in_capitals": no_names._IN_CAPITALS,
        "nobody": {
            "words": sorted(no_names._WORDS),
            "first": sorted(no_names._FIRST),
            "phrases": sorted(no_names._PHRASES),
            "companies": sorted(no_names._COMPANIES),
        },
        "brackets": no_names._BRACKETS,
        "parts": {
            "middle_dot": parts.MIDDLE_DOT,
            "particles": sorted(parts._PARTICLES),
            "names_too": sorted(parts._NAMES_TOO),
            "edges": parts._EDGES,
            "shortest_capitals": parts._SHORTEST_CAPITALS,
        },
    }


_PATTERNS = {
    "space": re.compile(r"\s+"),
    "placeholder": no_names._PLACEHOLDER,
    "signs": no_names._SIGNS,
    "unusual": rules._UNUSUAL,
    "others": scripts._OTHERS,
    "word": scripts._WORD,
    "greek_or_kana": scripts._GREEK_OR_KANA,
    "greek_pair": scripts._GREEK_PAIR,
    "kana_pair": scripts._KANA_PAIR,
}


def _characters(text_rules: TextRules) -> dict[str, Any]:
    """What each character is read as, what mark it leaves, and of which scripts the letters are."""
    table, marks = rules._table(text_rules), rules._mark_table(text_rules)
    kept, read, marked, family_first = [], {}, {}, []
    of_script: dict[str, list[int]] = {script: [] for script in sorted(scripts.ROMANISED_SCRIPTS)}
    for code_point in _assigned():
        character = chr(code_point)
        block = next((block for block in IDEOGRAPHS if code_point in block), None)
        like = character if block is None else chr(block[0])
        text = table[ord(like)]
        if text == like:
            kept.append(code_point)
        elif text:
            read[code_point] = text
        if unicodedata.category(like)[0] not in "LM":
            continue
        script = scripts.script_of(like)
        if script in of_script:
            of_script[script].append(code_point)
        if script in parts._FAMILY_FIRST_SCRIPTS:
            family_first.append(code_point)
        if text_rules.romanise and (mark := marks[ord(like)]):
            marked[code_point] = mark
    return {
        "kept": _ranges(kept),
        "read": _runs(read),
        "marked": _runs(marked),
        "scripts": {script: _ranges(code_points) for script, code_points in of_script.items()},
        "family_first": _ranges(family_first),
    }


def _assigned() -> Iterator[int]:
    for code_point in CHARACTERS:
        character = chr(code_point)
        if unicodedata.category(character)[0] != "C" or character.isspace():
            yield code_point


def _ranges(code_points: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of those that follow each other."""
    ranges: list[tuple[int, int]] = []
    for code_point in code_points:
        if ranges and ranges[-1][1] == code_point - 1:
            ranges[-1] = (ranges[-1][0], code_point)
        else:
            ranges.append((code_point, code_point))
    return ranges


def _runs(texts: dict[int, str]) -> Runs:
    return [
        (first, "|".join(texts[code_point] for code_point in range(first, last + 1))) for first, last in _ranges(texts)
    ]


def _characters_of(table: dict[int, Any]) -> dict[str, str]:
    return {chr(key): chr(value) if isinstance(value, int) else value for key, value in table.items()}


def _kana() -> dict[str, str]:
    """What is read for っ before a kana, for a kana and a small one behind it, and for ゝ behind a kana."""
    join = scripts.join_pairs
    pairs = {first + small: join(first + small) for first, small in product(KANA, SMALL_KANA)}
    doubled = {mark + kana: join(mark + kana).removesuffix(kana) for mark, kana in product("っッ", KANA)}
    repeated = {kana + "ゝ": join(kana + "ゝ").removeprefix(kana) for kana in KANA}
    return {spelled: text for spelled, text in (pairs | doubled | repeated).items() if spelled != text}


_SPACE = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_IN_WORDS = r"\p{L}\p{N}_"
_SPELLED = {
    r"[^\W\d_]": r"[\p{L}\p{Nl}\p{No}]",
    r"(?P<": "(?<",
    r"\s": f"[{_SPACE}]",
    r"\S": f"[^{_SPACE}]",
    r"\w": f"[{_IN_WORDS}]",
    r"\b": f"(?:(?<=[{_IN_WORDS}])(?![{_IN_WORDS}])|(?<![{_IN_WORDS}])(?=[{_IN_WORDS}]))",
    r"\#": "#",
}
_SPELLING = re.compile("|".join(map(re.escape, _SPELLED)) + r"|\\.")


def _in_javascript(pattern: re.Pattern[str]) -> tuple[str, str]:
    """A regular expression as JavaScript spells it, and its flags: its own \\s, \\w and \\b know ASCII alone."""
    source = _SPELLING.sub(lambda match: _SPELLED.get(match[0], match[0]), pattern.pattern)
    flags = {re.IGNORECASE: "i", re.DOTALL: "s"}
    return source, "u" + "".join(letter for flag, letter in flags.items() if pattern.flags & flag)
