"""Given names and family names by origin and script, from the tables of Faker, mimesis and other packages, and facts.

A pool is a dict of names with their weights; a couple is a pool of given names with the family names that go with it,
so that a Russian woman is Ivanova and an Icelandic one Jónsdóttir.
"""

from __future__ import annotations

import csv
import importlib
import importlib.resources
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from builder import facts
from builder.registers import all_registers
from builder.text import words

Pool = dict[str, float]
WORLD = Path(__file__).resolve().parents[1] / "names-world"
#: The national romanisation of Georgian (2002), in the order of the alphabet.
_GEORGIAN = dict(
    zip(
        "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
        words("a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h"),
        strict=True,
    )
)


class Couple(NamedTuple):
    """Names that go together, with what stands between them; `share` is of the origin's people."""

    script: str
    given: Pool
    family: Pool
    share: float = 1.0
    joint: str = " "
    family_first: bool = False
    closed: bool = False  # the family names are a known few, of which none is held back


def pool(*lists: Iterable[str] | Mapping[str, float]) -> Pool:
    """Each list weighs the same, its names by their weights or alike."""
    total: Pool = {}
    for names in lists:
        weights = dict(names) if isinstance(names, Mapping) else dict.fromkeys(names, 1.0)
        whole = sum(weights.values())
        for name, weight in weights.items():
            name = " ".join(name.split())
            if name:
                total[name] = total.get(name, 0.0) + weight / whole
    return total


def faker(locale: str, attribute: str) -> Iterable[str] | Mapping[str, float]:
    """One of Faker's tables for a locale, with weights where it has them."""
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    names: Iterable[str] | Mapping[str, float] = getattr(provider, attribute)
    return names


def mimesis(locale: str, kind: str, gender: str | None = None) -> list[str]:
    """mimesis's `names` or `surnames` of a locale, of men, of women or of both."""
    import mimesis as package  # build-only

    path = Path(package.__file__).parent / "datasets" / locale / "person.json"
    table = json.loads(path.read_text(encoding="utf-8"))[kind]
    if isinstance(table, list):
        return list(table)
    return [name for sex, names in table.items() if gender in (None, sex) for name in names]


def world(origin: str) -> list[str]:
    """The surnames of `names-world`."""
    return (WORLD / f"{origin}.txt").read_text(encoding="utf-8").splitlines()


def georgian_in_latin(name: str) -> str:
    """By the national system of 2002.

    >>> georgian_in_latin("გიორგი"), georgian_in_latin("ბერიძე"), georgian_in_latin("ჭავჭავაძე")
    ('Giorgi', 'Beridze', 'Chavchavadze')
    """
    letters = "".join(_GEORGIAN.get(letter, letter) for letter in name)
    return letters[:1].upper() + letters[1:]


def composed() -> dict[str, list[Couple]]:
    """Latin names of the origins of which no people, or few, are known."""
    registers = all_registers()

    def by_register(origin: str) -> Pool:
        known = dict(registers[origin].values())
        return {name: known.get(name, min(known.values())) for name in world(origin)}

    def known_first(origin: str, common: Iterable[str] | Mapping[str, float]) -> Pool:
        """Half of the people bear a common name, though as many Norwegians are called Jensen as Danes."""
        return pool(common, world(origin))

    polish, icelandic, slovene = by_register("Polish"), world("Icelandic"), world("Slovene")
    latin = "Latin"
    english = faker("en_GB", "first_names")
    scottish = pool(facts.words("scottish_given.txt"), english)
    georgian = [faker("ka_GE", name) for name in ("first_names", "last_names")]
    return {
        "Turkish": [
            Couple(
                latin,
                pool(facts.words("turkish_given.txt"), faker("tr_TR", "first_names"), mimesis("tr", "names")),
                known_first("Turkish", faker("tr_TR", "last_names")),
            )
        ],
        "Swedish": [
            Couple(latin, pool(faker("sv_SE", "first_names")), known_first("Swedish", faker("sv_SE", "last_names")))
        ],
        "Danish": [
            Couple(
                latin,
                pool(faker("da_DK", "first_names"), faker("da_DK", "first_names"), mimesis("da", "names")),
                known_first("Danish", faker("da_DK", "last_names")),
            )
        ],
        "Croatian": [
            Couple(
                latin,
                pool(faker("hr_HR", "first_names"), mimesis("hr", "names")),
                known_first("Croatian", mimesis("hr", "surnames")),
            )
        ],
        "Finnish": [Couple(latin, pool(faker("fi_FI", "first_names")), by_register("Finnish"))],
        "Polish": [
            Couple(
                latin,
                pool(faker("pl_PL", "first_names_male"), mimesis("pl", "names", "male")),
                {name: share for name, share in polish.items() if not name.endswith(("ska", "cka", "dzka"))},
            ),
            Couple(
                latin,
                pool(faker("pl_PL", "first_names_female"), mimesis("pl", "names", "female")),
                {name: share for name, share in polish.items() if not name.endswith(("ski", "cki", "dzki"))},
            ),
        ],
        "Slovene": [Couple(latin, pool(faker("sl_SI", "first_names")), pool(slovene))],
        "Icelandic": [
            Couple(
                latin,
                pool(faker("is_IS", f"first_names_{sex}"), mimesis("is", "names", sex)),
                pool([name for name in icelandic if name.endswith(ending)]),
            )
            for sex, ending in (("male", "son"), ("female", "dóttir"))
        ],
        "Scottish": [Couple(latin, scottish, pool(world("Scottish")))],
        "Georgian": [Couple(latin, *(pool(map(georgian_in_latin, names)) for names in georgian))],
    }


def japanese_given() -> tuple[Pool, Pool]:
    """Given names of Japan in kanji and in katakana: every reading weighs the same, and every spelling of it."""
    kanji: Pool = {}
    kana: Pool = {}
    for sex in ("man", "woman"):
        for row in _japanese(f"first_name_{sex}_opti.csv"):
            reading, spellings = row[0], [name for name in row[2:] if name]
            kana[katakana(reading)] = 1.0
            for name in spellings:
                kanji[name] = kanji.get(name, 0.0) + 1 / len(spellings)
    return kanji, kana


def japanese_family() -> tuple[Pool, Pool]:
    """Family names of Japan in kanji and in katakana, by the number of their bearers."""
    rows = [row for row in _japanese("last_name_org.csv") if len(row) >= 3 and row[1].isdigit()]
    kana: Pool = {}
    for row in rows:
        kana[katakana(row[2])] = kana.get(katakana(row[2]), 0.0) + float(row[1])
    return {row[0]: float(row[1]) for row in rows}, kana


def _japanese(name: str) -> list[list[str]]:
    folder = importlib.resources.files("japanese_personal_name_dataset") / "dataset"
    return list(csv.reader((folder / name).read_text(encoding="utf-8-sig").splitlines()))


def katakana(hiragana: str) -> str:
    """The same sounds in the other kana: their blocks stand 96 code points apart.

    >>> katakana("たなべ")
    'タナベ'
    """
    return "".join(chr(ord(letter) + 0x60) if "ぁ" <= letter <= "ゖ" else letter for letter in hiragana)


def hiragana(kana: str) -> str:
    """Inverse of `katakana`."""
    return "".join(chr(ord(letter) - 0x60) if "ァ" <= letter <= "ヶ" else letter for letter in kana)
