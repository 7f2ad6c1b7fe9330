"""Any name, by any text rules: a text that is read the same again, symbols that an alphabet knows."""

from dataclasses import replace

from charnn_cli.text import TextRules, normalise, undecidable
from charnn_cli.text.alphabet import UNKNOWN, Alphabet

RULES = [
    TextRules(),
    TextRules(scripts=()),
    TextRules(casefold=False),
    TextRules(romanise=False),
    TextRules(romanise=False, casefold=False, max_length=5),
    TextRules(romanise=False, scripts=("CYRILLIC", "LATIN")),
    TextRules(scripts=("ARABIC", "CJK", "DEVANAGARI"), max_length=7),
    TextRules(max_length=1),
    TextRules(marks=None),
    TextRules(marks=("é", "ł", "ß"), scripts=()),
    TextRules(marks=None, casefold=False, max_length=6),
]
REASONS = (None, "empty", "no_letters", "unsupported_script")
NAMES = [
    "Wałęsa",
    "O’Neill-Þór",
    "Παπαδόπουλος",
    "しょうた",
    "김",
    "İ",
    "a\u0301\u0316b",
    "श्री 李",
    "ﬁ𝓢ｶﾞ",
    "x\ud800\x00😀",
]
SEEDS = [bytes([way]) + name.encode("utf-8", "surrogatepass") for way, name in enumerate(NAMES)] + [
    bytes([len(RULES) + way]) + name.encode("utf-16-le", "surrogatepass") for way, name in enumerate(NAMES)
]


def check(data: bytes) -> None:
    """The first byte chooses rules and encoding, the rest is the name."""
    way, content = data[:1] or b"\0", data[1:]
    rules = RULES[way[0] % len(RULES)]
    if way[0] // len(RULES) % 2:
        name = content[: len(content) // 2 * 2].decode("utf-16-le", "surrogatepass")
    else:
        name = content.decode("utf-8", "surrogateescape")
    text = normalise(name, rules)
    if rules.marks == ():  # marks stand behind the text, and would be read once more
        assert normalise(text, rules) == text, "normalising twice changes the text"
        assert len(text) <= rules.max_length
    assert text == text.strip()
    assert "  " not in text
    text.encode()  # no lone surrogate is left
    reason = undecidable(name, rules)
    assert reason in REASONS
    assert (reason is None) == any(map(str.isalpha, text))
    learned = rules.learned([normalise(name, replace(rules, marks=()))], [name] if rules.marks is None else [])
    if rules.scripts is None and normalise(name, replace(rules, max_length=4096)) == text:  # nothing was cut off
        assert normalise(name, learned) == text, "a model reads its training name otherwise"
    symbols = Alphabet.learned([text]).encode([text, "", text], boundaries=True)
    assert symbols.lengths.tolist() == [len(text) + 2, 2, len(text) + 2]
    assert UNKNOWN not in symbols.ids
