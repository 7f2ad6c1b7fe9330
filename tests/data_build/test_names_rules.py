"""How a title becomes a person, and a person a surname."""

from __future__ import annotations

import pytest
from builder.collect import attested, collect, split_known
from builder.order import family_first
from builder.persons import key, parse
from builder.text import capitalise, fold, is_surname, tidy
from builder.titles import name_words


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Marie Curie", ["Marie", "Curie"]),
        ("Antônio Amaral Filho", ["Antônio", "Amaral"]),
        ("Martin Luther King Jr.", ["Martin", "Luther", "King"]),
        ("Martin Luther King, Jr.", ["Martin", "Luther", "King"]),
        ("John &quot;Grizzly&quot; Adams", ["John", "Adams"]),
        ("Dermot O’Hurley", ["Dermot", "O'Hurley"]),
        ("Neil Young", ["Neil", "Young"]),
    ],
)
def test_ordinary_names_keep_their_words(title: str, words: list[str]) -> None:
    assert name_words(title) == words


@pytest.mark.parametrize(
    "title",
    [
        "Leena",  # one word: a stage name
        "826aska Nova",
        "Andrew II of Hungary",
        "Louis XIV",
        "DJ Shadow",
        "Lady Gaga",
        "Young Thug",
        "Swami Vivekananda",
        "Thomas Southwell, 3rd Viscount Southwell",
        "Vico Jr",
        "Malcolm X",
        "Sayadaw U Narada",
    ],
)
def test_stage_names_titles_and_rulers_are_refused(title: str) -> None:
    assert name_words(title) is None


@pytest.mark.parametrize(
    ("name", "origin", "surname"),
    [
        ("Marco van der Berg", "Dutch", "van der Berg"),
        ("Marco van der Berg", "English", "Berg"),
        ("Paolo de Luca", "Italian", "De Luca"),
        ("João dos Santos", "Portuguese", "dos Santos"),
        ("Ana de la Cruz", "Spanish", "de la Cruz"),
        ("Otto von Bismarck", "German", "von Bismarck"),
        ("Seán Ó Briain", "Irish", "Ó Briain"),
        ("Ahmed al-Ghamdi", "Arabic", "Al-Ghamdi"),
        ("Ahmed El Amrani", "Arabic", "El Amrani"),
        ("Sidi Ben Ali", "Arabic", "Ben Ali"),
        ("Ali Hassan", "Arabic", "Hassan"),
    ],
)
def test_particles_belong_to_the_surname_by_local_custom(name: str, origin: str, surname: str) -> None:
    person = parse(name.split(), origin)
    assert person is not None
    assert person.particles + person.surname == surname
    assert key(person) == fold(surname)


@pytest.mark.parametrize("origin", ["French", "Arabic"])
def test_double_barrelled_names_are_left_out(origin: str) -> None:
    assert parse(["Anne", "Dupont-Durand"], origin) is None


def test_a_spanish_nickname_is_no_surname() -> None:
    assert parse(["Rafael", "El", "Fisgón"], "Spanish") is None
    assert parse(["Ahmed", "El", "Amrani"], "Arabic") is not None


def test_a_noble_d_stays_small_in_french() -> None:
    french, italian = parse(["Gabrielle", "d'Estrées"], "French"), parse(["Beverly", "D'Angelo"], "Italian")
    assert french is not None
    assert french.surname == "d'Estrées"
    assert italian is not None
    assert italian.surname == "D'Angelo"


def test_a_particle_is_never_the_given_name() -> None:
    person = parse(["De", "Luca"], "Italian")
    assert person is not None
    assert person.particles == ""


@pytest.mark.parametrize(
    ("name", "folded"),
    [("Müller", "muller"), ("Łuczak", "luczak"), ("Straß", "strass"), ("Đặng", "dang"), ("O’Brien", "o'brien")],
)
def test_fold_drops_case_and_marks(name: str, folded: str) -> None:
    assert fold(name) == folded
    assert fold(folded) == folded


@pytest.mark.parametrize("name", ["de Luca", "O'Brien", "Nguyễn", "Ng", "Al-Ghamdi", "D'Angelo", "Ch'oe"])
def test_surnames_pass(name: str) -> None:
    assert is_surname(name)


@pytest.mark.parametrize("name", ["", "X", "DJ", "Smith2", "Сидоров", "A" * 30, "-", "Smith,", "Al--Ghamdi!", "_a"])
def test_other_words_do_not(name: str) -> None:
    assert not is_surname(name)


def test_tidy_and_capitalise() -> None:
    assert tidy("  o’Brien- ") == "O'Brien"
    assert tidy("Nova\u0301k") == "Novák"
    assert capitalise("żmudzin") == "Żmudzin"
    assert capitalise("de la cruz", frozenset({"de", "la"})) == "de la Cruz"


def test_family_first_origins_take_the_known_family_name_from_either_end() -> None:
    korean = frozenset({"kim"})
    ahead, behind = split_known(["Kim", "Min-jae"], korean), split_known(["Min-jae", "Kim"], korean)
    assert ahead is not None
    assert ahead == behind
    assert split_known(["Ventus", "Lau"], korean) is None


def test_old_japanese_names_are_turned() -> None:
    """The words of `Oda Nobunaga` are a family name and a given name elsewhere, in that order."""
    given, family = ["ken", "jun", "nobunaga", "aki", "yuki"], ["oda", "mori", "sato", "kato", "ito"]
    modern = [(first, last) for first in given for last in family]
    assert not any(family_first(modern))
    assert family_first([*modern, ("oda", "nobunaga")])[-1]


def test_collect_follows_nationalities() -> None:
    table = {"Kim Min-jae": ["Korean"], "Luca De Luca": ["Italian"], "Zed Zedd": ["Martian"], "Madonna": ["American"]}
    found = {
        (person.particles + person.surname, origin) for person, origin in collect(table, {"Korean": frozenset({"kim"})})
    }
    assert found == {("Kim", "Korean"), ("De Luca", "Italian")}


def test_attested_counts_only_the_nations_named() -> None:
    table = {"Tan Wei Ming": ["Singaporean"], "Amy Tan": ["American"], "Lim Tan": ["Singaporean"]}
    candidates = frozenset({"tan", "lim"})
    assert attested(table, candidates, frozenset({"Singaporean"}), least=2) == {"tan"}
