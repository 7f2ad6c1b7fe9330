"""Names from several columns, some of which hold no part of a name."""

import pytest

from charnn_cli.text.no_names import is_no_name, joined


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("Geoffrey", "Hinton"), "Geoffrey Hinton"),
        ((" Geoffrey ", ""), "Geoffrey"),
        (("N/A", "Hinton"), "Hinton"),
        (("Geoffrey", "[deleted]", "Hinton"), "Geoffrey Hinton"),
        (("None", "Null"), "None Null"),
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
