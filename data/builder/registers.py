"""Surnames from registers and lists, each with the share of people who bear it.

A register says in which order surnames are common, not how common: the share of rank r is taken from Zipf's law,
fitted by hand to published Polish counts (Nowak 0.55 %, rank 1,000 about 0.01 %, rank 15,000 about 0.0005 %).
A list without order covers about half of a people, evenly spread.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from builder import facts
from builder.fetch import FINNISH_REGISTER, POLISH_REGISTER, read_register
from builder.text import capitalise, fold, is_surname, tidy

Register = dict[str, tuple[str, float]]  # folded surname -> (spelling, share of people)

LIST_COVERAGE = 0.5
#: Only these female forms differ from the male ones in Polish: -ska, -cka, -dzka.
POLISH_FEMALE = ("ska", "cka", "dzka")


def zipf_share(rank: int) -> float:
    """The share of people who bear the surname of this rank, counted from 0."""
    return float(0.0055 / (1 + rank / 10) ** 0.95)


def ranked(names: Iterable[str]) -> Register:
    """A register in the order of frequency."""
    register: Register = {}
    for rank, name in enumerate(names):
        _add(register, name, zipf_share(rank))
    return register


def unranked(names: Sequence[str]) -> Register:
    """A list without order."""
    register: Register = {}
    for name in names:
        _add(register, name, LIST_COVERAGE / len(names))
    return register


def _add(register: Register, name: str, share: float) -> None:
    spelled = tidy(capitalise(name))
    if is_surname(spelled) and "-" not in spelled and " " not in spelled:
        register.setdefault(fold(spelled), (spelled, share))


def polish() -> Register:
    """Male surnames of the PESEL register, and the female forms that differ from them."""
    register = ranked(read_register(POLISH_REGISTER, "maleLastnames.json"))
    females = ranked(read_register(POLISH_REGISTER, "femaleLastnames.json"))
    for name, entry in females.items():
        if name.endswith(POLISH_FEMALE):
            register.setdefault(name, entry)
    return register


def faker_list(locale: str, attribute: str = "last_names") -> list[str]:
    """One of Faker's tables, which may weigh its names."""
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    return list(getattr(provider, attribute))


def mimesis_list(locale: str) -> list[str]:
    """mimesis's surnames for a locale, men's and women's together."""
    import mimesis  # build-only, like Faker

    path = Path(mimesis.__file__).parent / "datasets" / locale / "person.json"
    surnames = json.loads(path.read_text(encoding="utf-8"))["surnames"]
    return list(surnames) if isinstance(surnames, list) else [name for part in surnames.values() for name in part]


def all_registers() -> dict[str, Register]:
    """The origins that name2nat's nationalities lack."""
    return {
        "Polish": polish(),
        "Finnish": ranked(read_register(FINNISH_REGISTER, "lastnames.json")),
        "Swedish": unranked(faker_list("sv_SE") + mimesis_list("sv")),
        "Danish": unranked(faker_list("da_DK") + mimesis_list("da")),
        "Croatian": unranked(faker_list("hr_HR") + mimesis_list("hr")),
        "Turkish": unranked(sorted({*faker_list("tr_TR"), *mimesis_list("tr"), *facts.words("turkish.txt")})),
        "Slovene": unranked(faker_list("sl_SI")),
        "Icelandic": unranked(mimesis_list("is")),
    }
