"""Any bytes as the input of `charnn predict`: every row comes back, however the bytes arrive."""

import csv
import io

from common import scratch

from charnn_cli.errors import CharnnError
from charnn_cli.formats.columns import find_column
from charnn_cli.formats.delimited import DelimitedReader
from charnn_cli.formats.lines import OTHER_MARKS, line_windows
from charnn_cli.predict.priors import read_priors

LABELS = ("Dutch", "Italian", "Zürich")
SEEDS = [
    b"\0Hinton\nKim\r\n\n\xff\0",
    b'\1id,name\n1,Kim\n2,"Li, ""x""\n y"\r\n3\n',
    b'\1name;id\n"a\nb";c\n;\n"',
    b'\1a\tname\n1\t"Kim\n\tx\ty\n',
    b"\2Dutch,1\nItalian,2\nZ\xc3\xbcrich,0.5\n",
    b'\2{"Dutch": 1' + b"0" * 400 + b', "Italian": ' + b"[" * 2000,
    b'\2{"Dutch": 1, "Italian": 0, "Z\\u00fcrich": 3e2}',
]
_FILE = scratch() / "prior"


class _Dribble(io.BytesIO):
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size = size

    def read1(self, size: int = -1, /) -> bytes:
        return super().read1(self._size)


def check(data: bytes) -> None:
    """The first byte chooses names, rows or shares of origins, and how many bytes come at a time."""
    way, content = (data[:1] or b"\0")[0], data[1:]
    piece = 1 + way // 3 % 16
    try:
        (_names, _rows, _shares)[way % 3](content, piece)
    except CharnnError as error:
        for line in error.lines():
            assert "; " in line, line
            assert "\n" not in line, line


def _names(content: bytes, piece: int) -> None:
    lines = [line for window in line_windows(_Dribble(content, piece)) for line in window]
    if content.startswith(tuple(OTHER_MARKS)):
        return
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    assert b"\n".join(lines) == content.removesuffix(b"\n")


def _rows(content: bytes, piece: int) -> None:
    reader = DelimitedReader(line_windows(_Dribble(content, piece)), "stdin")
    reader.choose([find_column(reader.columns, "name", "name", "column")])
    rows = [row for records in reader for row in records.fields]
    for records in DelimitedReader(line_windows(_Dribble(content, 64)), "stdin"):
        assert len(records.names) == len(records.fields) == len(records.raw)
    assert all(len(row) == len(reader.columns) for row in rows)
    if reader.separator == b"\t" or b"\r" in content or content.startswith(tuple(OTHER_MARKS)):
        return
    text = content.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    table = list(csv.reader(io.StringIO(text, newline=""), delimiter=reader.separator.decode()))
    expected = [row + [""] * (len(table[0]) - len(row)) for row in table[1:]]
    assert [[field.decode("utf-8", "surrogateescape") for field in row] for row in rows] == expected


def _shares(content: bytes, piece: int) -> None:
    _FILE.write_bytes(content)
    shares = read_priors(str(_FILE), LABELS)
    assert shares is not None
    assert abs(shares.sum() - 1) < 1e-9
    assert (shares >= 0).all()
