"""Under which origins a surname stands.

A name's rate in an origin is its bearers there as a share of all persons there; its share is that rate divided by
the sum of its rates everywhere. Most names have one large share. A name stands under

- the origin with at least half of it (`Irish` more: many Irish people bear English names);
- every origin with a fair share (a fifth) and several bearers (Costa: Portuguese and Italian);
- every origin where it is simply common, whatever its share elsewhere (Lee: English, though Korea has more).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from builder.registers import Register
from builder.scottish import is_gaelic
from builder.tally import Tally
from builder.text import is_surname, words

MAIN_SHARE = 0.5
MAIN_SHARE_BY_ORIGIN = {"Irish": 0.6}
#: Fewer bearers than this say too little where another people's names (Irish) or pen names (Japanese) are many.
LEAST_BEARERS = {"Irish": 3, "Japanese": 2}
FAIR_SHARE, FAIR_BEARERS = 0.2, 5
COMMON_RATE, COMMON_BEARERS, COMMON_SHARE = 1 / 2500, 20, 0.01
#: Irish emigration: a name that is this much Irish is not English, however common in England.
PLAINLY_IRISH = 0.6
#: Brazil's names are Portuguese or immigrants': one is taken as Portuguese where so many bear it and few elsewhere.
BRAZIL, BRAZIL_BEARERS, BRAZIL_ELSEWHERE = "?Brazilian", 3, 0.2
#: A name with fewer bearers must have one whose given name is known to be at home.
UNPROVEN_BEARERS = 4
#: A name with fewer bearers that another people's register lists is left to that people.
REGISTER_BEARERS = 5
#: Spanish is counted in the Americas, where many are immigrants' children with Spanish given names: a name with fewer
#: bearers must be unknown elsewhere but in Portugal and Brazil, and hold no letters that Spanish, Catalan and Basque
#: do not write (Boettner, Wilstermann, Zucchetti).
SPANISH_BEARERS = 5
SPANISH_KIN = frozenset({"Spanish", "Portuguese", "?Brazilian"})
UNSPANISH = re.compile(r"w|sch|ck|th|tt|ff|pp|mm|gg|dd|bb|cch|gh|ph|sh")
#: Few persons counted are Serbs, Croats or Bosniaks, so emigrants' -ić names look native where they went.
SOUTH_SLAVIC = "ić"
#: A woman's patronymic, put last where the surname is left out; surnames do not end so.
PATRONYMIC_ENDINGS = ("ovna", "evna", "ichna")
#: A word is a given name where it is given so many times as often as inherited; up to how many bearers that is asked.
#: Thomas is given ten times as often, and with hundreds of bearers a surname all the same.
GIVEN_FACTORS = ((10, 2), (30, 8))
#: Surnames here are fathers' given names, so a word may be both.
PATRONYMIC = frozenset(
    words("Arabic Ethiopian Icelandic Indian Indonesian Kenyan Malay Nigerian Pakistani Bangladeshi")
)
#: A particle form, or a bare form beside it, is kept when at least this share of the family name's bearers use it.
FORM_SHARE = 0.2
#: Newspapers leave the article out (Al-Ghamdi, then Ghamdi), so one bearer without it is enough.
BARE_IS_USUAL = frozenset({"Arabic"})
FORM_BEARERS = 2


class Entry(NamedTuple):
    """A surname under one origin: how it is spelled there and how common it is, for choosing the commonest."""

    spelling: str
    weight: float


def shares(tally: Tally, registers: Mapping[str, Register], name: str) -> dict[str, float]:
    """Origin -> the name's share, over the counted origins and the registers."""
    rates = {origin: tally.rate(bearers, origin) for origin, bearers in tally.native.get(name, {}).items() if bearers}
    for origin, register in registers.items():
        if name in register:
            rates[origin] = register[name][1]
    rates.pop(BRAZIL, None)
    total = sum(rates.values())
    return {origin: rate / total for origin, rate in rates.items()}


def is_given_name(tally: Tally, name: str, origin: str) -> bool:
    """Whether the word is mainly a given name in that origin."""
    if origin in PATRONYMIC:
        return False
    bearers = tally.native[name][origin]
    given = tally.given[name][origin] if name in tally.given else 0
    return any(bearers < most and given > max(3, factor * bearers) for most, factor in GIVEN_FACTORS)


def stands(tally: Tally, name: str, origin: str, share: Mapping[str, float]) -> bool:
    """Whether the shares and counts put the name under the origin."""
    bearers, home, own = tally.native[name][origin], tally.home[name][origin], share[origin]
    if bearers < LEAST_BEARERS.get(origin, 1) and not is_gaelic(tally.spelling(name, origin)):
        return False
    if bearers < UNPROVEN_BEARERS and home < 1:
        return False
    if origin == "Spanish" and bearers < SPANISH_BEARERS:
        elsewhere = {other for other, count in tally.native[name].items() if count} | set(share)
        if elsewhere - SPANISH_KIN or UNSPANISH.search(name):
            return False
    if own >= MAIN_SHARE_BY_ORIGIN.get(origin, MAIN_SHARE):
        return True
    if origin == "English" and share.get("Irish", 0.0) >= PLAINLY_IRISH:
        return False
    if own >= FAIR_SHARE and bearers >= FAIR_BEARERS:
        return True
    return bearers >= COMMON_BEARERS and own >= COMMON_SHARE and tally.rate(bearers, origin) >= COMMON_RATE


def keeps_form(tally: Tally, name: str, origin: str) -> bool:
    """Whether this form, with particles or without, is in real use beside the other."""
    bearers = tally.native[name][origin]
    bare, _ = tally.bare.get((name, origin), (name, origin))
    everyone = tally.with_bare[bare, origin]
    if bare != name and bearers < FORM_BEARERS:
        return False
    if bare == name and origin in BARE_IS_USUAL:
        return bearers > 0
    return bearers >= FORM_SHARE * everyone


def counted(tally: Tally, registers: Mapping[str, Register]) -> dict[str, dict[str, Entry]]:
    """Origin -> folded surname -> entry, for the origins of the counted persons."""
    chosen: dict[str, dict[str, Entry]] = {}
    for name in list(tally.native):
        share = shares(tally, registers, name)
        for origin in share:
            bearers = tally.native[name][origin]
            if not bearers or origin.startswith("?") or not stands(tally, name, origin, share):
                continue
            if is_given_name(tally, name, origin) or not keeps_form(tally, name, origin):
                continue
            if bearers < REGISTER_BEARERS and any(name in register for register in registers.values()):
                continue
            spelling = tally.spelling(name, origin)
            if is_surname(spelling) and not spelling.endswith((SOUTH_SLAVIC, *PATRONYMIC_ENDINGS)):
                chosen.setdefault(origin, {})[name] = Entry(spelling, bearers)
    return chosen


def brazilian(tally: Tally, registers: Mapping[str, Register]) -> dict[str, Entry]:
    """Portuguese names that Brazil knows and others hardly do."""
    chosen = {}
    for name, by_origin in tally.native.items():
        bearers = by_origin.get(BRAZIL, 0)
        elsewhere = sum(by_origin.values()) - bearers - by_origin.get("Portuguese", 0) - by_origin.get("Spanish", 0)
        if bearers < BRAZIL_BEARERS or elsewhere > BRAZIL_ELSEWHERE * bearers:
            continue
        if by_origin.get("Spanish", 0) > bearers or any(name in register for register in registers.values()):
            continue
        if not is_given_name(tally, name, BRAZIL) and keeps_form(tally, name, BRAZIL):
            spelling = tally.spelling(name, BRAZIL)
            if is_surname(spelling):
                chosen[name] = Entry(spelling, by_origin.get("Portuguese", 0) + bearers / 4)
    return chosen


def registered(tally: Tally, registers: Mapping[str, Register]) -> dict[str, dict[str, Entry]]:
    """Origin -> folded surname -> entry, for the origins that have a register instead of counted persons."""
    chosen: dict[str, dict[str, Entry]] = {}
    for origin, register in registers.items():
        for name, (spelling, rate) in register.items():
            share = shares(tally, registers, name)
            if share[origin] >= FAIR_SHARE:
                chosen.setdefault(origin, {})[name] = Entry(spelling, rate)
    return chosen
