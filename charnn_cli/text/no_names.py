"""What stands in a column of names and is none, or beside a name and is no part of it.

Marks of a missing value, errors of a spreadsheet, addresses and names of files take the place of a name. None, Null,
Nan, No and NA are people, and so are Test, Guest, Admin, Herr and Frau: a placeholder is told by signs that no name
has, and by its letters only where they are nobody's name.

Titles, degrees and generations stand beside one: few and safe ones, in what `normalise` makes of them. Sri, Don, Lady,
King and Junior are parts of people's names somewhere; so are Ii and Md, which are taken for a numeral and a degree only
where they are spelled in capitals. The library nameparser knows six hundred titles, these among them, takes Ma and Do
for degrees, and reads fewer names a second than a network does.
"""

import re
from collections.abc import Iterable


def words_of(text: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(text.split())


_TITLES = words_of(
    "mr mrs ms mx miss dr prof professor doctor sir rev reverend herr frau mme mlle monsieur madame mademoiselle "
    "senor senora senorita sra srta signor signora dott"
)

_MARK = (
    r"(?:"
    r"n\s*[/\\]\s*a|n\.a\.|"  # N/A
    r"\#\S{1,20}[!?]|\#n/?[avd]|"  # #REF!, #NAME?, #N/A, German #NV
    r"\\[a-z]|"  # \N, as databases write NULL
    r"<[^<>]*>|\[[^\[\]]*\]|\{+[^{}]*\}+|"  # <NA>, [deleted], {{name}}
    r"\((?:none|null|unknown|blank|empty|deleted|removed|redacted|not\s.*|no\s.*)\)"
    r")"
)
_FILE = r"\.(?:csv|tsv|txt|xlsx|jsonl?|ndjson|parquet|com|org|net)"  # or a site of the web
_EDGE = r'(?:\s|["\x27‘’“”„«»`´*=$|~,;.:!?_–—-])*'  # quotes and signs around it: "N/A"; =#N/A
_TITLE = rf"(?:{'|'.join(sorted(_TITLES))})\.?\s{_EDGE}"
_PLACEHOLDER = re.compile(
    rf"{_EDGE}(?:{_TITLE})*{_MARK}(?:(?:\s|[,;])+{_MARK})*{_EDGE}|"  # one, or one for each part of a name
    r"\s*@\w+\s*|.*\S@\S+\.\S.*|"  # @handle, info@example.org
    r".*\b[a-z][a-z0-9+.-]*://.*|"  # an address of the web
    rf".*\S{_FILE}\s*",
    re.IGNORECASE | re.DOTALL,
)
_SIGNS = re.compile(rf"[/#\\<\[{{(@:]|n\.a\.|{_FILE}", re.IGNORECASE)
_SIGNS_IN_BYTES = re.compile(_SIGNS.pattern.encode() + rb"|www\.", re.IGNORECASE)
_WEB = "www."


def is_no_name(text: str) -> bool:
    """Whether a text has a form that no person's name has."""
    if _SIGNS.search(text) is not None and _PLACEHOLDER.fullmatch(text) is not None:
        return True
    return is_web_address(text.lstrip())


def is_web_address(text: str) -> bool:
    """Whether a text begins as addresses without a scheme do."""
    return text[:4].lower() == _WEB


# What follows is told by texts, as `normalise` makes them, of any case.
_STAND_INS = words_of(
    "unknown unbekannt inconnu inconnue desconocido desconocida desconhecido desconhecida sconosciuto sconosciuta "
    "onbekend nieznany ukjent ukendt neizvestno anonymous anonymus anonym anonyme anonimo anoniem 不明 不详 不詳 匿名 "
    "tbd tba deceased verstorben nobody administrator customer placeholder redacted withheld undisclosed untitled "
    "xxx xxxx n.n k.a"
)
_ALONE = words_of("mr mrs dr prof professor rev reverend mme mlle monsieur mademoiselle senorita sra srta signora")
_PHRASES = frozenset(
    phrase.replace("_", " ")
    for phrase in words_of(
        "not_available not_applicable not_provided not_known not_given not_specified not_stated not_disclosed no_name "
        "no_data name_unknown unknown_name to_be_determined to_be_announced to_be_confirmed keine_angabe keine_angaben "
        "kein_name ohne_name ohne_namen name_unbekannt nicht_bekannt nicht_angegeben sans_nom non_renseigne sin_nombre "
        "no_disponible non_disponibile sem_nome nao_informado brak_danych geen_naam"
    )
)
_COMPANIES = words_of("gmbh mbh ltd llc llp plc inc corp corporation limited aktiengesellschaft")
_WORDS = _STAND_INS | _ALONE
_FIRST = _WORDS | {phrase.split()[0] for phrase in _PHRASES}
_BRACKETS = {")": "(", "]": "[", "）": "（"}  # closing, opening
_STAND_INS_IN_BYTES = frozenset(map(str.encode, _STAND_INS))


def names_nobody(text: str) -> bool:
    """Whether a text is made of words that stand for a name (`unknown`), of titles alone, or is a company's name."""
    text = text.lower()
    first, blank, rest = text.partition(" ")
    if not blank:
        return text in _WORDS
    if rest[rest.rfind(" ") + 1 :] in _COMPANIES or " gmbh " in text:
        return True
    if first.rstrip(",.;") not in _FIRST:
        return False
    return text in _PHRASES or all(word.rstrip(",.;") in _WORDS for word in text.split())


def without_note(name: str) -> str:
    """A name without what stands in brackets behind it: `Anna Schmidt (deceased)` is Anna Schmidt."""
    kept = name.rstrip(" ")
    if kept[-1:] not in _BRACKETS:
        return name
    before, opened, note = kept[:-1].rpartition(_BRACKETS[kept[-1]])
    return before if opened and kept[-1] not in note and any(map(str.isalpha, before)) else name


def joined(parts: Iterable[bytes]) -> bytes:
    """A name from its parts in UTF-8, the columns of a table, with a blank between them.

    A part that is no name is left out where another is one: of N/A and Smith there is Smith.
    """
    told = [part for part in map(bytes.strip, parts) if part]
    whole = b" ".join(told)
    if len(told) < 2:
        return whole
    named = [part for part in told if part.lower() not in _STAND_INS_IN_BYTES]
    if _SIGNS_IN_BYTES.search(whole) is not None and not is_no_name(whole.decode(errors="replace")):
        named = [part for part in named if not is_no_name(part.decode(errors="replace"))] or told[:1]
    return b" ".join(named) or whole


_POINTED = words_of(
    "sr. hon. fr. ing. mag. mgr. dipl.-ing. capt. lt. col. gen. maj. sgt. hr. fam. dr.-ing. med. jur. rer. nat. habil."
)  # else words
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
    first = next((place for place, word in enumerate(words[:-1]) if word.lower() not in _BEFORE), len(words) - 1)
    kept = [words[first]]
    for word in words[first + 1 :]:
        bare = word.strip(".,;").lower()
        if kept[-1].endswith(",") and word.lower() in _BEFORE and bare not in _BEHIND:
            continue  # Smith, Dr. John
        is_name = _IN_CAPITALS.get(bare, "") not in name or (bare == "md" and not kept[-1].endswith(","))
        if bare not in _BEHIND or is_name:
            kept.append(word)
        elif word.endswith(",") and not kept[-1].endswith(","):
            kept[-1] += ","  # Smith Jr., John
    return " ".join(kept).strip(" ,.;")
