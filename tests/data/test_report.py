"""The data report: figures, twins, and how they are shown."""

import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.cli.data_report import MAX_ORIGINS, parts_of, print_report
from charnn_cli.cli.tables import plain
from charnn_cli.data import TEST, TRAIN, VALIDATION, DataReport, ceiling, describe, read, split
from charnn_cli.data.report import MIN_STEM, Finding, near_twins
from charnn_cli.text import TextRules

RULES = TextRules(max_length=20)


def report_of(tmp_path, rows: list[tuple[str, str, int]]) -> DataReport:
    """The report of (name, origin, side) rows."""
    path = tmp_path / "names.csv"
    path.write_text("name,origin\n" + "".join(f"{name},{origin}\n" for name, origin, _ in rows))
    dataset = read(path, rules=RULES, strict=False)
    side = {(name, origin): side for name, origin, side in rows}
    keys = zip(dataset.names, (dataset.labels[origin] for origin in dataset.origins), strict=True)
    return describe(dataset, np.array([side[key] for key in keys], dtype=np.int8), RULES)


@given(rows=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=30))
def test_the_ceiling_is_that_of_the_best_dictionary(rows):
    names, origins = [name for name, _ in rows], [origin for _, origin in rows]
    best = {name: max(range(4), key=[o for n, o in rows if n == name].count) for name in names}
    right = [best[name] == origin for name, origin in rows]
    expected = sum(right) / len(right) if rows else 1.0
    assert ceiling(names, np.array(origins, dtype=np.int32)) == pytest.approx(expected)


def test_what_a_report_says(tmp_path):
    rows = [("Ivanov", "Russian", TRAIN), ("Ivanova", "Russian", TEST), ("Kowalski", "Polish", TRAIN)]
    rows += [("Kowalska", "polish", VALIDATION), ("Lee", "Polish", TRAIN), ("Lee", "Russian", TRAIN)]
    rows += [("Žukić", "Polish", TEST), ("Maximilianopolitanskij", "Russian", TRAIN), ("Ng", "Polish", TRAIN)]
    report = report_of(tmp_path, rows)
    assert (report.rows, report.kept, report.names, report.faults) == (9, 9, 8, ())
    assert [(row.origin, row.train, row.validation, row.test, row.total) for row in report.origins] == [
        ("Polish", 3, 0, 1, 4),
        ("Russian", 3, 0, 1, 4),
        ("polish", 0, 1, 0, 1),
    ]
    assert report.ambiguous == Finding(1, ("Lee (Polish, Russian)",))
    assert report.ceiling == pytest.approx(8 / 9)
    assert report.alphabet == "aegiklmnopstvwx"  # the longest name is cut before its j
    assert report.unknown_letters == {"c": 1, "u": 1, "z": 1}
    assert report.shortest == ("Ng", "Lee", "Žukić", "Ivanov", "Ivanova")
    assert report.longest == ("Maximilianopolitanskij", "Kowalska", "Kowalski", "Ivanova", "Ivanov")
    assert report.cut == Finding(1, ("Maximilianopolitanskij",))
    assert report.twins["test"] == Finding(1, ("ivanova (ivanov)",))
    assert report.twins["validation"] == Finding(1, ("kowalska (kowalski)",))
    assert report.thin == ("Polish", "Russian", "polish")
    assert report.untested == ("polish",)
    assert report.alike == (("Polish", "polish"),)
    assert report.seconds > 0
    assert json.loads(json.dumps(report.to_json()))["origins"][0] == {
        "origin": "Polish", "train": 3, "validation": 0, "test": 1,
    }  # fmt: skip


def near(name: str, other: str) -> bool:
    """The definition, pair by pair."""
    short, long = sorted((name, other), key=len)
    if min(len(short), len(long)) < MIN_STEM or name == other:
        return False
    if len(short) == len(long):
        return short[:-1] == long[:-1] and len(short) > MIN_STEM
    return long.startswith(short) and len(long) - len(short) <= 2


WORDS = st.lists(st.text(st.sampled_from("ab"), max_size=8), max_size=20)


@given(names=WORDS, others=WORDS)
def test_near_twins_equal_their_definition(names, others):
    twins = near_twins(names, others)
    assert set(twins) == {name for name in names if any(near(name, other) for other in others)}
    assert all(other in others and near(name, other) for name, other in twins.items())


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_off_a_terminal_the_report_is_aligned_text(tmp_path, monkeypatch):
    report = report_of(tmp_path, [("Ivanov", "Русский", TRAIN), ("Ivanova", "Русский", TEST), ("Lee", "韓国", TRAIN)])
    stream = io.StringIO()
    print_report(report, stream)
    text = stream.getvalue()
    assert text == plain(parts_of(report))
    assert "\x1b" not in text
    assert "─" not in text
    lines = text.splitlines()
    table = lines[lines.index("") + 1 :]
    assert table[0].split() == ["origin", "train", "validation", "test", "total", "share"]
    assert table[1].split() == ["Русский", "1", "0", "1", "2", "66.7%"]
    assert table[2].startswith("韓国     ")
    assert table[3].split() == ["total", "2", "0", "1", "3", "100.0%"]
    assert (
        "warning: 1 test name with a near twin in training, which flatters the test figures: ivanova (ivanov)" in text
    )
    dumb = Terminal()
    monkeypatch.setenv("TERM", "dumb")
    print_report(report, dumb)
    assert dumb.getvalue() == text


def test_on_a_terminal_the_report_is_tables_and_data_is_never_markup(tmp_path, monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    report = report_of(tmp_path, [("Le\u202ee", "[red]A", TRAIN), ("Smith", "B", TEST), ("\x1b[31mNg", "B", TRAIN)])
    stream = Terminal()
    print_report(report, stream)
    text = stream.getvalue()
    assert "┃" in text
    assert "[red]A" in text
    assert "\x1b[31m" not in text
    assert "\u202e" not in text
    for output in (text, plain(parts_of(report))):
        assert "Le\\u202ee" in output
        assert "\\u001b[31mNg" in output


def test_many_origins_are_summed_up(tmp_path):
    rows = [("x" + "".join(chr(97 + n // 26**place % 26) for place in range(3)), f"L{n}", TRAIN) for n in range(500)]
    report = report_of(tmp_path, rows)
    text = plain(parts_of(report))
    assert len(text.splitlines()) < MAX_ORIGINS + 30
    assert f"{500 - MAX_ORIGINS} more (--format json)" in text
    assert len(report.to_json()["origins"]) == 500


def test_the_lessons_names_are_described_in_a_moment(tutorial_names):
    dataset = read(tutorial_names, rules=TextRules())
    report = describe(dataset, split(dataset, seed=0, validation_fraction=0.1, test_fraction=0.1), TextRules())
    assert report.ambiguous.count == 477
    assert report.names == 17_411
    assert report.ceiling == pytest.approx(0.968, abs=0.001)
    assert report.twins["test"].count > 100
