"""Puts counts, registers and facts together: origin -> the surnames that stand under it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from builder import chinese, facts, irish, korean, registers, russian, scottish, vietnamese
from builder.collect import attested, collect
from builder.registers import Register
from builder.select import Entry, brazilian, counted, registered, shares
from builder.tally import Tally, count
from builder.text import fold, words

Lists = dict[str, dict[str, Entry]]
Nationalities = Mapping[str, list[str]]

#: Where Chinese family names are written otherwise than in Pinyin.
CHINESE_NATIONS = frozenset(words("Chinese Taiwanese Singaporean Malaysian Indonesian Filipino"))
#: Where Scots went, and where Mac names are found.
ENGLISH_SPEAKING = frozenset(words("English British Welsh Irish American Canadian Australian"))
#: A family name of the tables stands with this share, or so many bearers, or where others hardly bear it.
TABLE_SHARE = 0.08
TABLE_ELSEWHERE = 3
TABLE_BEARERS = 5
#: Of a Mac name's bearers in Ireland and Britain, weighed by rate: above, it is Irish only; below, Scottish only.
IRISH_ONLY, SCOTTISH_ONLY = 0.8, 0.35
CLAN_IRISH_BEARERS = 10


def family_name_tables(nationalities: Nationalities) -> dict[str, dict[str, str]]:
    """Chinese, Korean and Vietnamese: folded -> spelled, as complete as the facts allow."""
    characters = registers.mimesis_list("zh") + registers.faker_list("zh_CN")
    abroad = chinese.other_surnames(characters)
    in_use = attested(nationalities, frozenset(map(fold, abroad)), CHINESE_NATIONS, least=2)
    chinese_names = chinese.pinyin_surnames(characters) | {name for name in abroad if fold(name) in in_use}
    return {
        "Chinese": _by_key(chinese_names),
        "Korean": _by_key(korean.surnames([])),
        "Vietnamese": _by_key(vietnamese.surnames()),
    }


def _by_key(names: set[str]) -> dict[str, str]:
    """Folded -> spelled; of two spellings the one without marks."""
    return {fold(name): name for name in sorted(names, key=lambda name: (name.isascii(), name))}


def table_entries(tally: Tally, tables: Mapping[str, Mapping[str, str]], known: Mapping[str, Register]) -> Lists:
    """The family-first origins: the tables' names, less those that other origins plainly own."""
    lists: Lists = {}
    for origin, table in tables.items():
        for name, spelling in table.items():
            share = shares(tally, known, name)
            elsewhere = sum(bearers for other, bearers in tally.native.get(name, {}).items() if other != origin)
            bearers = tally.native[name][origin] if name in tally.native else 0
            known_here = share.get(origin, 0.0) >= TABLE_SHARE or bearers >= TABLE_BEARERS
            if known_here or elsewhere < TABLE_ELSEWHERE:
                lists.setdefault(origin, {})[name] = Entry(spelling, 1 + bearers)
    for spelling in vietnamese.surnames():
        if not spelling.isascii() and fold(spelling) in lists["Vietnamese"]:
            lists["Vietnamese"][spelling] = Entry(spelling, 1.0)
    return lists


def irish_part(tally: Tally, name: str) -> float:
    """Irish bearers beside those in Britain, by rate; 0 where nobody counted bears the name."""
    irish = tally.rate(tally.native[name]["Irish"], "Irish")
    british = tally.rate(tally.native[name]["English"], "English")
    return irish / (irish + british) if irish + british else 0.0


def mac_spellings(nationalities: Nationalities, tally: Tally) -> dict[str, str]:
    """Mac names of the table that someone bears, and those counted in Britain: folded -> the usual spelling."""
    table = scottish.mac_names()
    found: dict[str, Counter[str]] = {}
    for title, nations in nationalities.items():
        last = title.rsplit(" ", 1)[-1]
        if last.startswith(("Mac", "Mc")) and not ENGLISH_SPEAKING.isdisjoint(nations):
            found.setdefault(fold(last), Counter())[last] += 1
    usual = {name: min(counts, key=lambda spelled: (-counts[spelled], spelled)) for name, counts in found.items()}
    counted_here = {name for name in usual if name in tally.native and tally.native[name]["English"] >= 2}
    return {
        name: spelling
        for name, spelling in usual.items()
        if name in table or (name in counted_here and scottish.is_gaelic(spelling))
    }


def settle_britain(lists: Lists, tally: Tally, macs: Mapping[str, str]) -> None:
    """Scottish from facts; Mac and clan names leave English, and Irish too where few Irish people bear them."""
    clans, common = scottish.clan_names(), scottish.register_names()
    names = {name: spelling for name, spelling in macs.items() if irish_part(tally, name) < IRISH_ONLY}
    names = common | clans | names
    lists["Scottish"] = {name: Entry(spelling, 1.0 + tally.native[name]["English"]) for name, spelling in names.items()}
    for name in list(lists["English"]):
        if name in clans or name in macs or scottish.is_gaelic(lists["English"][name].spelling):
            del lists["English"][name]
    for name in list(lists["Irish"]):
        mostly_scottish = name in macs and irish_part(tally, name) < SCOTTISH_ONLY
        if mostly_scottish or (name in clans and tally.native[name]["Irish"] < CLAN_IRISH_BEARERS):
            del lists["Irish"][name]
    for name, spelling in irish.gaelic_names().items():
        lists["Irish"].setdefault(name, Entry(spelling, 1.0))


def add_russian_variants(nationalities: Nationalities, lists: Lists) -> None:
    """Other romanisations of the Russian names, where some person writes the name so."""
    known = lists["Russian"]
    variants = {
        fold(variant): Entry(variant, entry.weight / 2)
        for entry in known.values()
        for variant in sorted(russian.variants(entry.spelling))
        if fold(variant) not in known
    }
    found = {fold(title.rsplit(" ", 1)[-1]) for title in nationalities}
    known.update({name: entry for name, entry in variants.items() if name in found})


def build(nationalities: Nationalities) -> tuple[Lists, Tally]:
    """Every origin's entries, and the counts behind them."""
    known = registers.all_registers()
    tables = family_name_tables(nationalities)
    folded = {origin: frozenset(table) for origin, table in tables.items()}
    tally = count(collect(nationalities, folded))
    lists = counted(tally, known)
    for origin in tables:
        lists.pop(origin, None)
    lists |= registered(tally, known) | table_entries(tally, tables, known)
    lists["Portuguese"] = brazilian(tally, known) | lists["Portuguese"]
    settle_britain(lists, tally, mac_spellings(nationalities, tally))
    add_russian_variants(nationalities, lists)
    excluded = facts.table("excluded.tsv")
    for origin, names in excluded.items():
        for name in names:
            lists[origin].pop(fold(name), None)
    return lists, tally
