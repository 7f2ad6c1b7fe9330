"""Which word of a person's name is the family name, as far as the spelling tells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.text.parts import NameParts, name_parts, writes_family_first

PARTS = {
    "Geoffrey Hinton": ("Hinton", "Geoffrey"),
    "Hinton, Geoffrey E.": ("Hinton", "Geoffrey"),
    "García Márquez,Gabriel": ("García Márquez", "Gabriel"),
    "Dr. Geoffrey Everest Hinton, PhD": ("Hinton", "Geoffrey Everest"),
    "Smith Jr., John": ("Smith", "John"),
    "Kenji Tanabe 0001": ("Tanabe", "Kenji"),
    'Robert "Bob" Smith': ("Smith", "Robert Bob"),
    "Ludwig van der Berg": ("van der Berg", "Ludwig"),
    "Ángel Di María": ("Di María", "Ángel"),
    "Van Morrison": ("Morrison", "Van"),
    "K. Tanabe": ("Tanabe", ""),
    "Tanabe K": ("Tanabe", ""),
    "J.R.R. Tolkien": ("Tolkien", ""),
    "A. Le Goff": ("Le Goff", ""),
    "Mr. Smith": ("Smith", ""),
    "KIM Min-jun": ("KIM", "Min-jun"),
    "Emmanuel MACRON": ("MACRON", "Emmanuel"),
    "GEOFFREY HINTON": ("HINTON", "GEOFFREY"),
    "김 민준": ("김", "민준"),
    "王 小明": ("王", "小明"),
    "ジェフリー・ヒントン": ("ヒントン", "ジェフリー"),
    "Александр Иванов": ("Иванов", "Александр"),
}
WHOLE = [
    "Hinton",
    "van Gogh",
    "de la Cruz",
    "Mac Giolla Bhríde",
    "Ó Briain",
    "王小明",
    "",
    " ",
    ",",
    ", ,",
    "1 2",
    "K. J.",
]
WHOLE += ["a@b.org c d", "N/A", "info@example.org, info", "Geoffrey,"]


@pytest.mark.parametrize(("name", "parts"), PARTS.items())
def test_family_and_given(name: str, parts: tuple[str, str]) -> None:
    found = name_parts(name)
    assert found is not None
    assert (found.family, found.given) == parts


@pytest.mark.parametrize("name", WHOLE)
def test_one_part_stays_whole(name: str) -> None:
    assert name_parts(name) is None


def test_an_order_that_the_spelling_does_not_tell_can_be_turned() -> None:
    found = name_parts("Kim Min Jun")
    assert found is not None
    assert found.turned == NameParts("Kim", "Min Jun")
    for told in ("Kim, Min Jun", "KIM Min Jun", "김 민준", "M. Jun"):
        parts = name_parts(told)
        assert parts is not None
        assert parts.turned is None


@given(
    st.text(max_size=30)
    | st.lists(st.sampled_from(["Dr.", ",", "K", "van", "Li", "王", "・", "(", "II"])).map(" ".join)
)
def test_any_text_has_parts_with_letters_or_none(name: str) -> None:
    found = name_parts(name)
    if found is not None:
        assert any(map(str.isalpha, found.family))


@pytest.mark.parametrize("label", ["Chinese", "japan", "South Korea", "Hungarian", "Vietnamese"])
def test_origins_that_write_the_family_name_first(label: str) -> None:
    assert writes_family_first(label)
    assert not writes_family_first("Japanned")
