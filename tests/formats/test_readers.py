"""Readers: every format gives the same names; rows, progress."""

import itertools
import json
import sys

import pytest
from data_files import ROWS, RULES, faults_of, folder, rows_of, table
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.data import Dataset, name_hash, name_key, read
from charnn_cli.data.dataset import Collector, Portions
from charnn_cli.data.reading import SHARE_OF_READING, ReadReport
from charnn_cli.text import TextRules, normalise


def test_every_format_gives_the_same_dataset(tmp_path):
    quoted = [f'"{name}",{origin}' for name, origin in ROWS]
    paths = [
        folder(tmp_path / "names", {f"{origin}.txt": f"{name}\n" for name, origin in ROWS}),
        table(tmp_path / "names.csv", "\n".join(["name,origin", *quoted])),
        table(tmp_path / "semicolons.CSV", "\r\n".join(["id;Surname;Country", *(f"1;{n};{o}" for n, o in ROWS)])),
        table(tmp_path / "names.tsv", "\n".join(["nationality\tfull name", *(f"{o}\t{n}" for n, o in ROWS)]) + "\n"),
        table(tmp_path / "names.ndjson", "\n".join(json.dumps({"lastName": n, "label": o}) for n, o in ROWS) + "\n\n"),
    ]
    datasets = [read(path, rules=RULES) for path in paths]
    for dataset in datasets:
        assert rows_of(dataset) == sorted(ROWS)
        assert dataset.labels == ("Dutch", "Irish", "Polish", "Scottish")
        assert dataset.texts.tolist() == sorted(normalise(name, RULES) for name, _ in ROWS)
        assert dataset.report.rows == dataset.report.kept == 4
    assert len({dataset.fingerprint for dataset in datasets}) == 1


def test_parquet_gives_the_same_dataset(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    names, origins = zip(*ROWS, strict=True)
    columns = {"id": [1, 2, 3, 4], "Name": list(names), "class": pyarrow.array(origins).dictionary_encode()}
    parquet.write_table(pyarrow.table(columns), tmp_path / "names.parquet")
    assert rows_of(read(tmp_path / "names.parquet", rules=RULES)) == sorted(ROWS)
    assert (
        "no column 'nome' among 'id', 'Name', 'class'" in faults_of(tmp_path / "names.parquet", name_column="nome")[0]
    )
    parquet.write_table(pyarrow.table({"name": ["a", None], "origin": [1.5, None]}), tmp_path / "floats.parquet")
    assert "floats.parquet: column 'origin' holds double; " in faults_of(tmp_path / "floats.parquet")[0]
    whole = (tmp_path / "names.parquet").read_bytes()
    for cut in range(0, len(whole), 97):
        faults_of(table(tmp_path / "cut.parquet", whole[:cut]))


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (fault,) = faults_of(table(tmp_path / "names.parquet", b"PAR1"))
    assert fault.endswith("names.parquet: Parquet needs the package pyarrow; pip install 'charnn[parquet]'")


@pytest.mark.parametrize("block", [1, 2, 3, 7])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_windows_may_end_anywhere(tmp_path, block, encoding):
    text = "name,origin\r\n" + "".join(f'"{name}",{origin}\r\n' for name, origin in ROWS)
    path = table(tmp_path / "names.csv", text.encode(encoding))
    assert rows_of(read(path, rules=RULES, window_bytes=block)) == sorted(ROWS)
    path = table(tmp_path / "ragged.csv", (text + "x\r\n").encode(encoding))
    assert faults_of(path, window_bytes=block)[0].startswith(f"{path}:6: 1 fields ")


def test_a_column_may_be_given(tmp_path):
    path = table(tmp_path / "x.csv", "name,Nom,pays\nwrong,Dupont,France\nwrong,Rossi,Italie\n")
    dataset = read(path, rules=RULES, name_column="nom", origin_column="pays")
    assert rows_of(dataset) == [("Dupont", "France"), ("Rossi", "Italie")]


def test_a_field_may_hold_separators_quotes_and_line_ends(tmp_path):
    path = table(tmp_path / "x.csv", 'name,origin\n"Smith, ""Jack""\nJohn",A\nLee,"B"\n')
    assert rows_of(read(path, rules=RULES)) == [("Lee", "B"), ('Smith, "Jack"\nJohn', "A")]


# ---- rows


def test_what_is_not_kept_is_counted(tmp_path):
    rows = ["Hinton,Scottish", "hinton ,Scottish", "HINTON,English", " ,English", "\u200b,English", "123,English"]
    rows += ["N/A,English", "http://x.org,English"]
    rows += ["Lee, ", "Lee,\u00a0Korean  South", "Lee,Korean South", "Hinton,Scottish", "HINTON,English"]
    report = read(table(tmp_path / "x.csv", "\n".join(["name,origin", *rows])), rules=RULES).report
    assert (report.rows, report.kept, report.repeats) == (13, 3, 4)
    assert (report.empty, report.no_letters, report.unlabelled, report.undecodable) == (2, 1, 1, 0)
    assert report.no_name == 2


def test_the_order_of_rows_changes_nothing(tmp_path):
    rows = [f"{name},{origin}" for name in ("Ab", "Cd", "Ef") for origin in ("Z", "Y", "X")]
    first = read(table(tmp_path / "a.csv", "\n".join(["name,origin", *rows])), rules=RULES)
    second = read(table(tmp_path / "b.csv", "\n".join(["name,origin", *reversed(rows)])), rules=RULES)
    assert (first.names.tolist(), first.texts.tolist(), first.labels) == (
        second.names.tolist(),
        second.texts.tolist(),
        second.labels,
    )
    assert first.origins.tolist() == second.origins.tolist()
    assert first.fingerprint == second.fingerprint
    third = read(table(tmp_path / "c.csv", "\n".join(["name,origin", *rows[:-1]])), rules=RULES)
    assert third.fingerprint != first.fingerprint


def test_the_lessons_names_have_the_facts_of_their_readme(tutorial_names):
    """Both counts of distinct things agree with the README; in the one-case text 'An' and 'an' (Vietnamese) are one."""
    cased = read(tutorial_names, rules=TextRules(casefold=False))
    assert len(cased) == 17_986
    dataset = read(tutorial_names, rules=RULES)
    assert len(dataset) == 17_985
    keys = [name_key(text) for text in dataset.texts]
    assert len(set(keys)) == 17_411
    assert len({key for key, origins in _by_key(keys, dataset).items() if len(origins) > 1}) == 477
    sizes = dict(zip(dataset.labels, (dataset.origins[:, None] == range(18)).sum(axis=0).tolist(), strict=True))
    assert {origin: sizes[origin] for origin in ("Arabic", "Portuguese", "Korean")} == {
        "Arabic": 108, "Portuguese": 74, "Korean": 94,
    }  # fmt: skip
    assert sizes["Vietnamese"] == 71 - 1
    assert round(sizes["Russian"] / len(dataset), 2) == 0.52
    assert dataset.report.repeats == dataset.report.rows - len(dataset)


def _by_key(keys: list[str], dataset: Dataset) -> dict[str, set[int]]:
    origins: dict[str, set[int]] = {}
    for key, origin in zip(keys, dataset.origins.tolist(), strict=True):
        origins.setdefault(key, set()).add(origin)
    return origins


@given(keys=st.lists(st.text(), max_size=20))
def test_hashes_are_one_to_one_and_stable(keys):
    hashes = name_hash(keys)
    assert len(set(hashes.tolist())) == len(set(keys))
    assert name_hash(iter(keys[::-1])).tolist() == hashes.tolist()[::-1]


def test_a_hash_never_changes():
    assert name_hash(["hinton", ""]).tolist() == [1668132895767638978, 13020603013274838756]


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["Ab", "ab", "AB ", "Cd", "Łé", "", "1"]), st.sampled_from("XYZ ")), min_size=1
    ),
    remembered=st.integers(1, 5),
)
def test_repeats_are_found_however_far_apart(rows, remembered):
    """The dataset is the same whether all rows are remembered or but a few, with the same repeats counted."""
    usual = Collector(RULES, ReadReport())
    forgetful = Collector(RULES, ReadReport(), Portions(remembered=remembered, fewest_sorted=4))
    usual.add(rows)
    forgetful.add(rows)
    one, other = usual.finish(), forgetful.finish()
    assert (one.names.tolist(), one.texts.tolist(), one.labels) == (
        other.names.tolist(),
        other.texts.tolist(),
        other.labels,
    )
    assert one.origins.tolist() == other.origins.tolist()
    assert one.hashes.tolist() == other.hashes.tolist()
    assert (one.report, one.fingerprint) == (other.report, other.fingerprint)
    readable = [(name, origin) for name, origin in rows if name.strip(" 1") and origin.strip()]
    texts = [(normalise(name, RULES), origin) for name, origin in readable]
    kept = sorted((text, origin, readable[texts.index((text, origin))][0].strip()) for text, origin in set(texts))
    labels = [other.labels[origin] for origin in other.origins]
    assert list(zip(other.texts, labels, other.names, strict=True)) == kept


# ---- progress


def test_progress_is_told_from_the_start_to_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr("time.monotonic", itertools.count().__next__)
    rows = "".join(f"name{'abcdefghij'[n % 10]},{n % 7}\n" for n in range(2000))
    told = []
    path = table(tmp_path / "x.csv", "name,origin\n" + rows)
    read(
        path, rules=RULES, on_progress=lambda *call: told.append(call), window_bytes=1 << 10, portions=Portions(block=7)
    )
    assert told[0] == (0, 0.0)
    assert told[-1] == (2000, 1.0)
    assert len(told) > 10
    assert told == sorted(told)
    shares = [share for rows, share in told if rows == 2000]
    assert sum(SHARE_OF_READING < share < 1 for share in shares) > 5  # putting them in order is told of as well


def test_progress_is_told_at_most_ten_times_a_second(tmp_path, monkeypatch):
    monkeypatch.setattr("time.monotonic", (number / 50 for number in itertools.count()).__next__)  # asked once a window
    told = []
    path = table(tmp_path / "x.csv", "name,origin\n" + "A,b\nC,d\n" * 10)
    read(path, rules=RULES, on_progress=lambda *call: told.append(call), window_bytes=1)
    assert 10 < len(told) < 105 / 5 + 5
