"""Names of people: their parts, their forms, who is held out, and what is composed."""

from __future__ import annotations

import doctest
import random

import pytest
from builder import compose, forms, people, pools
from builder.people import Bearer, brazilians, clean, of_name2nat, parted, person_key
from builder.pools import Couple

KIM = Bearer("Kim Min-jun", ("Min-jun",), "Kim", "Korean")
BERG = Bearer("Jan Pieter van der Berg", ("Jan", "Pieter"), "van der Berg", "Dutch")


@pytest.mark.parametrize("module", [compose, forms, people, pools])
def test_examples_in_the_documentation(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Ann &amp; Bo", None),
        ("Prince Harry", None),
        ("Sister Jesme", None),
        ("Son Heung-min", "Son Heung-min"),
        ("Nobody of Nowhere", None),
        ("DJ 3000", None),
        ("A Name Of Six Words Here", None),
        ("Robert Downey Jr.", None),
        ("Neptali Gonzales II", None),
        ("Zoë O’Brien-Ó Sé", "Zoë O’Brien-Ó Sé"),
    ],
)
def test_titles_of_articles(title: str, name: str | None) -> None:
    assert clean(title) == name


def test_persons_are_known_by_their_words_whatever_the_order_the_marks_and_the_signs() -> None:
    names = ["Kenji Tanabe", "Tanabe, Kenji", "TANABE KENJI", "Kénji  Tanabe."]
    assert {person_key(name) for name in names} == {"kenji tanabe"}
    assert person_key("Kim Min-jun") == person_key("Min-Jun, Kim") == "jun kim min"
    assert person_key("K. Tanabe") != person_key("Kenji Tanabe")


def test_parts_by_the_custom_of_the_origin() -> None:
    known = {"Korean": frozenset({"kim"})}
    assert parted("Kim Min-jun", "Korean", known) == KIM
    assert parted("Min-jun Kim", "Korean", known).given == ("Min-jun",)
    assert parted("Psy Ho", "Korean", known) == Bearer("Psy Ho", (), "", "Korean")
    assert parted("José Ortega y Gasset", "Spanish", {}).family == "Gasset"
    assert parted("U Thant", "Burmese", {}).family == ""


def test_people_of_two_origins_are_left_out_and_britons_of_scottish_names_are_scottish() -> None:
    table = {
        "Ann Smith": ["British"],
        "Ann Abernethy": ["British", "American"],
        "Bob Abernethy": ["English"],
        "Carla Rossi": ["Italian", "French"],
        "Dora Silva": ["Brazilian"],
        "Ewa Muster": ["Brazilian"],
    }
    found = of_name2nat(table, {}, frozenset({"abernethy"}))
    assert [(bearer.name, bearer.origin) for bearer in found] == [
        ("Ann Smith", "English"),
        ("Ann Abernethy", "Scottish"),
        ("Bob Abernethy", "English"),
    ]
    assert [bearer.name for bearer in brazilians(table, frozenset({"silva"}))] == ["Dora Silva"]


FORMS = [
    (KIM, "reversed", "Min-jun Kim"),
    (KIM, "comma", "Kim, Min-jun"),
    (KIM, "initial before", "M. Kim"),
    (KIM, "initial behind", "Kim M"),
    (KIM, "capitals", "KIM, MIN-JUN"),
    (KIM, "middle initial", None),
    (BERG, "reversed", "van der Berg Jan Pieter"),
    (BERG, "initials before", "J. P. van der Berg"),
    (BERG, "middle initial", "Jan P. van der Berg"),
    (BERG, "given alone", "Jan"),
    (BERG, "family alone", "van der Berg"),
    (BERG, "title", "Dr. Jan Pieter van der Berg"),
    (Bearer("U Thant", (), "", "Burmese"), "reversed", None),
    (Bearer("U Thant", (), "", "Burmese"), "suffix", "U Thant Jr."),
]


@pytest.mark.parametrize(("bearer", "kind", "written"), FORMS, ids=[f"{b.name} {kind}" for b, kind, _ in FORMS])
def test_forms(bearer: Bearer, kind: str, written: str | None) -> None:
    assert forms.form(bearer, kind) == written


def test_every_form_that_is_tested_or_taught_can_be_made() -> None:
    for kind in {*forms.TESTED, *forms.WEIGHTS}:
        assert forms.form(BERG, kind), kind
    assert forms.some_forms(BERG, 5, random.Random(0)) == forms.some_forms(BERG, 5, random.Random(0))


def test_nobody_to_learn_from_bears_a_part_that_is_held_back_and_everybody_held_out_does() -> None:
    names = {f"Name{number}": 1.0 for number in range(300)}
    couple = Couple("Latin", names, {f"Family{number}": 1.0 for number in range(300)})
    taught = [bearer for bearer, _ in compose.compose("Nowhere", [couple], 300, held_out=False)]
    tested = [bearer for bearer, _ in compose.compose("Nowhere", [couple], 300, held_out=True)]
    assert not any(compose.is_held_back(part) for bearer in taught for part in (*bearer.given, bearer.family))
    assert all(compose.is_held_back(bearer.given[0]) or compose.is_held_back(bearer.family) for bearer in tested)
    assert taught == [bearer for bearer, _ in compose.compose("Nowhere", [couple], 300, held_out=False)]


def test_the_commonest_names_are_for_all() -> None:
    held = next(name for number in range(1000) if compose.is_held_back(name := f"Name{number}"))
    names = {f"Name{number}": 1.0 for number in range(300)} | {held: 400.0}
    taught = compose.compose("Nowhere", [Couple("Latin", names, {"Smith": 1.0})], 50, held_out=False)
    assert held in {bearer.given[0] for bearer, _ in taught}


def test_a_pool_weighs_its_lists_alike() -> None:
    assert pools.pool(["a", "b"], {"b": 3.0, "c": 1.0}) == {"a": 0.5, "b": 1.25, "c": 0.25}
