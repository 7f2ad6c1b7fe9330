"""Properties of the lists that ship: `data/names` and `data/names-world`."""

from __future__ import annotations

import functools
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from builder.text import ROMAN_NUMERAL, fold, is_surname, words
from builder.titles import ALSO_SURNAMES, GENERATION, RANKS
from measure_names import ceiling, origins_by_name, read_rows

DATA = Path(__file__).resolve().parents[2] / "data"
NAMES, WORLD = DATA / "names", DATA / "names-world"
FILES = sorted([*NAMES.glob("*.txt"), *WORLD.glob("*.txt")])
CLASSIC = words(
    "Arabic Chinese Czech Dutch English French German Greek Irish Italian Japanese Korean Polish Portuguese Russian "
    "Scottish Spanish Vietnamese"
)
WORLD_TOO = words("Turkish Ukrainian Indian Persian Hungarian Romanian Swedish Norwegian Danish Finnish")
LEAST = {"Vietnamese": 300, "Korean": 350, "Chinese": 400, "Scottish": 1000, "Portuguese": 1000, "Irish": 1000}


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@functools.cache
def rows() -> list[tuple[str, str]]:
    """All rows of `data/names`, read once."""
    return read_rows(NAMES)


@functools.cache
def origins() -> dict[str, set[str]]:
    """Name -> its origins in `data/names`."""
    return origins_by_name(rows())


def test_the_origins_are_there() -> None:
    assert {path.stem for path in NAMES.glob("*.txt")} == set(CLASSIC)
    world = {path.stem for path in WORLD.glob("*.txt")}
    assert set(CLASSIC) | set(WORLD_TOO) <= world
    assert len(world) >= len(CLASSIC) + 20


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_each_file_is_a_sorted_set_of_surnames(path: Path) -> None:
    content = path.read_bytes()
    names = lines(path)
    assert content.endswith(b"\n")
    assert b"\r" not in content
    assert not content.startswith(b"\xef\xbb\xbf")
    assert names == sorted(set(names))
    assert [name for name in names if name != unicodedata.normalize("NFC", name)] == []
    assert [name for name in names if not is_surname(name) or name != " ".join(name.split())] == []
    assert len(names) >= (LEAST.get(path.stem, 1500) if path.parent == NAMES else 150)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_titles_numerals_or_generations(path: Path) -> None:
    refused = (RANKS | GENERATION) - ALSO_SURNAMES - {"and", "big", "elder", "imam", "lama", "baba", "swami", "family"}
    latin = [name for name in lines(path) if name.lower() in refused]
    assert [name for name in latin if path.stem in {"English", "Spanish", "Portuguese", "French", "Arabic"}] == []
    assert [name for name in lines(path) if name.isupper() and ROMAN_NUMERAL.fullmatch(name)] == []


@pytest.mark.parametrize("origin", CLASSIC)
def test_both_folders_hold_the_same_classic_lists(origin: str) -> None:
    assert (NAMES / f"{origin}.txt").read_bytes() == (WORLD / f"{origin}.txt").read_bytes()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("costa", {"Italian", "Portuguese"}),
        ("martin", {"English", "French"}),
        ("thomas", {"English", "French"}),
        ("lee", {"English", "Korean", "Chinese"}),
        ("david", {"French"}),
        ("fedorov", {"Russian"}),
        ("smith", {"English", "Scottish"}),
        ("kim", {"Korean"}),
        ("gim", {"Korean"}),
        ("nguyen", {"Vietnamese"}),
        ("macdonald", {"Scottish"}),
        ("o'brien", {"Irish"}),
    ],
)
def test_well_known_names_stand_where_they_belong(name: str, expected: set[str]) -> None:
    assert expected <= origins()[name]


def test_names_from_elsewhere_do_not_stand() -> None:
    by_name = origins()
    assert by_name["macdonald"] == {"Scottish"}
    assert "English" not in by_name["o'brien"]
    assert by_name["yamamoto"] == {"Japanese"}
    assert by_name["kowalski"] == {"Polish"}


@pytest.mark.parametrize(
    ("origin", "spelled"),
    [
        ("Dutch", "van den Berg"),
        ("Italian", "De Luca"),
        ("Irish", "Ó Briain"),
        ("Portuguese", "dos Santos"),
        ("Arabic", "Al-Ghamdi"),
        ("German", "Müller"),
        ("Polish", "Wójcik"),
        ("Vietnamese", "Nguyễn"),
        ("Korean", "Ch'oe"),
        ("Czech", "Dvořák"),
    ],
)
def test_names_are_spelled_as_people_spell_them(origin: str, spelled: str) -> None:
    names = lines(NAMES / f"{origin}.txt")
    close = [name for name in names if fold(name).split()[-1] == fold(spelled).split()[-1]]
    assert spelled in names, close


def test_several_origins_set_the_ceiling() -> None:
    shared = [name for name, theirs in origins().items() if len(theirs) > 1]
    assert len(shared) >= 300
    assert 0.95 < ceiling(rows()) < 1
    assert ceiling([("costa", "Italian"), ("costa", "Portuguese"), ("rossi", "Italian")]) == pytest.approx(2 / 3)


def test_the_tracked_data_stay_small() -> None:
    assert max(path.stat().st_size for path in FILES) < 1_000_000
    assert sum(path.stat().st_size for path in FILES) < 3_500_000


def test_the_report_prints_counts_and_says_what_it_skips() -> None:
    command = [sys.executable, str(DATA / "measure_names.py"), "--counts-only", str(NAMES)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "18 origins" in done.stdout
    assert "accuracy ceiling that they set: 0.9" in done.stdout
    assert done.stderr == ""
