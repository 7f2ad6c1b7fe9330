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


@pytest.mark.parametrize("parts", [("N/A", "N/A"), ("#REF!", "#REF!", "N/A"), ("<NA>", "\\N")])
def test_parts_that_are_none_of_them_a_name_are_no_name_together(parts: tuple[str, ...]) -> None:
    assert is_no_name(joined(part.encode() for part in parts).decode())
