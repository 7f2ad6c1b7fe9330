"""Blocks hold every row of a file once, in order, whatever the fields hold."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charnn_cli.bulk.blocks import Block, blocks, rows_of
from charnn_cli.errors import DataError
from charnn_cli.formats.lines import line_windows
from charnn_cli.formats.opening import opened_rows

fields = st.text(st.sampled_from('ab,"\n\r;\t é'), max_size=6)
each_example = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def whole(path: Path) -> list[list[bytes]]:
    with opened_rows(str(path), "name", "column") as source:
        return [row for records in source for row in records.fields]  # type: ignore[union-attr]


def in_blocks(path: Path, block_bytes: int = 24) -> tuple[list[Block], list[list[bytes]]]:
    cut = list(blocks(str(path), "name", block_bytes=block_bytes, window_bytes=16))
    rows = []
    for block in cut:
        with rows_of(str(path), "name", block) as source:
            rows += [row for records in source for row in records.fields]  # type: ignore[union-attr]
    return cut, rows


def check_cut(cut: list[Block], size: int) -> None:
    assert [block.number for block in cut] == list(range(len(cut)))
    assert [block.is_last for block in cut] == [False] * (len(cut) - 1) + [True]
    assert cut[0].start == cut[0].header_bytes
    assert [block.end for block in cut] == [*(block.start for block in cut[1:]), size]


@each_example
@given(st.lists(st.tuples(fields, fields), max_size=30), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())
def test_rows_of_csv(
    tmp_path: Path, rows: list[tuple[str, str]], end: str, has_mark: bool, ends_with_line: bool
) -> None:
    stream = io.StringIO()
    quoting = csv.QUOTE_ALL if any("\r" in field for row in rows for field in row) else csv.QUOTE_MINIMAL
    csv.writer(stream, lineterminator=end, quoting=quoting).writerows([("na\nme, of", "name"), *rows])
    data = b"\xef\xbb\xbf" * has_mark + stream.getvalue().encode()
    path = tmp_path / "people.csv"
    path.write_bytes(data if ends_with_line else data.removesuffix(end.encode()))
    cut, found = in_blocks(path)
    check_cut(cut, path.stat().st_size)
    assert found == whole(path)
    assert [row for row in rows if "\r" not in row[0] + row[1]] == [
        (first, second) for first, second in (map(bytes.decode, row) for row in found) if "\r" not in first + second
    ]


def test_quotes_within_plain_fields_are_no_quoting(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id,name\n" + "".join(f'{number},a 5" disk\n' for number in range(20)))
    cut, found = in_blocks(path)
    assert len(cut) > 3
    assert found == whole(path)


def test_a_field_longer_than_a_block(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text('id,name\n1,"' + "a\n" * 100 + '"\n2,b\n' + "3,c\n" * 20)
    cut, found = in_blocks(path)
    assert cut[0].end - cut[0].start > 200
    assert found == whole(path)


@each_example
@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=9).map(str.encode), max_size=30),
    st.booleans(),
)
def test_lines_of_any_text(tmp_path: Path, rows: list[bytes], has_mark: bool) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes(b"\xef\xbb\xbf" * has_mark + b"".join(row + b"\n" for row in rows))
    cut = list(blocks(str(path), None, block_bytes=24, window_bytes=16))
    check_cut(cut, path.stat().st_size)
    found = []
    for block in cut:
        with rows_of(str(path), None, block) as windows:
            found += [line for window in windows for line in window]
    with path.open("rb") as stream:
        assert found == [line for window in line_windows(stream) for line in window]


def test_a_mark_within_a_file_is_a_character(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes(b"\xef\xbb\xbfab\n" * 20)
    cut = list(blocks(str(path), None, block_bytes=1, window_bytes=16))
    assert len(cut) > 1
    with rows_of(str(path), None, cut[1]) as windows:
        assert next(iter(windows))[0] == b"\xef\xbb\xbfab"


@pytest.mark.parametrize("fault", ["21,c,d,e", '21,"c"d', '21,"c'])
def test_faults_name_the_line_of_the_file(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "people.csv"
    good = "".join(f'{number},"a\n{number}"\n' for number in range(10))
    path.write_text(f"id,name\n{good}{fault}\n")
    with pytest.raises(DataError) as expected:
        whole(path)
    with pytest.raises(DataError) as found:
        in_blocks(path)
    assert found.value.lines() == expected.value.lines()
    assert expected.value.line == 22


def test_row_groups_of_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = str(tmp_path / "people.parquet")
    for rows, expected in ((10, [(0, 2), (2, 4)]), (3, [(0, 1)]), (0, None)):  # an empty file may hold an empty group
        table = pyarrow.table({"name": pyarrow.array([f"n{row}" for row in range(rows)], pyarrow.string())})
        parquet.write_table(table, path, row_group_size=3)
        cut = list(blocks(path, "name", block_rows=4))
        assert expected in (None, [(block.start, block.end) for block in cut])
        found = []
        for block in cut:
            with rows_of(path, "name", block) as source:
                found += [name for records in source for name in records.names]  # type: ignore[union-attr]
        assert found == [b"n%d" % row for row in range(rows)]


def test_what_cannot_be_cut(tmp_path: Path) -> None:
    empty = tmp_path / "people.csv"
    empty.write_bytes(b"")
    with pytest.raises(DataError, match="is empty"):
        list(blocks(str(empty), "name"))
    with pytest.raises(DataError, match="cannot be read"):
        list(blocks(str(tmp_path / "none.csv"), "name"))
    empty.write_text("id,surname\n1,a\n")
    with pytest.raises(DataError, match="no column 'name'"):
        list(blocks(str(empty), "name"))


def test_a_file_that_is_cut_meanwhile_is_told(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("ab\n" * 20)
    (*_, last) = blocks(str(path), None, block_bytes=24, window_bytes=16)
    path.write_text("ab\n")
    with pytest.raises(DataError, match="was cut"), rows_of(str(path), None, last) as windows:
        list(windows)
