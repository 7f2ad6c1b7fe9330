"""`charnn train DATA --dry-run`: the report on stdout, every fault on stderr, in one pass."""

import json


def test_a_dry_run_reports_on_good_data(charnn, small_names):
    done = charnn("train", small_names, "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert "rows         30 read, 30 kept" in done.stdout
    assert "Bruno (Italian, Russian)" in done.stdout
    as_json = charnn("train", small_names, "--dry-run", "--format", "json")
    report = json.loads(as_json.stdout)
    assert (as_json.returncode, as_json.stderr) == (0, "")
    assert report["ambiguous"] == {"count": 1, "examples": ["Bruno (Italian, Russian)"]}
    assert [row["origin"] for row in report["origins"]] == ["Italian", "Japanese", "Russian"]


def test_a_dry_run_finds_every_fault_in_one_pass(charnn, tmp_path):
    names = tmp_path / "names"
    names.mkdir()
    (names / "Good.txt").write_text("Ab\nCd\nEf\n")
    (names / "good.txt").write_text("Gh\n")
    (names / "Latin.txt").write_bytes(b"Ij\nM\xfcller\n")
    (names / "None.txt").write_text("")
    (names / "Folder.txt").mkdir()
    done = charnn("train", "names", "--dry-run")
    assert done.returncode == 2
    assert "rows         5 read, 5 kept" in done.stdout
    assert done.stderr.splitlines() == [
        "charnn: error: names/Folder.txt: is a folder, not a file; write the names to a plain file",
        "charnn: error: names/good.txt: differs from 'Good.txt' in case alone; "
        "put the names of one origin into one file",
        "charnn: error: names/Latin.txt:2: not UTF-8 (byte 0xFC); "
        "save the file as UTF-8, or give its encoding, likely cp1252",
        "charnn: error: names/None.txt: holds no names; write one name a line, or remove the file",
    ]
    training = charnn("train", "names")
    assert (training.returncode, training.stdout, training.stderr) == (2, "", done.stderr)
    assert not list(tmp_path.glob("runs/*"))


def test_columns_are_given_by_settings(charnn, tmp_path):
    (tmp_path / "people.csv").write_text("who,where\nRossi,Italy\nSuzuki,Japan\n")
    done = charnn("train", "people.csv", "--dry-run")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "charnn: error: people.csv:1: no column of names among 'who', 'where'; "
        "name it 'name' in the first line, or give --set data.name_column=HEADING",
        "charnn: error: people.csv:1: no column of origins among 'who', 'where'; "
        "name it 'origin' in the first line, or give --set data.origin_column=HEADING",
    ]
    columns = ("--set", "data.name_column=who", "--set", "data.origin_column=where")
    done = charnn("train", "people.csv", "--dry-run", *columns)
    assert (done.returncode, done.stderr) == (0, "")
    assert "rows         2 read, 2 kept" in done.stdout
