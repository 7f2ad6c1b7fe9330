"""Titles, degrees and generations: what stands beside a name and is no part of it.

Few and safe ones, in what `normalise` makes of them. Sri, Don, Lady, King and Junior are parts of people's names
somewhere; so are Ii and Md, which are taken for a numeral and a degree only where they are spelled in capitals. The
library nameparser knows six hundred titles, these among them, takes Ma and Do for degrees, and reads fewer names a
second than a network does.
"""


def words_of(text: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(text.split())


_TITLES = words_of(
    "mr mrs ms mx miss dr prof professor doctor sir rev reverend herr frau mme mlle monsieur madame mademoiselle "
    "senor senora senorita sra srta signor signora dott"
)
_POINTED = words_of("sr. hon. fr. ing. mag. mgr. dipl.-ing. capt. lt. col. gen. maj. sgt.")  # else words
_BEFORE = _TITLES | {title + "." for title in _TITLES} | _POINTED
_BEHIND = words_of(
    "jr sr jnr snr ii iii iv esq esquire phd ph.d dphil d.phil m.d md msc m.sc bsc b.sc mba m.b.a m.a b.a d.d.s dds "
    "ll.b ll.m ll.d ed.d psy.d pharm.d"
)
_IN_CAPITALS = {"ii": "II", "md": "MD"}  # otherwise names


def without_titles(text: str, name: str) -> str:
    """The text of a name without titles before it and without degrees and generations behind a part of it.

    `name` is the name as people spell it. Texts of a single word stay, whatever the word is.
    """
    end = text.find(" ")
    if end < 0:
        return text
    last = text[text.rfind(" ") + 1 :]
    if not (text[:end] in _BEFORE or last in _BEHIND or "," in text or not text.islower()):
        return text
    words = text.split(" ")
    while len(words) > 1 and words[0].lower() in _BEFORE:
        del words[0]
    kept = words[:1]
    for word in words[1:]:
        bare = word.strip(".,;").lower()
        is_name = _IN_CAPITALS.get(bare, "") not in name or (bare == "md" and not kept[-1].endswith(","))
        if bare not in _BEHIND or is_name:
            kept.append(word)
        elif word.endswith(",") and not kept[-1].endswith(","):
            kept[-1] += ","  # Smith Jr., John
    return " ".join(kept).strip(" ,.;")
