"""Bad data: each fault is told with its place, or the right result comes of it."""

import errno
import os
import tracemalloc

import pytest
from data_files import RULES, faults_of, folder, rows_of, table
from hypothesis import given, settings
from hypothesis import strategies as st

from charnn_cli.data import read
from charnn_cli.data.reading import MAX_FAULTS_SHOWN
from charnn_cli.errors import DataError


def test_a_path_that_cannot_be_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    table(tmp_path / "names.xlsx", "PK\3\4")
    table(tmp_path / "names.odt", "name")
    table(tmp_path / "names.txt", "name")
    table(tmp_path / "empty.csv", "")
    (tmp_path / "none").mkdir()
    expected = {
        "missing.csv": "no such file or folder; ",
        "pipe.csv": "is a named pipe, not a file; ",
        "loop.csv": "cannot be read: ",
        "names.xlsx": "no readable zip (",
        "names.odt": "of a kind that charnn does not read; ",
        "names.txt": "is a list of names, which tells no origins; ",
        "empty.csv": "is empty; ",
        "none": "holds no .txt files; ",
        "nul\0.csv": "cannot be read: ",
    }
    for name, what in expected.items():
        (fault,) = faults_of(tmp_path / name)
        assert fault.startswith(f"{tmp_path}/{name}: {what}".replace("\0", "\\u0000"))


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


def test_a_folder_beside_or_in_what_was_given_is_guessed(tmp_path):
    (tmp_path / "data").mkdir()
    names = folder(tmp_path / "data" / "names", {"Irish.txt": "Ab\n", "Czech.txt": "Cd\n"})
    (names.parent / "notes.txt").write_text("Ef\n")
    assert faults_of(names.parent)[0].endswith(f"all names have one origin, 'notes'; did you mean '{names}'?")
    assert faults_of(names.with_name("name"))[0].endswith(f"no such file or folder; did you mean '{names}'?")
    (names.parent / "notes.txt").unlink()
    assert faults_of(names.parent)[0].endswith(f"did you mean '{names}'?")


def test_a_hundred_thousand_origins_are_read(tmp_path):
    rows = "".join(f"b{chr(97 + n % 26)}{chr(97 + n // 26 % 26)},L{n}\n" for n in range(100_000))
    dataset = read(table(tmp_path / "x.csv", "name,origin\n" + rows), rules=RULES)
    assert len(dataset.labels) == len(dataset) == 100_000


@pytest.mark.parametrize("name", ["x.csv", "x.ndjson", "names/A.txt"])
def test_a_line_of_a_hundred_megabytes_takes_little_memory(tmp_path, name):
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
        ("x.csv", 'name,origin\nA,b\n"C"x,d\nE,f\n', ["3: no CSV (',' expected after '\"')"]),
        ("x.csv", 'name,origin\nA,b\n"C,d\nE,f\n', ["3: a quoted field has no end"]),
        ("x.csv", "A,b\nC,d\n", ["1: no column of names among 'A', 'b'", "1: no column of origins among"]),
        ("x.csv", "A,b\n\0,d\n", ["1: no column of names", "1: no column of origins", "2: holds a NUL"]),
        ("x.csv", "name,origin\nA,b\n".encode("utf-16-le"), ["1: holds a NUL", "2: holds a NUL", "3: holds a NUL"]),
        ("x.ndjson", '{"a":"A","b":"b"}\n\0\n', ["1: no column of names", "1: no column of origins", "2: holds a NUL"]),
        ("x.csv", "name,Name,origin\nA,B,c\n", ["1: 2 columns are named 'name'"]),
        ("x.csv", "name,origin\nA,b\n\ufffd,c\nD,e\n", ["3: holds U+FFFD"]),
        ("x.csv", "name,origin\nA,b\u202e\nC,d\ne,f\n", [" origin 'b\\u202e' holds a control character"]),
        ("x.csv", f"name,origin\nA,{'b' * 201}\nC,d\nE,f", [f" origin '{'b' * 40}…' has 201 characters"]),
        ("x.tsv", "name,origin\nA,b\n", ["1: no column of names among 'name,origin'", "1: no column of origins"]),
        ("x.ndjson", '{"name":"A","origin":"b"}\n{\n[]\n7\n', ["2: not a JSON object", "3: not an object", "4: "]),
        ("x.ndjson", '{"name":"A","origin":"b"}\n{"name":"C"}\n', ["2: no key 'origin'"]),
        ("x.ndjson", '{"name":"A","origin":"b"}\n{"name":["C"],"origin":"d"}\n', ["2: 'name' is no text ([\"C\"])"]),
        ("x.ndjson", '{"name":"A","origin":"b"}\n{"name":"\\ud800","origin":"d"}\n', ["2: half a surrogate pair"]),
        ("x.ndjson", '{"name":"A","origin":"b"}\n' + "[" * 100_000 + "\n", ["2: not a JSON object"]),
        ("x.ndjson", '{"name":"A","origin":"b"}\n{"name":true,"origin":"d"}\n', ["2: 'name' is no text (true)"]),
        ("x.ndjson", '{"name":"A","origin":"b"}\n{"name":NaN,"origin":"d"}\n', ["2: not a JSON object"]),
        ("x.json", '[\n{"name":"A","origin":"b"},\n7,{"name":1.5,"origin":"b"}]', ["3: 'name' is", "3: not an obj"]),
        ("x.json", '[{"name":"A",\n"origin":"b"}\n{"name":"C","origin":"d"}]\n', ["3: no JSON (',' or the end"]),
        ("x.json", '[{"name":"A","origin":"b"},\n{"name":"C","origin"', ["2: no JSON ("]),
        ("x.json", '[{"name":"A","origin":"b"}\n', ["1: the array has no end"]),
    ],
)  # fmt: skip
def test_faults_of_tables(tmp_path, name, content, faults):
    path = table(tmp_path / name, content)
    told = [fault.removeprefix(f"{path}:") for fault in faults_of(path)]
    for expected in faults:
        assert any(fault.startswith(expected) for fault in told), expected


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
    assert "\\u001b[31m\\u000aB.txt: holds no names" in faults[0]


PIECES = [b"name", b"origin", b",", b"\t", b";", b"\n", b"\r", b'"', b"A", b"b", b"\xff", b"\0", b"{", b"}", b"[", b":"]
PIECES += [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", "é李".encode(), b'{"name":"A","origin":"b"}\n', b"name,origin\n"]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".ndjson", ".json", ".txt"])
@given(pieces=st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=3)), max_size=30), block=st.integers(1, 9))
@settings(max_examples=200, deadline=None)
def test_no_bytes_break_a_reader(tmp_path_factory, suffix, pieces, block):
    content = b"".join(pieces)
    path = tmp_path_factory.mktemp("fuzz") / f"x{suffix}"
    path.write_bytes(content)
    outcomes = []
    for size in (block, 1 << 20):
        try:
            dataset = read(path.parent if suffix == ".txt" else path, rules=RULES, strict=False, window_bytes=size)
            outcomes.append((rows_of(dataset), sorted(dataset.report.faults.shown)))
            report = dataset.report
            dropped = report.repeats + report.empty + report.unlabelled + report.no_letters + report.no_name
            assert report.rows == report.kept + dropped
        except DataError as error:
            outcomes.append(sorted(error.lines()))
    assert outcomes[0] == outcomes[1]
