"""Which columns of a table hold the names and their origins."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches

from charnn_cli.errors import DataError

# In order of preference, as compared: lower case, words joined by '_'.
USUAL = {
    "name": (
        "name", "full_name", "fullname", "surname", "last_name", "lastname", "family_name", "familyname",
        "person_name", "primary_name", "person", "names", "surnames", "text",
    ),
    "origin": (
        "origin", "label", "nationality", "country", "country_of_origin", "language", "class", "category", "ethnicity",
        "culture", "nation", "origins", "labels", "country_code", "lang", "target",
    ),
    "part of a name": (
        "first_name", "firstname", "given_name", "givenname", "forename", "first", "given", "last", "family",
    ),
}  # fmt: skip


def find_column(columns: Sequence[str], kind: str, given: str | None, how: str) -> int:
    """The place of the names or of the origins among the columns; `how` says how a column is named.

    A column that is given is looked for as it is written, then without regard to case, accents and punctuation; where
    none is given, one of the usual ones is looked for. Raises DataError where there is none, or there are several.
    """
    if not columns:
        raise DataError(f"has no columns, of {kind}s or of anything else", f"give each row its '{given or kind}'")
    plain = [_plain(column) for column in columns]
    searches: list[tuple[Sequence[str], Sequence[str]]] = [(plain, USUAL[kind])]
    if given is not None:
        searches = [(columns, [given]), (plain, [_plain(given)] if _plain(given) else [])]
    for headings, wanted in searches:
        for column in wanted:
            if headings.count(column) > 1:
                raise DataError(f"{headings.count(column)} columns are named '{column}'", "rename all but one")
            if column in headings:
                return headings.index(column)
    shown = ", ".join(f"'{_short(column)}'" for column in columns[:8]) + (", …" if len(columns) > 8 else "")
    if given is None:
        raise DataError(f"no column of {kind}s among {shown}", f"name it '{kind}' in the first line, or give {how}")
    close = get_close_matches(_plain(given), plain, n=1)
    guess = f"did you mean '{columns[plain.index(close[0])]}'?" if close else f"give one of them as {how}"
    raise DataError(f"no column '{_short(given)}' among {shown}", guess)


def is_usual(heading: str, kind: str) -> bool:
    """Whether columns of this kind, of `USUAL`, are usually called so."""
    return _plain(heading) in USUAL[kind]


def fitting_columns(columns: Sequence[str], kind: str) -> list[str]:
    """The columns with a usual heading, the preferred one first, and behind them those of a part of a name."""
    plain = [_plain(column) for column in columns]
    usual = (*USUAL[kind], *USUAL.get(f"part of a {kind}", ()))
    return [columns[plain.index(heading)] for heading in usual if heading in plain]


def _plain(column: str) -> str:
    letters = unicodedata.normalize("NFKD", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", "_", bare).strip("_").casefold()


def _short(column: str) -> str:
    return column if len(column) <= 40 else column[:39] + "…"
