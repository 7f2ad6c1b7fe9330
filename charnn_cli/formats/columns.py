"""Which columns of a table hold the names and their origins."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from charnn_cli.errors import DataError
from charnn_cli.formats.reading import Faults

# In order of preference, as compared: lower case, words joined by '_'.
NAME_COLUMNS = (
    "name", "full_name", "fullname", "surname", "last_name", "lastname", "family_name", "familyname",
    "person_name", "person", "names", "surnames", "text",
)  # fmt: skip
ORIGIN_COLUMNS = (
    "origin", "label", "nationality", "country", "country_of_origin", "language", "class", "category", "ethnicity",
    "culture", "nation", "origins", "labels", "country_code", "lang", "target",
)  # fmt: skip


def find_columns(
    header: Sequence[str],
    name_column: str | None,
    origin_column: str | None,
    *,
    where: Path,
    line: int | None,
    faults: Faults,
) -> tuple[int, int] | None:
    """Positions of the names and of the origins in a header; None where either cannot be told, which is a fault.

    A column that is given is looked for as it is written, then without regard to case and punctuation.
    """
    found = []
    for kind, given, usual in (("name", name_column, NAME_COLUMNS), ("origin", origin_column, ORIGIN_COLUMNS)):
        try:
            found.append(_find(header, kind, given, usual))
        except DataError as error:
            faults.add(error.what, error.do, where=where, line=line)
    if len(found) < 2:
        return None
    if found[0] == found[1]:
        what = f"column '{_short(header[found[0]])}' is given for the names and for the origins"
        do = "give two: --set data.name_column=… --set data.origin_column=…"
        faults.add(what, do, where=where, line=line)
        return None
    return found[0], found[1]


def _find(header: Sequence[str], kind: str, given: str | None, usual: Sequence[str]) -> int:
    plain = [_plain(column) for column in header]
    searches = [(header, [given]), (plain, [_plain(given)])] if given else [(plain, usual)]
    for columns, wanted in searches:
        for column in wanted:
            if columns.count(column) > 1:
                raise DataError(f"{columns.count(column)} columns are named '{column}'", "rename all but one")
            if column in columns:
                return columns.index(column)
    shown = ", ".join(f"'{_short(column)}'" for column in header[:8]) + (", …" if len(header) > 8 else "")
    option = f"--set data.{kind}_column=…"
    if not given:
        raise DataError(f"no column of {kind}s among {shown}", f"name it '{kind}' in the first line, or give {option}")
    close = get_close_matches(_plain(given), plain, n=1)
    guess = f"did you mean '{header[plain.index(close[0])]}'?" if close else f"give one of them: {option}"
    raise DataError(f"no column '{given}' among {shown}", guess)


def _plain(column: str) -> str:
    return re.sub(r"[\W_]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column.strip())).strip("_").lower()


def _short(column: str) -> str:
    return column if len(column) <= 40 else column[:39] + "…"
