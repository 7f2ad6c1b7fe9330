"""Names from several columns, some of which hold no part of a name."""

import pytest

from charnn_cli.text import TextRules, normalise
from charnn_cli.text.no_names import is_no_name, joined
from charnn_cli.text.parts import name_parts
from charnn_cli.text.rules import undecidable


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("Geoffrey", "Hinton"), "Geoffrey Hinton"),
        ((" Geoffrey ", ""), "Geoffrey"),
        (("N/A", "Hinton"), "Hinton"),
        (("Geoffrey", "[deleted]", "Hinton"), "Geoffrey Hinton"),
        (("None", "Null"), "None Null"),
        (("Unknown", "Hinton"), "Hinton"),
        (("UNKNOWN", "Unknown"), "UNKNOWN Unknown"),
        (("Unknown", "N/A"), "Unknown"),
        (("Amy (Lee)", "Smith"), "Amy (Lee) Smith"),
        (("", ""), ""),
    ],
)
def test_a_part_that_is_no_name_is_left_out(parts: tuple[str, ...], name: str) -> None:
    assert joined(part.encode() for part in parts).decode() == name


@pytest.mark.parametrize("parts", [("N/A", "N/A"), ("#REF!", "#REF!", "N/A"), ("<NA>", "\\N"), ("Dr.", "N/A")])
def test_parts_that_are_none_of_them_a_name_are_no_name_together(parts: tuple[str, ...]) -> None:
    assert is_no_name(joined(part.encode() for part in parts).decode())


@pytest.mark.parametrize(
    "name", ['"N/A"', "N/A;", "-N/A-", "=#N/A", "'<NA>'", "n\\a", "{{ name }}", "${name}", "Mr. N/A", "Mrs [deleted]"]
)
def test_signs_and_titles_around_a_mark_make_no_name_of_it(name: str) -> None:
    assert is_no_name(name)


@pytest.mark.parametrize(
    "name", ['"Hinton"', "=Hinton", "Mr. Hinton (N/A)", "Dr. Lee", "Anna/Ann", '"Bud" [Ashby] Lee']
)
def test_signs_around_a_name_leave_it_one(name: str) -> None:
    assert not is_no_name(name)


NOBODY = """Unknown|UNBEKANNT|Unknown, Unknown|TBD|Dr.|Prof. Dr.|Mr. Unknown|Keine Angabe|não informado|N.N.|неизвестно|
不明|Acme Inc.|Müller GmbH & Co. KG|people.csv|Acme.com"""
SOMEBODY = "None Null Test Guest Herr Frau Sir Limited Corp Anna_Unknown No Nan Ms"


@pytest.mark.parametrize("name", [name.strip() for name in NOBODY.split("|")])
@pytest.mark.parametrize("casefold", [True, False])
def test_words_that_are_nobody_s_name_are_no_name(name: str, casefold: bool) -> None:
    rules = TextRules(casefold=casefold, scripts=("CJK",))
    assert (normalise(name, rules), undecidable(name, rules)) == ("", "no_name")


@pytest.mark.parametrize("name", [name.replace("_", " ") for name in SOMEBODY.split()])
def test_words_that_are_somebody_s_name_stay_one(name: str) -> None:
    assert undecidable(name, TextRules()) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Anna Schmidt (verstorben)", "anna schmidt"),
        ("Anna Schmidt [deceased] ", "anna schmidt"),
        ("王 Anna（注）", "王 anna"),
        ("Anna (Ann) Schmidt", "anna ann schmidt"),
        ("(Schmidt)", "schmidt"),
        ("Anna (a (b))", "anna a b"),
    ],
)
def test_what_stands_in_brackets_behind_a_name_is_no_part_of_it(name: str, text: str) -> None:
    assert normalise(name, TextRules(scripts=("CJK",))) == text


def test_the_family_name_stands_before_the_brackets() -> None:
    parts = name_parts("Anna Schmidt (verstorben)")
    assert parts is not None
    assert parts.family == "Schmidt"
