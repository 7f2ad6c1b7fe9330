"""Windows of lines hold every line, however the bytes arrive."""

import io
import os
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from charnn_cli.errors import DataError
from charnn_cli.formats.windows import OTHER_MARKS, line_windows


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
    assume(not data.startswith(OTHER_MARKS))
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
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-32-be"])
def test_text_that_says_it_is_not_utf_8_is_refused(encoding: str, size: int) -> None:
    data = "\ufeffHinton\n".encode(encoding) if encoding.endswith("be") else "Hinton\n".encode(encoding)
    with pytest.raises(DataError, match=r"names\.txt: is UTF-16 or UTF-32; save it as UTF-8"):
        list(line_windows(Dribble(data, size), where="names.txt"))
