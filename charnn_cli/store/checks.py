"""What a description may say, whoever wrote it: every value of its own type and within the bounds of a config."""

import math
import re
from collections.abc import Mapping
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

LARGEST = {"num_layers": 16, "max_length": 4096, "ngram_orders": 12}
LARGEST_SIZE = 65536
PATH = re.compile(r"[^\0\ud800-\udc7f\udd00-\udfff]{0,4096}")  # bytes that are no UTF-8 are \udc80 to \udcff


def checked(kind: type, value: Any) -> dict[str, Any]:
    """The fields of a dataclass as JSON holds them; raises ValueError where one is none of its type's values."""
    hints = get_type_hints(kind)
    if not isinstance(value, dict) or value.keys() != hints.keys():
        raise ValueError(f"{kind.__name__} needs {', '.join(hints)}")
    for name, hint in hints.items():
        if not _fits(value[name], hint, LARGEST.get(name, LARGEST_SIZE)):
            raise ValueError(f"{name} is not one of its values")
    return value


def _fits(value: Any, hint: Any, largest: int) -> bool:
    """Whether a value of JSON is of a type; whole numbers are from 1 to `largest`."""
    if get_origin(hint) is Literal:
        return isinstance(value, str) and value in get_args(hint)
    if get_origin(hint) is UnionType:
        return any(_fits(value, choice, largest) for choice in get_args(hint))
    if get_origin(hint) is tuple:
        if not isinstance(value, list) or len(value) > largest:
            return False
        return all(_fits(entry, get_args(hint)[0], largest) for entry in value)
    if hint is type(None):
        return value is None
    if hint is int:
        return type(value) is int and 1 <= value <= largest
    return type(value) is hint


def checked_about(value: Any) -> dict[str, Any]:
    """What a file says of its own origin; raises ValueError where data or split are not what they can be."""
    if not isinstance(value, dict):
        raise ValueError("no origin is told")
    data, split = value.get("data", {}), value.get("split", {})
    if not isinstance(data, dict) or not isinstance(data.get("fingerprint", ""), str):
        raise ValueError("data is not described")
    if not is_path(data.get("path", "")):
        raise ValueError("the data lie at no path")
    if not isinstance(value.get("recipe", ""), str):
        raise ValueError("the recipe has no name")
    if not all(isinstance(value.get(key, {}), dict) for key in ("given", "start")):
        raise ValueError("what was set, or what it began with, is not described")
    if not isinstance(split, dict) or type(split.get("seed", 0)) is not int or not 0 <= split.get("seed", 0) < 2**32:
        raise ValueError("the split has no seed")
    if not all(_is_fraction(split.get(key, 0)) for key in ("validation_fraction", "test_fraction")):
        raise ValueError("the split has no fractions")
    return value


def is_path(value: Any) -> bool:
    """Whether a value is text that a system can take for a path, as `store.location.to_text` writes it."""
    return isinstance(value, str) and PATH.fullmatch(value) is not None


def _is_fraction(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and 0 <= value <= 0.5


def brief(text: object, *, at_most: int = 100) -> str:
    """Text of unknown length on one line of an error."""
    line = " ".join(str(text).split())
    return line if len(line) <= at_most else f"{line[:at_most]}…"


def is_number(value: Any) -> bool:
    """Whether an entry of a history can be drawn: a number that a float holds, a verdict, or nothing."""
    return value is None or type(value) in (bool, float) or (type(value) is int and abs(value) < 2**63)


def numbers_only(record: Mapping[str, Any]) -> bool:
    return all(map(is_number, record.values()))
