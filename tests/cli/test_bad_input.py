"""Bad input of the installed command: the right answer, or one line that says where and what to do."""

import os
import threading
from pathlib import Path

import pytest

ROWS = "name,origin\nRossi,Italian\nMori,Japanese\n"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("other.csv", b"surname\nRossi\n", "other.csv:1: no column 'name' among 'surname'; did you mean 'surname'?"),
        ("far.csv", b"id\nRossi\n", "far.csv:1: no column 'name' among 'id'; give one of them as --column NAME"),
        ("none.json", b"{}\n", "none.json:1: has no columns, of names or of anything else; give each row its 'name'"),
        ("ragged.csv", ROWS.encode() + b"a,b,c\n", "ragged.csv:4: 3 fields where the first line has 2; quote fields"),
        ("open.csv", ROWS.encode() + b'"a,b\n' * 9, "open.csv:4: no CSV ('"),
        ("empty.csv", b"", "empty.csv: is empty; the first line must name the columns"),
        ("loop.csv", None, f"loop.csv: cannot be read ({os.strerror(40)}); name a file of names"),
        ("bad.parquet", b"PAR1\0PAR1", "bad.parquet: no readable Parquet ("),
    ],
)
def test_a_table_that_cannot_be_read(name: str, content: bytes | None, told: str, charnn, tiny_run, tmp_path) -> None:
    if content is None:
        (tmp_path / name).symlink_to(name)
    else:
        (tmp_path / name).write_bytes(content)
    done = charnn("predict", "--model", tiny_run, "--input", name, "--column", "name", "--output", "out.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"charnn: error: {told}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out.csv").exists()


def test_bytes_marks_and_line_ends_of_names_come_back(charnn, tiny_run: Path, tmp_path: Path) -> None:
    (tmp_path / "names").write_bytes(b"\xef\xbb\xbfRossi\r\nM\xc3\xbcller\nSm\0ith\n\n" + b"a" * 1_000_000 + b"\nMori")
    done = charnn("predict", "--model", tiny_run, "--input", "names", "--format", "csv", text=False)
    assert done.returncode == 0, done.stderr
    rows = done.stdout.split(b"\n")
    assert [row.partition(b",")[0] for row in rows[1:-1]] == [
        b"Rossi", b"M\xc3\xbcller", b"Sm\0ith", b"", b"a" * 1_000_000, b"Mori",
    ]  # fmt: skip


def test_names_may_come_from_a_named_pipe(charnn, tiny_run: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[b"Rossi\nMori\n"])
    writer.start()
    done = charnn("predict", "--model", tiny_run, "--input", "pipe", "--format", "csv", "--no-header")
    writer.join()
    assert [row.partition(",")[0] for row in done.stdout.splitlines()] == ["Rossi", "Mori"]


def test_a_folder_has_no_columns_to_name(charnn, small_names: Path) -> None:
    done = charnn("train", small_names, "--set", "data.name_column=surname", "--dry-run")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is a folder, which has no column 'surname'; leave out data.name_column" in done.stderr


@pytest.mark.parametrize("content", ['{"Italian": ' + "[" * 100_000, '{"Italian": 1' + "0" * 400 + "}", '"' * 3])
def test_shares_that_are_none(content: str, charnn, tiny_run: Path, tmp_path: Path) -> None:
    (tmp_path / "shares").write_text(content)
    done = charnn("predict", "Rossi", "--model", tiny_run, "--prior", "shares")
    assert done.returncode == 2
    assert done.stderr.startswith("charnn: error: shares: ")
    assert done.stderr.count("\n") == 1
