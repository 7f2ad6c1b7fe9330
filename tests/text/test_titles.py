"""What stands beside a name: titles, degrees and generations go, what is a name somewhere stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.text import TextRules, normalise

NO_PART_OF_A_NAME = [
    ("Dr. Kenji Tanabe", "kenji tanabe"),
    ("dr Kenji Tanabe", "kenji tanabe"),
    ("Prof. Dr. Ing. Hans Maier", "hans maier"),
    ("Mr Smith", "smith"),
    ("Mrs. Smith", "smith"),
    ("Señora Ana Ruiz", "ana ruiz"),
    ("Dr. Tanabe, Kenji", "tanabe, kenji"),
    ("Kenji Tanabe, PhD", "kenji tanabe"),
    ("Kenji Tanabe Ph.D.", "kenji tanabe"),
    ("Kenji Tanabe, M.D., Ph.D.", "kenji tanabe"),
    ("Rahman, MD", "rahman"),
    ("Kenji Tanabe Jr.", "kenji tanabe"),
    ("Kenji Tanabe, Jr.", "kenji tanabe"),
    ("Tanabe Jr., Kenji", "tanabe, kenji"),
    ("Tanabe, Dr. Kenji", "tanabe, kenji"),
    ("Prof. Dr.-Ing. Dr. med. Kenji Tanabe", "kenji tanabe"),
    ("Tanabe, Prof. Dr. Kenji", "tanabe, kenji"),
    ("King, Martin Luther, Jr.", "king, martin luther"),
    ("King, Jr., Martin Luther", "king, martin luther"),
    ("KENJI TANABE II", "kenji tanabe"),
    ("Kenji Tanabe III", "kenji tanabe"),
    ("Kenji Tanabe 0001", "kenji tanabe"),
    ("DR. KENJI TANABE, ESQ.", "kenji tanabe"),
]
NAMES_SOMEWHERE = [
    "Naomasa Ii",
    "Md. Rahman",
    "Rahman, Md.",
    "Rahman MD",
    "Ma, Yo-Yo",
    "Do Van",
    "Don King",
    "Sri Mulyani",
    "Neymar Junior",
    "Ing Chang",
    "Mag Ruffman",
    "Master",
    "Frau",
    "Jr",
    "Miss",
    "Iii Kenji",
]


@pytest.mark.parametrize(("name", "text"), NO_PART_OF_A_NAME, ids=[name for name, _ in NO_PART_OF_A_NAME])
def test_titles_degrees_and_generations_go(name: str, text: str) -> None:
    assert normalise(name, TextRules()) == text
    assert normalise(name, TextRules(casefold=False)).lower() == text


@pytest.mark.parametrize("name", NAMES_SOMEWHERE)
def test_what_is_a_name_somewhere_stays(name: str) -> None:
    assert normalise(name, TextRules()) == name.lower().removesuffix(".")


WORDS = st.sampled_from(
    ["Capt.", "miss", "Jr.", "II", "ii", "III", "M.D.", "MD", "md,", "sr,", "Ing.", "Li", "Ma,", "é", ","]
)


@given(words=st.lists(WORDS, min_size=1, max_size=7), max_length=st.integers(1, 40), casefold=st.booleans())
def test_the_text_of_a_text_is_itself_and_of_letters_some_are_left(
    words: list[str], max_length: int, casefold: bool
) -> None:
    rules = TextRules(casefold=casefold, max_length=max_length)
    text = normalise(" ".join(words), rules)
    assert normalise(text, rules) == text
    assert any(map(str.isalpha, text)) == (words != [","] * len(words))
