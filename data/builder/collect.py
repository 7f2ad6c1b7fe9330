"""All persons of the table, each under the origins of their nationalities, with the surname found by local custom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from builder import order
from builder.persons import Person, parse
from builder.tally import read_origins
from builder.text import fold, tidy
from builder.titles import name_words

#: Here the family name comes first, and it is one of a known few; emigrants may put it last.
FAMILY_FIRST = ("Chinese", "Korean", "Vietnamese")


def split_known(words: list[str], family_names: frozenset[str]) -> Person | None:
    """The first word, else the last, that is a known family name.

    >>> split_known(["Kim", "Min-jae"], frozenset({"kim"}))
    Person(given='Min-jae', particles='', surname='Kim')
    >>> split_known(["Jackie", "Chan"], frozenset({"chan"}))
    Person(given='Jackie', particles='', surname='Chan')
    """
    if fold(words[0]) in family_names:
        return Person(tidy(words[1]), "", tidy(words[0]))
    if fold(words[-1]) in family_names:
        return Person(tidy(words[0]), "", tidy(words[-1]))
    return None


def collect(
    nationalities: Mapping[str, list[str]], family_names: Mapping[str, frozenset[str]]
) -> Iterator[tuple[Person, str]]:
    """(person, origin) for every ordinary name; `family_names` holds the folded ones of the family-first origins."""
    origins = read_origins()
    japanese: list[list[str]] = []
    for title, nations in nationalities.items():
        words = name_words(title)
        if words is None:
            continue
        for origin in sorted({origins[nation] for nation in nations if nation in origins}):
            if origin == "Japanese":
                japanese.append(words)
                continue
            person = split_known(words, family_names[origin]) if origin in FAMILY_FIRST else parse(words, origin)
            if person is not None:
                yield person, origin
    yield from _collect_japanese(japanese)


def _collect_japanese(names: list[list[str]]) -> Iterator[tuple[Person, str]]:
    """Names of two words, in the order that the others suggest; longer ones are pen names, nobles or emigrants."""
    pairs = [(words[0], words[1]) for words in names if len(words) == 2 and "-" not in words[1]]
    turned = order.family_first([(fold(first), fold(last)) for first, last in pairs])
    for (first, last), family_first in zip(pairs, turned, strict=True):
        given, surname = (last, first) if family_first else (first, last)
        yield Person(tidy(given), "", tidy(surname)), "Japanese"


def attested(
    nationalities: Mapping[str, list[str]], candidates: frozenset[str], nations: frozenset[str], least: int
) -> frozenset[str]:
    """The folded candidates that at least so many persons of the nations bear as first or last word."""
    found: Counter[str] = Counter()
    for title, theirs in nationalities.items():
        if nations.isdisjoint(theirs):
            continue
        words = name_words(title)
        if words is not None:
            found.update({fold(words[0]), fold(words[-1])} & candidates)
    return frozenset(name for name, bearers in found.items() if bearers >= least)
