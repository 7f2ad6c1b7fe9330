"""Which origins a surname stands under, on small hand-made counts."""

from __future__ import annotations

import pytest
from builder import select
from builder.persons import Person
from builder.select import Entry, brazilian, counted, keeps_form, registered, shares
from builder.tally import Tally, count, read_origins


def people(origin: str, given: str, surname: str, times: int, particles: str = "") -> list[tuple[Person, str]]:
    """`times` persons of one name."""
    return [(Person(given, particles, surname), origin)] * times


@pytest.fixture
def tally() -> Tally:
    """Two countries with their own given names, and a few names in both."""
    persons = people("Italian", "Luigi", "Rossi", 30) + people("French", "Pierre", "Dupont", 30)
    persons += people("French", "Luigi", "Bianchi", 3)  # an immigrant
    persons += people("Italian", "Luigi", "Costa", 12) + people("French", "Pierre", "Costa", 8)
    persons += people("Italian", "Luigi", "Luca", 1) + people("Italian", "Luigi", "Luca", 9, "De ")
    return count(persons)


def test_a_foreign_given_name_does_not_count(tally: Tally) -> None:
    assert tally.is_home("Luigi", "Italian") is True
    assert tally.is_home("Luigi", "French") is False
    assert tally.is_home("Zaphod", "French") is None
    assert not tally.native["bianchi"]
    assert tally.foreign["French"] == 3


def test_shares_add_up_and_follow_rates(tally: Tally) -> None:
    costa = shares(tally, {}, "costa")
    assert sum(costa.values()) == pytest.approx(1)
    assert costa["Italian"] > costa["French"] > 0.3


def test_a_register_shares_too(tally: Tally) -> None:
    polish = {"rossi": ("Rossi", 1.0)}
    assert shares(tally, {"Polish": polish}, "rossi")["Italian"] < 0.1


def test_a_shared_name_stands_under_both(tally: Tally) -> None:
    lists = counted(tally, {})
    assert "costa" in lists["Italian"]
    assert "costa" in lists["French"]
    assert "dupont" in lists["French"]
    assert "dupont" not in lists["Italian"]
    assert "bianchi" not in lists["French"]


def test_the_form_that_bearers_use_is_kept(tally: Tally) -> None:
    lists = counted(tally, {})
    assert lists["Italian"]["de luca"] == Entry("De Luca", 9)
    assert "luca" not in lists["Italian"]
    assert keeps_form(tally, "de luca", "Italian")


def test_an_unproven_rare_name_needs_a_given_name_at_home() -> None:
    persons = people("French", "Pierre", "Dupont", 5) + people("French", "Xyzzy", "Plugh", 1)
    lists = counted(count(persons), {})
    assert set(lists["French"]) == {"dupont"}


def test_a_given_name_is_no_surname() -> None:
    persons = people("Spanish", "Carlos", "Ruiz", 9) + people("Spanish", "Ana", "Carlos", 1)
    persons += people("Spanish", "Ana", "Ruiz", 5)
    assert "carlos" not in counted(count(persons), {})["Spanish"]


def test_fathers_names_are_surnames_where_that_is_the_custom() -> None:
    persons = people("Arabic", "Hassan", "Salem", 9) + people("Arabic", "Salem", "Hassan", 4)
    assert "hassan" in counted(count(persons), {})["Arabic"]


def test_few_irish_bearers_prove_nothing_unless_the_name_is_gaelic() -> None:
    persons = (
        people("Irish", "John", "Poskitt", 2)
        + people("Irish", "John", "O'Hurley", 2)
        + people("Irish", "John", "Walsh", 9)
    )
    assert set(counted(count(persons), {})["Irish"]) == {"o'hurley", "walsh"}


def test_plainly_irish_names_are_not_english() -> None:
    """Kelly is common in England, where a fifth of it by rate belongs; a name as English as Irish stays English."""
    persons = people("Irish", "John", "Kelly", 60) + people("English", "John", "Kelly", 40)
    persons += people("Irish", "John", "Moore", 20) + people("English", "John", "Moore", 40)
    persons += people("English", "John", "Smith", 2000) + people("Irish", "John", "Walsh", 800)
    tally = count(persons)
    assert shares(tally, {}, "kelly")["Irish"] >= select.PLAINLY_IRISH
    lists = counted(tally, {})
    assert "kelly" in lists["Irish"]
    assert "kelly" not in lists["English"]
    assert {"moore", "smith"} <= set(lists["English"])


def test_rare_immigrants_names_are_not_spanish() -> None:
    persons = people("Spanish", "Juan", "Quispe", 2) + people("Spanish", "Juan", "Wilstermann", 2)
    persons += people("Spanish", "Juan", "Kempes", 2) + people("German", "Uwe", "Kempes", 1)
    assert set(counted(count(persons), {})["Spanish"]) == {"quispe"}


def test_patronymics_are_no_surnames() -> None:
    persons = people("Russian", "Anna", "Viktorovna", 9) + people("Russian", "Anna", "Viktorova", 9)
    assert set(counted(count(persons), {})["Russian"]) == {"viktorova"}


def test_south_slavic_names_are_left_to_their_register() -> None:
    persons = people("Greek", "Nikos", "Mihajlović", 4) + people("Greek", "Nikos", "Papadakis", 4)
    assert set(counted(count(persons), {})["Greek"]) == {"papadakis"}


def test_origins_to_compare_with_are_never_written() -> None:
    lists = counted(count(people("?Israeli", "Avi", "Cohen", 9)), {})
    assert lists == {}


def test_brazil_adds_names_that_others_lack() -> None:
    persons = people("?Brazilian", "Jorge", "Tavares", 4) + people("?Brazilian", "Jorge", "Rossi", 4)
    persons += people("Italian", "Luigi", "Rossi", 9)
    assert set(brazilian(count(persons), {})) == {"tavares"}


def test_a_register_keeps_what_others_do_not_own(tally: Tally) -> None:
    register = {"rossi": ("Rossi", 1e-6), "nowak": ("Nowak", 1e-6)}
    assert set(registered(tally, {"Polish": register})["Polish"]) == {"nowak"}


def test_every_nationality_has_one_origin() -> None:
    origins = read_origins()
    assert origins["Welsh"] == origins["British"] == "English"
    assert origins["Brazilian"].startswith("?")
    assert "American" not in origins
