"""Groups of origins, from a file that gives each origin its group."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import DataError
from charnn_cli.formats.columns import is_usual
from charnn_cli.predict.priors import small_text

REGIONS = "regions"  # the file beside this one: sub-regions of the United Nations' standard M49
THE_REST = "*"
YAML = (".yaml", ".yml", ".json")
HOW = f"write ORIGIN,GROUP lines, or '{THE_REST},GROUP' for all the rest"
SHOWN = 5
CLOSE = 0.8  # as difflib measures; Danish and English are less


@dataclass(frozen=True, slots=True)
class Grouping:
    """The group of each of C origins: `places` (C,) into `names`, which are sorted."""

    names: tuple[str, ...]
    places: NDArray[np.int64]

    def sums(self, shares: NDArray[np.floating]) -> NDArray[np.float64]:
        """Of shares of the origins (N, C) those of the groups (N, G)."""
        members = (self.places[:, None] == np.arange(len(self.names))).astype(np.float64)  # (C, G)
        sums: NDArray[np.float64] = shares @ members
        return sums

    def to_json(self) -> dict[str, Any]:
        return {"names": list(self.names), "places": self.places.tolist()}


def read_grouping(wish: str, labels: tuple[str, ...], say: Callable[[str], None]) -> Grouping:
    """The groups of a model's origins by a file, or by the regions that come with charnn where `wish` says so.

    The file is CSV or TSV of origin and group, with a heading or without, or YAML: a group for each origin, or a list
    of origins for each group. The origin `*` stands for all that are not named. Raises UsageError or DataError, where
    an origin has no group too; `say` is told of names that are none of the model's.
    """
    path = str(Path(__file__).with_name("regions.csv")) if wish == REGIONS else wish
    text = small_text(path, f"give {REGIONS}, or a file of origins and their groups", "grouping", "groups")
    pairs = _of_yaml(text, path) if path.lower().endswith(YAML) else _of_lines(text, path)
    group_of: dict[str, str] = {}
    for origin, group in pairs:
        if group_of.setdefault(origin, group) != group:
            what = f"'{origin}' is in the groups '{group_of[origin]}' and '{group}'"
            raise DataError(what, "keep one of them", where=path)
    others = sorted(set(group_of) - {THE_REST, *labels}) if wish != REGIONS else []
    missing = [label for label in labels if label not in group_of and THE_REST not in group_of]
    strangers = f"no origin of this model: {_listed(others)}{_guess(others, set(labels) - set(group_of))}"
    if missing:
        what = f"no group for {_listed(missing)}" + (f"; {strangers}" if others else "")
        do = "write your own file, with this model's origins" if wish == REGIONS else HOW
        raise DataError(what, do, where=wish)
    if others:
        say(f"{wish}: {strangers}")
    groups = [group_of.get(label, group_of.get(THE_REST, "")) for label in labels]
    names = tuple(sorted(set(groups)))
    return Grouping(names, np.array([names.index(group) for group in groups], dtype=np.int64))


def _of_lines(text: str, where: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            origin, group = map(str.strip, next(csv.reader([line], delimiter="\t" if "\t" in line else ",")))
        except (ValueError, csv.Error):
            raise DataError("no origin and group", HOW, where=where, line=number) from None
        if number == 1 and is_usual(origin, "origin"):
            continue
        if not origin or not group:
            raise DataError(f"no {'group' if origin else 'origin'}", HOW, where=where, line=number)
        yield origin, group


def _of_yaml(text: str, where: str) -> Iterator[tuple[str, str]]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        value = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        what = " ".join(str(error).split())[:100]
        raise DataError(f"cannot be read as YAML ({what})", "write ORIGIN: GROUP lines", where=where) from None
    if not isinstance(value, dict) or not value:
        raise DataError("no mapping of origins to groups", "write ORIGIN: GROUP lines", where=where)
    for key, entry in value.items():
        pairs = [(origin, key) for origin in entry] if isinstance(entry, list) else [(key, entry)]
        for pair in pairs:
            if not all(isinstance(word, str) and word.strip() for word in pair):
                what = f"'{key}' has no group, or is none, in words"
                raise DataError(what, "write ORIGIN: GROUP lines, or GROUP: [ORIGIN, …]", where=where)
            yield pair[0].strip(), pair[1].strip()


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names[:SHOWN]) + (f" and {len(names) - SHOWN} more" * (len(names) > SHOWN))


def _guess(others: list[str], left: set[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(others[0], sorted(left), n=1, cutoff=CLOSE) if others else []
    return f" (did you mean '{close[0]}'?)" if close else ""
