"""The tables of facts and the rules that spell them: Korean, Chinese, Vietnamese, Scottish, Irish, Russian."""

from __future__ import annotations

from collections import Counter

import pytest
from builder import assemble, chinese, facts, irish, korean, russian, scottish, vietnamese
from builder.persons import Person
from builder.registers import ranked, unranked, zipf_share
from builder.select import Entry
from builder.tally import count
from builder.text import fold, is_surname


@pytest.mark.parametrize(
    ("hangul", "revised", "mccune"),
    [
        ("김", "Gim", "Kim"),
        ("박", "Bak", "Pak"),
        ("최", "Choe", "Ch'oe"),
        ("정", "Jeong", "Chŏng"),
        ("권", "Gwon", "Kwŏn"),
        ("남궁", "Namgung", "Namkung"),
        ("위", "Wi", "Wi"),
    ],
)
def test_hangul_is_spelled_by_both_systems(hangul: str, revised: str, mccune: str) -> None:
    assert korean.revised(hangul) == revised
    if len(hangul) == 1:
        assert korean.mccune(hangul) == mccune


def test_korean_has_every_spelling_that_readers_meet() -> None:
    names = korean.surnames([])
    assert {"Kim", "Gim", "Lee", "Yi", "Rhee", "Park", "Pak", "Bak", "Choi", "Ch'oe", "Namgung"} <= names


@pytest.mark.parametrize(
    ("pinyin", "wade"),
    [
        ("zhang", "chang"),
        ("cai", "tsai"),
        ("xu", "hsu"),
        ("lü", "lu"),
        ("guo", "kuo"),
        ("luo", "lo"),
        ("xie", "hsieh"),
        ("qian", "chien"),
        ("xiong", "hsiung"),
        ("gong", "kung"),
        ("zhou", "chou"),
        ("ren", "jen"),
        ("shi", "shih"),
        ("zi", "tzu"),
        ("yan", "yen"),
        ("wang", "wang"),
    ],
)
def test_wade_giles(pinyin: str, wade: str) -> None:
    assert chinese.wade_giles(pinyin) == wade


def test_pinyin_reads_characters_as_family_names() -> None:
    pytest.importorskip("pypinyin", reason="needs data/requirements.txt")
    assert chinese.pinyin_syllables("曾") == ["zeng"]
    assert chinese.pinyin_syllables("单") == ["shan"]
    assert chinese.pinyin_syllables("欧阳") == ["ou", "yang"]


def test_vietnamese_stands_with_marks_and_without() -> None:
    names = vietnamese.surnames()
    assert {"Nguyễn", "Nguyen", "Đỗ", "Do", "Tôn Thất", "Ton That"} <= names
    assert vietnamese.unmarked("Đặng") == "Dang"


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("Dostoevsky", "Dostoevskiy"),
        ("Dostoevsky", "Dostoevskii"),
        ("Alekseyev", "Alekseev"),
        ("Sergeyeva", "Sergeeva"),
        ("Yefimov", "Efimov"),
        ("Efimov", "Yefimov"),
    ],
)
def test_russian_variants(name: str, variant: str) -> None:
    assert variant in russian.variants(name)
    assert name not in russian.variants(name)


def test_russian_names_without_such_letters_have_no_variants() -> None:
    assert russian.variants("Ivanov") == set()
    assert russian.variants("Putin") == set()


def test_russian_variants_are_kept_only_where_found() -> None:
    lists = {"Russian": {"dostoevsky": Entry("Dostoevsky", 4), "alekseyev": Entry("Alekseyev", 3)}}
    assemble.add_russian_variants({"Anna Dostoevskiy": ["American"]}, lists)
    assert set(lists["Russian"]) == {"dostoevsky", "alekseyev", "dostoevskiy"}


def test_britain_is_settled_by_facts_and_counts() -> None:
    counts = {("English", "MacDonald"): 20, ("English", "Campbell"): 60, ("English", "Smith"): 90}
    counts |= {("Irish", "McGrath"): 30, ("English", "McGrath"): 2, ("Irish", "Campbell"): 2}
    given = {"English": "John", "Irish": "Niamh"}
    persons = [(Person(given[origin], "", name), origin) for (origin, name), n in counts.items() for _ in range(n)]
    tally = count(persons)
    lists: dict[str, dict[str, Entry]] = {"English": {}, "Irish": {}}
    for (origin, name), bearers in counts.items():
        lists[origin][fold(name)] = Entry(name, bearers)
    table = {f"John{number} {name}": [nation] for number, (nation, name) in enumerate(counts)}
    assemble.settle_britain(lists, tally, assemble.mac_spellings(table, tally))
    assert set(lists["English"]) == {"smith"}
    assert {"macdonald", "campbell", "smith"} <= set(lists["Scottish"])
    assert "mcgrath" in lists["Irish"]
    assert "mcgrath" not in lists["Scottish"]
    assert "campbell" not in lists["Irish"]


def test_gaelic_names_are_told_from_others() -> None:
    assert all(map(scottish.is_gaelic, ["MacLeod", "McGee", "O'Neill", "Ó Briain", "Mac Suibhne"]))
    assert not any(map(scottish.is_gaelic, ["Mackay", "Machin", "Macey", "Oakley", "Maclean"]))


def test_mac_names_have_both_prefixes_and_both_capitals() -> None:
    names = scottish.mac_names()
    assert names["mackenzie"] == ["MacKenzie", "Mackenzie"]
    assert names["mckenzie"] == ["McKenzie"]
    assert names["macadam"] == ["MacAdam"]


def test_clan_names_are_kept_apart_from_names_that_are_as_english() -> None:
    clans, common = scottish.clan_names(), scottish.register_names()
    assert {"campbell", "fraser", "urquhart"} <= set(clans)
    assert {"smith", "brown", "wilson"} <= set(common) - set(clans)


def test_every_fact_is_a_surname() -> None:
    spelled = [*scottish.clan_names().values(), *scottish.register_names().values(), *irish.gaelic_names().values()]
    spelled += [*vietnamese.surnames(), *korean.surnames([]), *facts.words("turkish.txt")]
    assert [name for name in spelled if not is_surname(name)] == []


def test_every_table_names_its_source() -> None:
    for path in sorted(facts.FACTS.iterdir()):
        assert path.read_text(encoding="utf-8").startswith("#"), path.name


def test_registers_share_by_rank_or_evenly() -> None:
    register = ranked(["nowak", "kowalski", "nowak", "anna-maria", "de luca"])
    assert list(register) == ["nowak", "kowalski"]
    assert register["nowak"] == ("Nowak", zipf_share(0))
    assert zipf_share(0) > zipf_share(1) > zipf_share(15_000) > 0
    assert Counter(share for _, share in unranked(["a1", "Åberg", "Öberg"]).values()) == Counter({0.5 / 3: 2})
