"""Text into HTML: everything that comes from data or a run folder passes through here."""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any


def text(value: object) -> str:
    """A value as text between or within tags; characters without a shape become U+FFFD."""
    return escape("".join(letter if _shown(letter) else "\N{REPLACEMENT CHARACTER}" for letter in str(value)))


def _shown(letter: str) -> bool:
    return letter.isprintable() or letter in "\n\u200c\u200d" or unicodedata.category(letter) == "Zs"


def isolated(value: object) -> str:
    """A name or label: not translated, and its direction does not turn its neighbours round."""
    return f'<bdi translate="no">{text(value)}</bdi>'


def json_island(value: Any) -> str:
    """JSON that cannot end the script element it stands in."""
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&\u2028\u2029":
        content = content.replace(letter, f"\\u{ord(letter):04x}")
    return content


def table(
    caption: str,
    header: Sequence[str],
    rows: Iterable[Sequence[tuple[str, object]]],
    *,
    identity: str = "",
    left: Iterable[int] = (0,),
    sortable: bool = False,
    titled: bool = True,
) -> str:
    """A table in a region that scrolls sideways. A cell is (HTML, value to sort by); `left` are columns of words.

    Without `titled` the caption is for screen readers alone, since a heading above says the same.
    """
    words = set(left)
    attributes = f' id="{identity}"' if identity else ""
    heads = "".join(_head(name, column in words, sortable) for column, name in enumerate(header))
    body = "".join(f"<tr>{''.join(_cells(row, words, sortable))}</tr>\n" for row in rows)
    kind = ' class="sortable"' if sortable else ""
    title = f"<caption>{text(caption)}</caption>" if titled else ""
    name = "" if titled else f' aria-label="{text(caption)}"'
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{text(caption)}">\n'
        f"<table{attributes}{kind}{name}>{title}\n"
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n"
    )


def _head(name: str, is_words: bool, sortable: bool) -> str:
    kind = "words" if is_words else "number"
    inside = f'<button type="button">{text(name)}</button>' if sortable else text(name)
    return f'<th scope="col" class="{kind}">{inside}</th>'


def _cells(row: Sequence[tuple[str, object]], words: set[int], sortable: bool) -> Iterable[str]:
    for column, (content, value) in enumerate(row):
        tag = 'th scope="row"' if column == 0 else "td"
        kind = "words" if column in words else "number"
        sort = f' data-value="{text("" if value is None else value)}"' if sortable else ""
        yield f'<{tag} class="{kind}"{sort}>{content}</{tag.split()[0]}>'
