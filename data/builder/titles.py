"""The title of a person's Wikipedia article -> the words of the name, or None where it is no ordinary name."""

from __future__ import annotations

import html
import re

from builder.text import APOSTROPHES, ROMAN_NUMERAL, words

#: A title with one of these words names a ruler, a noble, a saint, a cleric, an act or a family, not a citizen.
RANKS = frozenset(
    words(
        "of the and dynasty family brothers sisters twins band crew gang bishop archbishop saint saints st. "
        "emperor empress king queen prince princess lord lady sir dame pope patriarch baron baroness baronet "
        "earl duke duchess count countess viscount viscountess marquess marquis marquise elder younger sultan "
        "sheikh shaikh pasha bey tsar khan shah consort dowager father brother sister mother swami baba guru "
        "lama rinpoche ayatollah mullah imam hajji sayadaw dj mc m.c. d.j. dr. dr mr. mr mrs. mrs ms. miss "
        "madame mestre colonel general captain major master abbot monk nun son daughter wife murder lil lil' "
        "big young yung"
    )
)
#: Of these, the words that are also surnames, so that they pass as a name's last word (Martin Luther King).
ALSO_SURNAMES = frozenset(
    words(
        "abbot baron bey bishop brother count duke earl father general guru king khan lord major marquis "
        "master monk pasha pope prince saint shah sheikh son sultan young"
    )
)
#: Words after the surname that tell a son or nephew from his elder; they are no surname.
GENERATION = frozenset(
    words("jr jr. sr sr. jnr snr esq. ph.d. m.d. júnior junior filho neto netto sobrinho segundo fils père")
)
INITIAL = re.compile(r"[^\W\d_]\.?|(?:[^\W\d_]\.)+")


def name_words(title: str) -> list[str] | None:
    """The words of a person's name, without what only tells sons from fathers.

    >>> name_words("Antônio Amaral Filho")
    ['Antônio', 'Amaral']
    >>> name_words("Andrew II of Hungary") is None
    True
    """
    text = html.unescape(title).translate(APOSTROPHES)
    text = re.sub(r'"[^"]*"|“[^”]*”|\'[A-Z][^\']*\' ', " ", text)
    head, comma, tail = text.partition(",")
    if comma and tail.strip().lower() not in GENERATION:
        return None
    if "(" in head or any(letter.isdigit() for letter in head):
        return None
    name = head.split()
    while len(name) > 2 and name[-1].lower() in GENERATION:
        name.pop()
    if len(name) < 2 or INITIAL.fullmatch(name[-1]) or name[-1].lower() in GENERATION:
        return None
    if any(word.lower() in RANKS for word in name[:-1]) or name[-1].lower() in RANKS - ALSO_SURNAMES:
        return None
    if any(len(word) > 1 and ROMAN_NUMERAL.fullmatch(word) and word.isupper() for word in name[1:]):
        return None
    return name
