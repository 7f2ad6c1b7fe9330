"""The shares of origins that a user expects, from words or a file."""

import csv
import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import DataError, UsageError

TRAINING, UNIFORM = "training", "uniform"
LARGEST = 2**24  # bytes; some hundred for each of a hundred thousand labels


def read_priors(wish: str, labels: tuple[str, ...]) -> NDArray[np.float64] | None:
    """Shares (C,) summing to 1, or None for those of the training split.

    `wish` is `training`, `uniform`, or a file that gives each label a share or a count: a JSON object, or lines of
    label and number with a comma or a tab between. Raises UsageError or DataError.
    """
    if wish == TRAINING:
        return None
    if wish == UNIFORM:
        return np.full(len(labels), 1 / len(labels))
    text = small_text(wish, f"give {TRAINING}, {UNIFORM}, list or a file of shares", "prior", "shares")
    shares = _from_json(text, wish) if text.lstrip().startswith("{") else _from_lines(text, wish)
    unknown = sorted(set(shares) - set(labels))
    missing = [label for label in labels if label not in shares]
    if unknown or missing:
        name = (unknown or missing)[0]
        what = f"'{name}' is no label of this model" if unknown else f"no share for '{name}'"
        raise DataError(what, f"give a number to each of: {', '.join(labels)}", where=wish)
    values = np.array([shares[label] for label in labels])
    if not (np.isfinite(values).all() and (values >= 0).all() and values.any()):
        raise DataError("a share is negative or not finite, or all are 0", "give shares or counts", where=wish)
    values /= values.max()  # the sum of large numbers is none
    total: NDArray[np.float64] = values / values.sum()
    return total


def small_text(wish: str, words: str, name: str, what: str) -> str:
    """The text of a file that gives each origin something, `what`; `words` say what else could be wished.

    Raises UsageError where there is none, DataError where it cannot be read or is far too large.
    """
    if not wish:
        raise UsageError(f"the {name} is empty", words)
    try:
        with open(wish, "rb") as stream:
            content = stream.read(LARGEST + 1)
    except FileNotFoundError:
        raise UsageError(f"the {name} '{wish}' is no file", words) from None
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", words, where=wish) from None
    if len(content) > LARGEST:
        raise DataError(f"is larger than {what} can be ({LARGEST:,} bytes)", words, where=wish)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError("is not UTF-8", "save it as UTF-8 text", where=wish) from None


def _from_json(text: str, where: str) -> dict[str, float]:
    try:
        shares = json.loads(text, object_pairs_hook=_without_repeats)
        return {label: _number(share) for label, share in shares.items()}
    except (ValueError, RecursionError, OverflowError) as error:
        raise DataError(f"no JSON object of numbers ({error})", 'write {"LABEL": SHARE, ...}', where=where) from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"'{key}' comes twice")
        found[key] = value
    return found


def _from_lines(text: str, where: str) -> dict[str, float]:
    lines = text.splitlines()
    shares: dict[str, float] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            fields = next(csv.reader([line], delimiter="\t" if "\t" in line else ","))
            label, share = fields[0].strip(), _number(fields[1])
        except (IndexError, ValueError, csv.Error):
            if number == 1:
                continue  # names of the columns
            raise DataError("no label and number", "write LABEL,SHARE", where=where, line=number) from None
        if label in shares:
            raise DataError(f"'{label}' comes twice", "keep one of them", where=where, line=number)
        shares[label] = share
    return shares


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{value!r} is no number")
    number = float(value)
    if math.isnan(number):
        raise ValueError("NaN is no share")
    return number
