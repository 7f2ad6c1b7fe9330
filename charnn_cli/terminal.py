"""Words for people: numbers of things, and text that is safe to show, since a name may carry what a terminal obeys."""

import re

# What Markdown, or GitHub's, makes something of: tags, links (without brackets too), emphasis, cells, sums, mentions.
# Left alone are a mark within a word (`macro_f1`), the point of a number, and what ends a word of a sentence.
MEANS_SOMETHING = (
    r"[\\`*{}\[\]<&|~#$@^]|^>|[!:](?=\S)|(?<![^\W_])_|_(?![^\W_])|(?<=[^\W\d])\.(?=\w)|(?<=\w)\.(?=[^\W\d])"
)


def visible(text: str, keep: str = "") -> str:
    """Text on one line, without what a terminal would obey and UTF-8 cannot hold.

    Control, format (bidirectional overrides) and undecodable characters are escaped as in JSON, but those to `keep`.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character in keep or character.isprintable() else _escaped(character) for character in text
    )


def visible_rows(rows: bytes) -> bytes:
    """The same for finished rows of a machine format that go to a terminal; line ends and tabs stay."""
    text = rows.decode("utf-8", "surrogateescape")
    return visible(text, "\t\n").encode("utf-8", "surrogateescape")


def in_markdown(text: str) -> str:
    """Text as it is, in Markdown: nothing in it is a tag, a link or a mark, or ends its cell or line."""
    return re.sub(MEANS_SOMETHING, r"\\\g<0>", visible(text))


def number_of(number: int, what: str) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _escaped(character: str) -> str:
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
