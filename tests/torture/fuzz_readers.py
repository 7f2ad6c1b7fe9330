"""Any bytes as labelled names: what a plain reader makes of them too, or a fault that names the file."""

import csv
import io
import json
from pathlib import Path

from common import scratch

from charnn_cli.data import Dataset, read
from charnn_cli.errors import DataError
from charnn_cli.formats.delimited import DelimitedReader
from charnn_cli.formats.lines import line_windows
from charnn_cli.text import TextRules, normalise

RULES = TextRules(max_length=12)
FORMATS = (".csv", ".tsv", ".ndjson", "folder", ".parquet")
ROWS = 'name,origin\nRossi,Italian\n"Mori, A. ""x""",Japanese\nRossi,Dutch\n'


def _parquet() -> bytes:
    import pyarrow
    from pyarrow import parquet

    stream = io.BytesIO()
    table = pyarrow.table({"name": ["Rossi", "Mori", None], "origin": ["Italian", "Japanese", "Dutch"]})
    parquet.write_table(table, stream, compression="none", use_dictionary=False)
    return stream.getvalue()


SEEDS = [
    b"\0" + ROWS.encode(),
    b"\0\xef\xbb\xbf" + ROWS.replace(",", ";").replace("\n", "\r\n").encode(),
    b"\0" + ROWS.encode("utf-16"),
    b'\x00name,origin\nA,b\n"C,d\nE,f\n\n,\nG,h,i\nJ\n',
    b"\1nationality\tfull name\nPolish\tWa\xc5\x82\xc4\x99sa\nDutch\tBerg\n",
    b'\2{"name": "Kim", "origin": "Korean"}\n{"name": "\\u00c5s", "origin": null}\n{"name": 7, "origin": "x"}\n[1]\n',
    b"\3A\x1fRossi\nBianchi\n\x1eB\x1fMori\n\x1ea\x1fKim\n",
    b"\4" + _parquet(),
]


def check(data: bytes) -> None:
    """The first byte chooses the format, the rest is the file; of a folder, files parted by 0x1e, named up to 0x1f."""
    kind, content = FORMATS[(data[:1] or b"\0")[0] % len(FORMATS)], data[1:]
    folder = scratch()
    path = folder / "data" if kind == "folder" else folder / f"data{kind}"
    files = _write(path, content, kind)
    try:
        dataset = read(path, rules=RULES, strict=False)
    except DataError as error:
        _check_faults(error.lines(), path)
    else:
        report = dataset.report
        _check_faults(report.faults.lines(), path)
        dropped = report.repeats + report.empty + report.unlabelled + report.no_letters + report.no_name
        assert report.rows == report.kept + dropped
        assert len(dataset) == report.kept == len(dataset.texts) == len(dataset.origins)
        assert list(dataset.labels) == sorted(set(dataset.labels))
        if not report.faults.count and kind != ".parquet":
            _compare(dataset, content, kind)
    finally:
        for file in files:
            file.unlink()


def _write(path: Path, content: bytes, kind: str) -> list[Path]:
    if kind != "folder":
        path.write_bytes(content)
        return [path]
    path.mkdir(exist_ok=True)
    files = _folder(content)
    for name, text in files.items():
        (path / name).write_bytes(text)
    return [path / name for name in files]


def _folder(content: bytes) -> dict[str, bytes]:
    """The files of a folder by name."""
    parts = (part.partition(b"\x1f") for part in content.split(b"\x1e")[:8])
    names = ((name.replace(b"/", b"").replace(b"\0", b"")[:100], text) for name, _, text in parts)
    return {name.decode("utf-8", "surrogateescape") + ".txt": text for name, text in names if name}


def _check_faults(lines: list[str], path: Path) -> None:
    for line in lines:
        assert "; " in line, line
        assert line.isprintable(), line
        assert line.startswith(str(path)) or "more faults" in line, line


def _compare(dataset: Dataset, content: bytes, kind: str) -> None:
    """What was read without a fault is what Python's own readers find."""
    if kind == "folder":
        files = {name: text for name, text in _folder(content).items() if name[0] != "."}
        rows = [
            (line, name.removesuffix(".txt")) for name, text in files.items() for line in _decoded(text).split("\n")
        ]
    elif kind == ".ndjson":
        objects = [json.loads(line) for line in _decoded(content).split("\n") if line.strip()]
        keys = list(objects[0])
        name, origin = (next(key for key in keys if key.strip().lower() == wanted) for wanted in ("name", "origin"))
        rows = [(str(row[name] or ""), str(row[origin] or "")) for row in objects if row[name] not in (0, False)]
    else:
        text = _decoded(content)
        reader = DelimitedReader(line_windows(io.BytesIO(content)), "data", separator=b"\t" if kind == ".tsv" else None)
        if "\r" in text:
            return  # in a row it is text, but for Python's reader
        if reader.separator == b"\t":
            table = [line.split("\t") for line in text.split("\n") if line]
        else:
            lines = csv.reader(io.StringIO(text, newline=""), delimiter=reader.separator.decode())
            table = [row for row in lines if row]
        header = [column.strip().lower() for column in table[0]]
        if "name" not in header or "origin" not in header:
            return  # found by one of the other headings
        rows = [(row[header.index("name")], row[header.index("origin")]) for row in table[1:]]
    expected = {(normalise(name, RULES), " ".join(origin.split())) for name, origin in rows}
    expected = {(text, origin) for text, origin in expected if any(map(str.isalpha, text)) and origin}
    found = {
        (text, dataset.labels[origin]) for text, origin in zip(dataset.texts, dataset.origins.tolist(), strict=True)
    }
    if all(origin.isascii() for _, origin in expected):
        assert found == expected


def _decoded(content: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16")):
        if content.startswith(mark):
            return _with_lf(content.decode(encoding))
    return _with_lf(content.decode("utf-16" if content.startswith(b"\xfe\xff") else "utf-8-sig"))


def _with_lf(text: str) -> str:
    """Lines end in LF or CR LF, and in CR where there is no LF."""
    return text.replace("\r\n", "\n") if "\n" in text else text.replace("\r", "\n")
