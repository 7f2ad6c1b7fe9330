"""Write the names that the model in the box learns from and is tested with: part of `make data`.

    python data/build_people.py [--output bench-data/box]

`train.csv`, `validation.csv` and `test.csv` have the columns name, origin, kind, form, script and times, the same bytes
each time. Kinds are `person` (of name2nat), `composed`, `surname` and `given`; `times` says how often a row counts, a
family name alone once for each who bears it. The files stay outside git: they hold full names of living people.
`data/SOURCES.md` says what is taken from where.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from builder.fetch import DATA_FOLDER, BuildError, read_nationalities, require_build_packages

try:
    require_build_packages()
except BuildError as error:
    sys.exit(f"build_people: error: {error}")

from builder.assemble import family_name_tables
from builder.compose import compose, fraction
from builder.forms import FAMILY_ALONE, GIVEN_ALONE, PARTS, TESTED, form, some_forms
from builder.own_scripts import own_scripts
from builder.people import Bearer, brazilians, of_name2nat, person_key
from builder.pools import WORLD, Couple, composed, world
from builder.text import fold
from builder.write import write_text

from charnn_cli.data import TEST, read, split
from charnn_cli.text import TextRules

#: Shares of people, by a hash of their names' words.
TESTED_SHARE, VALIDATION_SHARE = 0.06, 0.05
#: Most people of an origin: to learn from, to validate and to test with.
MOST_PEOPLE, MOST_VALIDATION, MOST_TEST = 16000, 200, 300
COMPOSED, COMPOSED_HELD = 9000, 300
OWN_SCRIPT, OWN_SCRIPT_HELD = 3000, 200
#: Origins whose own script needs more names to be read, or is shared with many more people.
SCRIPT_SIZES = {
    "Arabic": 2.5,
    "Bulgarian": 1.5,
    "Chinese": 3.0,
    "Indian": 3.5,
    "Japanese": 4.0,
    "Korean": 3.0,
    "Nepali": 0.15,
    "Persian": 1.5,
    "Russian": 1.5,
    "Ukrainian": 1.5,
}
#: Rows of an origin's people that are aimed at, by more forms of each where there are few.
ROWS_AIMED_AT, FEWEST_FORMS, MOST_FORMS = 15000, 0.4, 3.0
#: Of people to learn from, the shares whose family name and first given name are rows of their own, each time anew.
FAMILY_ALONE_SHARE, GIVEN_ALONE_SHARE = 0.4, 0.1
SURNAME_TIMES, GIVEN_TIMES = 3, 3  # how often a name of the lists counts
GIVEN_SHARE, LEAST_BEARERS, MOST_GIVEN, PRIOR_PEOPLE = 1 / 3, 2, 1500, 1000
#: Origins of which name2nat knows nobody, whose surnames others bear who descend from there.
UNKNOWN = ("Turkish", "Swedish", "Danish", "Croatian", "Finnish", "Polish", "Icelandic")
COMPOSED_BEARERS = 3000  # people that a composed origin's given names count for


class Row(NamedTuple):
    name: str
    origin: str
    kind: str
    form: str
    script: str
    times: int = 1


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the names that the model in the box learns from.")
    default = DATA_FOLDER.parent / "bench-data" / "box"
    parser.add_argument("--output", type=Path, default=default, help="the folder (bench-data/box)")
    folder: Path = parser.parse_args().output
    sides = build()
    total = hashlib.sha256()
    for side, rows in sides.items():
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(Row._fields)
        writer.writerows(rows)
        write_text(folder / f"{side}.csv", text.getvalue())
        total.update((folder / f"{side}.csv").read_bytes())
        print(f"{side}: {len(rows)} rows;", dict(sorted(Counter(f"{row.kind} {row.script}" for row in rows).items())))
    print(f"sha256 of all: {total.hexdigest()}")


def build() -> dict[str, list[Row]]:
    """The rows of each side."""
    nationalities = read_nationalities()
    couples = composed()
    people, tested = _people(nationalities)
    test = [row for bearer in tested["test"] for row in _tested(bearer, "person", "Latin")]
    validation = [row for bearer in tested["validation"] for row in _tested(bearer, "person", "Latin")]
    train = [row for origin in sorted(people) for row in _taught(people[origin], "person")]
    for origin, sets in [*couples.items(), *own_scripts().items()]:
        is_latin = sets[0].script == "Latin"
        number = round(COMPOSED if is_latin else OWN_SCRIPT * SCRIPT_SIZES.get(origin, 1))
        held = COMPOSED_HELD if is_latin else OWN_SCRIPT_HELD
        for place, (bearer, script) in enumerate(compose(origin, sets, 2 * held, held_out=True)):
            side = test if place % 2 else validation
            side += _tested(bearer, "composed", script)
        train += _composed(origin, sets, number)
    _add_surnames(train, validation, test)
    _add_given(people, couples, train, validation, test)
    return _apart(train, validation, test)


def _people(nationalities: dict[str, list[str]]) -> tuple[dict[str, list[Bearer]], dict[str, list[Bearer]]]:
    """The people to learn from, by origin, and those held out, by side."""
    tables = family_name_tables(nationalities)
    known = {origin: frozenset(table) for origin, table in tables.items()}
    scottish = frozenset(map(fold, world("Scottish"))) - frozenset(map(fold, world("English")))
    portuguese = frozenset(map(fold, world("Portuguese"))) - frozenset(map(fold, world("Italian")))
    everyone = [*of_name2nat(nationalities, known, scottish), *brazilians(nationalities, portuguese)]
    foreign = _foreign(sorted({bearer.origin for bearer in everyone}))
    by_key: defaultdict[str, list[Bearer]] = defaultdict(list)
    for bearer in everyone:
        by_key[bearer.key].append(bearer)
    train: defaultdict[str, list[Bearer]] = defaultdict(list)
    held: dict[str, defaultdict[str, list[Bearer]]] = {"test": defaultdict(list), "validation": defaultdict(list)}
    for key in sorted(by_key, key=fraction):
        place = fraction(f"side {key}")
        for bearer in by_key[key]:
            if place < TESTED_SHARE:
                held["test"][bearer.origin].append(bearer)
            elif place < TESTED_SHARE + VALIDATION_SHARE:
                held["validation"][bearer.origin].append(bearer)
            elif len(train[bearer.origin]) < MOST_PEOPLE and fold(bearer.family) not in foreign[bearer.origin]:
                train[bearer.origin].append(bearer)
    apart = {
        side: [bearer for origin in sorted(people) for bearer in people[origin][:most]]
        for (side, people), most in zip(held.items(), (MOST_TEST, MOST_VALIDATION), strict=True)
    }
    return train, apart


def _foreign(origins: list[str]) -> dict[str, frozenset[str]]:
    """Folded surnames that none of an origin's people is to be learned with.

    Of some origins name2nat knows nobody, so that a Turk's name would be learned as that of a Georgian.
    """
    own = {origin: frozenset(map(fold, world(origin))) for origin in origins if (WORLD / f"{origin}.txt").exists()}
    unknown = frozenset(fold(name) for origin in UNKNOWN for name in world(origin))
    return {origin: unknown - own.get(origin, frozenset()) for origin in origins}


def _tested(bearer: Bearer, kind: str, script: str) -> Iterator[Row]:
    """Every form of a held-out person's name, in Latin letters; elsewhere as it is spelled."""
    for shape in ("plain", *TESTED) if script == "Latin" else ("plain",):
        written = form(bearer, shape)
        if written is not None:
            yield Row(written, bearer.origin, kind, shape, script)


def _taught(bearers: list[Bearer], kind: str, script: str = "Latin") -> Iterator[Row]:
    number = min(MOST_FORMS, max(FEWEST_FORMS, ROWS_AIMED_AT / max(len(bearers), 1) - 1))
    for bearer in bearers:
        yield from _taught_of(bearer, kind, script, number)


def _taught_of(bearer: Bearer, kind: str, script: str, number: float) -> Iterator[Row]:
    """The name as spelled, about so many other forms of it, and sometimes a part alone."""
    yield Row(bearer.name, bearer.origin, kind, "plain", script)
    draw = random.Random(bearer.name)
    for written in sorted(some_forms(bearer, int(number + draw.random()), draw)):
        yield Row(written, bearer.origin, kind, "other", script)
    for shape, share in ((FAMILY_ALONE, FAMILY_ALONE_SHARE), (GIVEN_ALONE, GIVEN_ALONE_SHARE)):
        written = form(bearer, shape) if draw.random() < share else None
        if written is not None:
            yield Row(written, bearer.origin, kind, shape, script)


def _composed(origin: str, couples: list[Couple], number: int) -> Iterator[Row]:
    for bearer, script in compose(origin, couples, number, held_out=False):
        if script == "Latin":
            yield from _taught_of(bearer, "composed", script, 1.0)
            continue
        yield Row(bearer.name, bearer.origin, "composed", "plain", script)
        draw = random.Random(bearer.name)
        if draw.random() < 0.3:  # of names in other scripts each part alone, or the other order
            shapes = {"reversed", GIVEN_ALONE, FAMILY_ALONE} if " " in bearer.name else {GIVEN_ALONE}
            written = form(bearer, draw.choice(sorted(shapes)))
            if written is not None:
                yield Row(written, origin, "composed", "other", script)


def _add_surnames(train: list[Row], validation: list[Row], test: list[Row]) -> None:
    """The surnames of `names-world`; tested with are some that the model of the surnames alone was tested with too."""
    dataset = read(WORLD, rules=TextRules())
    sides = split(dataset, seed=0, validation_fraction=0.1, test_fraction=0.1)
    for name, text, label, side in zip(dataset.names, dataset.texts, dataset.origins, sides, strict=True):
        place = fraction(f"surname {text}")
        row = Row(name, dataset.labels[label], "surname", "plain", "Latin", SURNAME_TIMES)
        (test if side == TEST and place < 0.5 else validation if side != TEST and place < 0.05 else train).append(row)


def _add_given(
    people: dict[str, list[Bearer]],
    couples: dict[str, list[Couple]],
    train: list[Row],
    validation: list[Row],
    test: list[Row],
) -> None:
    """Given names of which one origin's share is a third or more of the sum of their rates."""
    rates: defaultdict[str, dict[str, float]] = defaultdict(dict)
    bearers: Counter[tuple[str, str]] = Counter()
    for origin, theirs in people.items():
        counts = Counter(_first_name(bearer) for bearer in theirs if bearer.given)
        for name, count in counts.items():
            rates[name][origin] = count / (len(theirs) + PRIOR_PEOPLE)
            bearers[name, origin] = count
    for origin, sets in couples.items():
        for couple in sets:
            whole = sum(couple.given.values()) * len(sets)
            for name, weight in couple.given.items():
                share = weight / whole
                rates[name][origin] = rates[name].get(origin, 0.0) + share
                bearers[name, origin] += max(LEAST_BEARERS, round(share * COMPOSED_BEARERS))
    chosen: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for name, by_origin in rates.items():
        for origin, rate in by_origin.items():
            known = bearers[name, origin]
            if rate >= GIVEN_SHARE * sum(by_origin.values()) and known >= LEAST_BEARERS and len(name) > 2:
                chosen[origin].append((-known, name))
    for origin in sorted(chosen):
        for _, name in sorted(chosen[origin])[:MOST_GIVEN]:
            place = fraction(f"given {fold(name)}")
            row = Row(name, origin, "given", "plain", "Latin", GIVEN_TIMES)
            (test if place < 0.08 else validation if place < 0.13 else train).append(row)


def _first_name(bearer: Bearer) -> str:
    """The first given name, or both of a family-first name, which belong together."""
    return " ".join(bearer.given) if bearer.name.startswith(bearer.family + " ") else bearer.given[0]


def _apart(train: list[Row], validation: list[Row], test: list[Row]) -> dict[str, list[Row]]:
    """No name of a side, whatever the order and the spelling of its words, is in another; the test names come first.

    But for the family names alone of held-out people: Smith is learned, whoever of that name is tested.
    """
    tested = {person_key(row.name) for row in test if row.form != FAMILY_ALONE}
    validation = [row for row in validation if person_key(row.name) not in tested]
    held = tested | {person_key(row.name) for row in validation if row.form != FAMILY_ALONE}
    train = [row for row in train if person_key(row.name) not in held]
    return {side: _once(rows) for side, rows in (("train", train), ("validation", validation), ("test", test))}


def _once(rows: Iterable[Row]) -> list[Row]:
    """Each row once; parts of people's names with the number of those who bear them."""
    return [row._replace(times=count) if row.form in PARTS else row for row, count in Counter(rows).items()]


if __name__ == "__main__":
    try:
        main()
    except BuildError as error:
        sys.exit(f"build_people: error: {error}")
