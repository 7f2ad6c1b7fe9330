"""Chinese family names: Pinyin and Wade–Giles from the characters, and the spellings of Chinese abroad from a table.

Taiwan and older books write Wade–Giles, on passports without its apostrophes and marks (Tsai, Hsu, Kuo); Hong Kong,
Malaysia, Singapore and emigrants write Cantonese, Hokkien, Teochew and Hakka (Wong, Lim, Tan, Chin).
"""

from __future__ import annotations

import re

from builder import facts

#: Characters whose reading as a family name is not the usual one.
SURNAME_READINGS = {
    "单": "shan", "曾": "zeng", "查": "zha", "解": "xie", "仇": "qiu", "区": "ou", "盖": "ge", "朴": "piao",
    "乐": "yue", "任": "ren", "华": "hua", "纪": "ji", "尉": "wei", "翟": "zhai", "黑": "he", "折": "she",
    "员": "yun", "繁": "po", "召": "shao", "晟": "cheng", "缪": "miao", "覃": "qin", "逄": "pang", "冼": "xian",
    "洗": "xian", "牟": "mou", "薄": "bo", "种": "chong", "适": "kuo", "谌": "chen", "隗": "wei", "臧": "zang",
    "藏": "zang", "宓": "mi", "尹": "yin", "葛": "ge", "娄": "lou", "訾": "zi", "晁": "chao", "於": "yu",
    "吕": "lü", "闾": "lü", "逯": "lu", "沈": "shen", "重": "chong", "长": "zhang", "长孙": "zhangsun",
    "尉迟": "yuchi", "万俟": "moqi", "单于": "chanyu", "澹台": "tantai", "令狐": "linghu", "宗政": "zongzheng",
    "濮阳": "puyang", "公冶": "gongye", "太叔": "taishu", "申屠": "shentu",
}  # fmt: skip
INITIALS = {
    "zh": "ch", "ch": "ch", "sh": "sh", "b": "p", "p": "p", "d": "t", "t": "t", "g": "k", "k": "k", "j": "ch",
    "q": "ch", "x": "hs", "r": "j", "z": "ts", "c": "ts", "s": "s", "y": "y", "w": "w",
}  # fmt: skip
WHOLE_SYLLABLES = {
    "zi": "tzu", "ci": "tzu", "si": "szu", "zhi": "chih", "chi": "chih", "shi": "shih", "ri": "jih", "er": "erh",
    "yi": "i", "ye": "yeh", "yan": "yen", "you": "yu", "yong": "yung", "yue": "yueh", "ge": "ko", "ke": "ko",
    "he": "ho", "gui": "kuei", "kui": "kuei", "guo": "kuo", "kuo": "kuo", "huo": "huo", "shuo": "shuo",
}  # fmt: skip
FINALS = [("ian", "ien"), ("ie", "ieh"), ("ue", "ueh"), ("uo", "o"), ("iong", "iung"), ("ong", "ung"), ("ü", "u")]


def pinyin_syllables(characters: str) -> list[str]:
    """Toneless Pinyin, as read in a family name.

    曾 is read `zeng` as a name and `ceng` elsewhere; 欧阳 gives `ou` and `yang`.
    """
    from pypinyin import lazy_pinyin  # build-only: the rules below are tested without it

    known = SURNAME_READINGS.get(characters)
    return [known] if known else [syllable.replace("v", "ü") for syllable in lazy_pinyin(characters, v_to_u=True)]


def wade_giles(syllable: str) -> str:
    """One Pinyin syllable in Wade–Giles, without apostrophes and marks, as Taiwanese passports write it.

    >>> [wade_giles(s) for s in "zhang cai xu guo xie zhou jiang".split()]
    ['chang', 'tsai', 'hsu', 'kuo', 'hsieh', 'chou', 'chiang']
    """
    if syllable in WHOLE_SYLLABLES:
        return WHOLE_SYLLABLES[syllable]
    parts = re.fullmatch(r"(zh|ch|sh|[bcdfghjklmnpqrstwxyz]?)(.+)", syllable)
    if parts is None:
        return syllable
    initial, final = parts.groups()
    for pinyin, wade in FINALS:
        if final.startswith(pinyin) and (final == pinyin or pinyin in {"ü"}):
            final = wade + final[len(pinyin) :]
            break
    return INITIALS.get(initial, initial) + final


def pinyin_surnames(more: list[str]) -> set[str]:
    """Pinyin of the characters in `facts/chinese.tsv` and in `more`; Lü is also written Lu and Lyu."""
    spelled = {"".join(pinyin_syllables(characters)).capitalize() for characters in _characters(more)}
    return {name for name in spelled if len(name) > 1} | {"Lu", "Lyu"}


def other_surnames(more: list[str]) -> set[str]:
    """Wade–Giles and the spellings abroad; to be kept where persons bear them."""
    spelled = {name for names in facts.table("chinese.tsv").values() for name in names}
    for characters in _characters(more):
        syllables = [wade_giles(syllable) for syllable in pinyin_syllables(characters)]
        spelled |= {"".join(syllables).capitalize(), "-".join(syllables).capitalize()}
    return {name for name in spelled if len(name) > 1}


def _characters(more: list[str]) -> list[str]:
    """Simplified and traditional characters alike: Pinyin does not tell them apart."""
    return [*facts.table("chinese.tsv"), *(name for name in more if 1 <= len(name) <= 2)]
