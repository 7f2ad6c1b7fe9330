"""Readers: every format gives the same names, and every fault of the data is told with its place."""

import codecs
import errno
import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charnn_cli.data import Dataset, name_hash, name_key, read
from charnn_cli.data.reading import MAX_FAULTS_SHOWN
from charnn_cli.errors import DataError
from charnn_cli.text import TextRules, normalise

RULES = TextRules()
ROWS = [("Hinton", "Scottish"), ("Łukasiewicz", "Polish"), ("O’Neill", "Irish"), ("van der Berg, jr.", "Dutch")]


def rows_of(dataset: Dataset) -> list[tuple[str, str]]:
    return sorted(zip(dataset.names, (dataset.labels[origin] for origin in dataset.origins), strict=True))


def faults_of(path: Path, **options) -> list[str]:
    with pytest.raises(DataError) as error:
        read(path, rules=RULES, **options)
    lines = error.value.lines()
    assert all("\n" not in line and "; " in line for line in lines)
    return lines


def folder(path: Path, files: dict[str, str | bytes]) -> Path:
    path.mkdir(exist_ok=True)
    for name, content in files.items():
        (path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def table(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# ---- every format


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
        assert dataset.texts == sorted(normalise(name, RULES) for name, _ in ROWS)
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
    assert "floats.parquet: row 1: 'name' or 'origin' is no text; " in faults_of(tmp_path / "floats.parquet")[0]
    whole = (tmp_path / "names.parquet").read_bytes()
    for cut in range(0, len(whole), 97):
        faults_of(table(tmp_path / "cut.parquet", whole[:cut]))


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (fault,) = faults_of(table(tmp_path / "names.parquet", b"PAR1"))
    assert fault.endswith("names.parquet: reading Parquet needs the package pyarrow; pip install 'charnn[parquet]'")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_with_a_byte_order_mark_and_any_line_end(tmp_path, encoding, end):
    text = end.join(["name,origin", *(f'"{name}",{origin}' for name, origin in ROWS)])
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, b"")
    assert rows_of(read(table(tmp_path / "names.csv", mark + text.encode(encoding)), rules=RULES)) == sorted(ROWS)


@pytest.mark.parametrize("block", [1, 2, 3, 7])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_blocks_may_end_anywhere(tmp_path, monkeypatch, block, encoding):
    monkeypatch.setattr("charnn_cli.data.lines.BLOCK_BYTES", block)
    text = "name,origin\r\n" + "".join(f'"{name}",{origin}\r\n' for name, origin in ROWS)
    assert rows_of(read(table(tmp_path / "names.csv", text.encode(encoding)), rules=RULES)) == sorted(ROWS)
    path = table(tmp_path / "ragged.csv", (text + "x\r\n").encode(encoding))
    assert faults_of(path)[0].startswith(f"{path}:6: 1 fields ")


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
    rows += ["Lee, ", "Lee,\u00a0Korean  South", "Lee,Korean South", "Hinton,Scottish", "HINTON,English"]
    report = read(table(tmp_path / "x.csv", "\n".join(["name,origin", *rows])), rules=RULES).report
    assert (report.rows, report.kept, report.repeats) == (11, 3, 4)
    assert (report.empty, report.no_letters, report.unlabelled, report.undecodable) == (2, 1, 1, 0)


def test_the_order_of_rows_changes_nothing(tmp_path):
    rows = [f"{name},{origin}" for name in ("Ab", "Cd", "Ef") for origin in ("Z", "Y", "X")]
    first = read(table(tmp_path / "a.csv", "\n".join(["name,origin", *rows])), rules=RULES)
    second = read(table(tmp_path / "b.csv", "\n".join(["name,origin", *reversed(rows)])), rules=RULES)
    assert (first.names, first.texts, first.labels) == (second.names, second.texts, second.labels)
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


# ---- progress


def test_progress_is_told_from_the_start_to_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr("charnn_cli.data.reading.PROGRESS_SECONDS", 0)
    monkeypatch.setattr("charnn_cli.data.lines.BLOCK_BYTES", 1 << 10)
    rows = "".join(f"name{'abcdefghij'[n % 10]},{n % 7}\n" for n in range(2000))
    told = []
    read(table(tmp_path / "x.csv", "name,origin\n" + rows), rules=RULES, on_progress=lambda *call: told.append(call))
    assert told[0] == (0, 0.0)
    assert told[-1] == (2000, 1.0)
    assert len(told) > 10
    assert told == sorted(told)


def test_progress_is_told_at_most_ten_times_a_second(tmp_path, monkeypatch):
    monkeypatch.setattr("charnn_cli.data.lines.BLOCK_BYTES", 1)
    told = []
    read(table(tmp_path / "x.csv", "name,origin\nA,b\nC,d\n"), rules=RULES, on_progress=lambda *call: told.append(call))
    assert len(told) < 10


# ---- faults of files


def test_a_path_that_cannot_be_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    table(tmp_path / "names.xlsx", "PK")
    table(tmp_path / "empty.csv", "")
    (tmp_path / "none").mkdir()
    expected = {
        "missing.csv": "no such file or folder; ",
        "pipe.csv": "is a named pipe, not a file; ",
        "loop.csv": "cannot be read: ",
        "names.xlsx": "of a kind that charnn does not read; ",
        "empty.csv": "is empty; ",
        "none": "holds no .txt files; ",
        "nul\0.csv": "cannot be read: ",
    }
    for name, what in expected.items():
        (fault,) = faults_of(tmp_path / name)
        assert fault.startswith(f"{tmp_path}/{name}: {what}".replace("\0", "\\x00"))


def test_a_folders_faults_come_all_at_once(tmp_path):
    path = folder(tmp_path / "names", {"Good.txt": "Ab\nCd\n", "One.txt": "Ef\n", "good.TXT": "Gh\n", "Empty.txt": ""})
    folder(path, {"Latin.txt": "Muller\nM\xfcller\n".encode("latin-1"), "Nul.txt": "Sm\0th\nOk\n", "notes.md": "\0"})
    folder(path, {".hidden.txt": "\0", "Blank.txt": "\n \n"})
    (path / "Folder.txt").mkdir()
    (path / "Loop.txt").symlink_to("Loop.txt")
    os.mkfifo(path / "Pipe.txt")
    told = [fault.removeprefix(f"{path}/") for fault in faults_of(path)]
    assert [fault.partition("; ")[0] for fault in told] == [
        "Folder.txt: is a folder, not a file",
        f"Loop.txt: cannot be read: {os.strerror(errno.ELOOP)}",
        "Pipe.txt: is a named pipe, not a file",
        "good.TXT: differs from 'Good.txt' in case alone",
        "Empty.txt: holds no names",
        "Latin.txt:2: not UTF-8 (byte 0xFC)",
        "Nul.txt:1: holds a NUL character",
    ]
    dataset = read(path, rules=RULES, strict=False)
    assert [name for name, _ in rows_of(dataset)] == ["Ab", "Cd", "Ef", "Gh", "Muller", "Ok"]
    assert dataset.report.undecodable == 2
    assert dataset.report.empty == 2
    assert dataset.report.faults.count == 7


def test_one_origin_is_not_enough(tmp_path):
    path = folder(tmp_path / "names", {"Only.txt": "Ab\nCd\n"})
    assert faults_of(path) == [f"{path}: all names have one origin, 'Only'; add names of another origin"]
    path = table(tmp_path / "x.csv", "name,origin\n,\n1,a\n")
    assert faults_of(path) == [f"{path}: holds no names; give labelled names, at least two origins"]


def test_a_hundred_thousand_origins_are_read(tmp_path):
    rows = "".join(f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)},L{n}\n" for n in range(100_000))
    dataset = read(table(tmp_path / "x.csv", "name,origin\n" + rows), rules=RULES)
    assert len(dataset.labels) == len(dataset) == 100_000


@pytest.mark.parametrize("name", ["x.csv", "x.ndjson", "names/A.txt"])
def test_a_line_of_a_hundred_megabytes_takes_little_memory(tmp_path, name):
    import tracemalloc

    (tmp_path / "names").mkdir()
    path = tmp_path / name
    first = {"x.csv": "name,origin\nAb,c\n", "x.ndjson": '{"name":"Ab","origin":"c"}\n'}.get(name, "Ab\n")
    last = {"x.csv": "De,f\n", "x.ndjson": '{"name":"De","origin":"f"}\n'}.get(name, "De\n")
    with path.open("w") as file:
        file.write(first)
        for _ in range(100):
            file.write("a" * 1_000_000)
        file.write("\n" + last)
    folder(tmp_path / "names", {"B.txt": "Gh\n"})
    tracemalloc.start()
    try:
        fault = faults_of(path if path.parent == tmp_path else path.parent)[0]
        peak = tracemalloc.get_traced_memory()[1]
        dataset = read(path if path.parent == tmp_path else path.parent, rules=RULES, strict=False)
    finally:
        tracemalloc.stop()
    line = first.count("\n") + 1
    assert fault == f"{path}:{line}: line of more than 1,048,576 characters; write one name a line"
    assert peak < 32e6
    assert {"Ab", "De"} <= set(dataset.names)


# ---- faults of tables


@pytest.mark.parametrize(
    ("name", "content", "faults"),
    [
        ("x.csv", "name,origin\nA,b\nC\nD,e,f\nG,h\n", ["3: 1 fields where the first line has 2", "4: 3 fields"]),
        ("x.csv", 'name,origin\nA,b\n"C"x,d\nE,f\n', ["3: no CSV: ',' expected after '\"'"]),
        ("x.csv", 'name,origin\nA,b\n"C,d\nE,f\n', ["3: no CSV: unexpected end of data"]),
        ("x.csv", "A,b\nC,d\n", ["1: no column of names among 'A', 'b'", "1: no column of origins among"]),
        ("x.csv", "name,Name,origin\nA,B,c\n", ["1: 2 columns are named 'name'"]),
        ("x.csv", "name,origin\nA,b\n\ufffd,c\nD,e\n", ["3: holds U+FFFD"]),
        ("x.csv", "name,origin\nA,b\u202e\nC,d\ne,f\n", [" origin 'b\\u202e' holds a control character"]),
        ("x.csv", f"name,origin\nA,{'b' * 201}\nC,d\nE,f", [f" origin '{'b' * 40}…' has 201 characters"]),
        ("x.tsv", "name,origin\nA,b\n", ["1: no column of names among 'name,origin'", "1: no column of origins"]),
        ("x.ndjson", '{"name":"A","origin":"b"}\n{\n[]\n7\n', ["2: not a JSON object", "3: not an object", "4: "]),
        ("x.ndjson", '{"name":"A","origin":"b"}\n{"name":"C"}\n', ["2: no key 'origin'"]),
        ("x.ndjson", '{"name":"A","origin":"b"}\n{"name":["C"],"origin":"d"}\n', ["2: 'name' or 'origin' is no text"]),
        ("x.ndjson", '{"name":"A","origin":"b"}\n{"name":"\\ud800","origin":"d"}\n', ["2: half a surrogate pair"]),
        ("x.ndjson", '{"name":"A","origin":"b"}\n' + "[" * 100_000 + "\n", ["2: not a JSON object"]),
        ("x.json", '[\n{"name":"A","origin":"b"}\n]\n', ["1: not a JSON object; write one JSON object a line (jq -c"]),
    ],
)  # fmt: skip
def test_faults_of_tables(tmp_path, name, content, faults):
    path = table(tmp_path / name, content)
    told = [fault.removeprefix(f"{path}:") for fault in faults_of(path)]
    assert len(told) >= len(faults)
    for fault, expected in zip(told, faults, strict=False):
        assert fault.startswith(expected)


def test_a_column_that_is_not_there_is_guessed_at(tmp_path):
    path = table(tmp_path / "x.csv", "Surname,Country of birth\nA,b\nC,d\n")
    place = f"{path}:1: no column 'surnam' among 'Surname', 'Country of birth'"
    assert faults_of(path, name_column="surnam", origin_column="Country of birth") == [
        f"{place}; did you mean 'Surname'?"
    ]
    both = faults_of(path, name_column="Surname", origin_column="surname")
    assert both[0].startswith(f"{path}:1: column 'Surname' is given for the names and for the origins; ")


def test_faults_beyond_the_first_are_counted(tmp_path):
    path = table(tmp_path / "x.csv", "name,origin\nA,b\nC,d\n" + "E\n" * 1000)
    faults = faults_of(path)
    assert len(faults) == MAX_FAULTS_SHOWN + 1
    assert faults[-1] == f"{1000 - MAX_FAULTS_SHOWN} more faults of the data; mend those above and try again"


def test_a_path_cannot_speak_to_the_terminal(tmp_path):
    path = folder(
        tmp_path / "names",
        {"A.txt": "Ab\n", "\x1b[31m\nB.txt": "", b"C\xff.txt".decode("utf-8", "surrogateescape"): "De\n"},
    )
    faults = faults_of(path)
    assert all(fault.isprintable() for fault in faults)
    assert "\\x1b[31m\\nB.txt: holds no names" in faults[0]


PIECES = [b"name", b"origin", b",", b"\t", b";", b"\n", b"\r", b'"', b"A", b"b", b"\xff", b"\0", b"{", b"}", b"[", b":"]
PIECES += [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", "é李".encode(), b'{"name":"A","origin":"b"}\n', b"name,origin\n"]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".ndjson", ".txt"])
@given(pieces=st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=3)), max_size=30), block=st.integers(1, 9))
@settings(max_examples=200, deadline=None)
def test_no_bytes_break_a_reader(tmp_path_factory, suffix, pieces, block):
    content = b"".join(pieces)
    path = tmp_path_factory.mktemp("fuzz") / f"x{suffix}"
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        outcomes = []
        for size in (block, 1 << 20):
            patch.setattr("charnn_cli.data.lines.BLOCK_BYTES", size)
            try:
                dataset = read(path.parent if suffix == ".txt" else path, rules=RULES, strict=False)
                outcomes.append((rows_of(dataset), dataset.report.faults.shown))
                report = dataset.report
                dropped = report.repeats + report.empty + report.unlabelled + report.no_letters
                assert report.rows == report.kept + dropped
            except DataError as error:
                outcomes.append(error.lines())
    assert outcomes[0] == outcomes[1]
