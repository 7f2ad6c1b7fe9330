"""Windows of lines hold every line, however the bytes arrive."""

import bz2
import gzip
import io
import os
import time
import zipfile
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from charnn_cli.formats.lines import ENDLESS, OTHER_MARKS, WINDOW_BYTES, line_windows, lines_of
from charnn_cli.formats.opening import opened_rows


class Dribble(io.BytesIO):
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size = size

    def read1(self, size: int = -1, /) -> bytes:
        return super().read1(self._size)


@given(
    st.lists(st.binary(max_size=6).map(lambda line: line.replace(b"\n", b"")), max_size=12),
    st.integers(1, 9),
    st.booleans(),
)
def test_lines_come_out_as_they_went_in(lines: list[bytes], size: int, ends: bool) -> None:
    data = b"\n".join(lines) + (b"\n" if ends and lines else b"")
    assume(not data.startswith(tuple(OTHER_MARKS)))
    assume(b"\n" in data or b"\r" not in data)  # or CR would end the lines
    expected = data.split(b"\n")
    if expected[-1] == b"":
        expected.pop()
    if expected:
        expected[0] = expected[0].removeprefix(b"\xef\xbb\xbf")
        if expected == [b""] and not data.endswith(b"\n"):
            expected = []
    assert [line for window in line_windows(Dribble(data, size)) for line in window] == expected


def test_a_line_is_there_before_the_next_has_come() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream, os.fdopen(writing, "wb", buffering=0) as pipe:
        windows = line_windows(stream)
        for name in (b"Hinton", b"Kim", b"Li"):
            pipe.write(name + b"\n")
            assert next(windows) == [name]
        pipe.close()
        assert next(windows, None) is None


def test_a_million_characters() -> None:
    data = b"a" * 1_000_000 + b"\nb"
    assert [line for window in line_windows(io.BytesIO(data)) for line in window] == [b"a" * 1_000_000, b"b"]


def test_a_line_in_many_pieces_takes_linear_time() -> None:
    started = time.process_time()
    assert list(line_windows(Dribble(b"a" * 20_000_000, 1000))) == [[b"a" * 20_000_000]]
    assert time.process_time() - started < 2


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "utf-32-be"])
def test_text_in_any_encoding_with_a_mark_and_any_line_end(encoding: str, end: str, size: int) -> None:
    text = end.join(["Łukasiewicz", "", "李 明", ""])
    data = ("\ufeff" * encoding.endswith("be") + text).encode(encoding)
    lines = [line for window in line_windows(Dribble(data, size)) for line in window]
    assert [line.removesuffix(b"\r").decode() for line in lines] == ["Łukasiewicz", "", "李 明"]


@pytest.mark.parametrize("size", [1, 5, 100])
def test_a_carriage_return_among_lines_that_end_in_lf_is_text(size: int) -> None:
    assert list(chain(*line_windows(Dribble(b"Kow\rMalski\nHinton\n", size)))) == [b"Kow\rMalski", b"Hinton"]


def test_of_a_line_without_end_little_is_kept() -> None:
    pieces = [b"a\n", *[b"b" * 100] * 50, b"b\nc\n", *[b"d" * 100] * 50]
    assert list(lines_of(pieces, longest=500)) == [[b"a"], [ENDLESS, b"c"], [ENDLESS]]


@pytest.mark.parametrize("way", ["plain", "gz", "bz2", "zip"])
def test_windows_of_a_compressed_file_are_as_large_as_those_of_a_plain_one(way: str, tmp_path: Path) -> None:
    content = b"".join(b"name %d\n" % number for number in range(150_000))
    path = tmp_path / f"names.txt.{way}"
    if way == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("names.txt", content)
    else:
        path.write_bytes({"gz": gzip.compress, "bz2": bz2.compress}.get(way, bytes)(content))
    with opened_rows(str(path), None, "NAME") as source:
        windows = [sum(map(len, window)) + len(window) for window in source]
    assert sum(windows) == len(content)
    assert len(windows) <= 2 + len(content) // WINDOW_BYTES
