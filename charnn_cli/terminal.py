"""Text that is safe to show: a name may carry what a terminal obeys."""

BLANKS = frozenset("\t\n")


def visible(text: str, keep: frozenset[str] = frozenset()) -> str:
    """Text whose control, format (bidirectional overrides) and undecodable characters are escaped as in JSON."""
    if text.isprintable():
        return text
    return "".join(
        character if character in keep or character.isprintable() else _escaped(character) for character in text
    )


def visible_rows(rows: bytes) -> bytes:
    """The same for finished rows of a machine format that go to a terminal; line ends and tabs stay."""
    text = rows.decode("utf-8", "surrogateescape")
    return visible(text, BLANKS).encode("utf-8", "surrogateescape")


def _escaped(character: str) -> str:
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
