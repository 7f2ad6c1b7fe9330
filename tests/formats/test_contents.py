"""What a file is, is told by its first bytes: compressed ones are read, others refused by their kind."""

import bz2
import gzip
import importlib
import io
import lzma
import os
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from charnn_cli.data import read
from charnn_cli.errors import DataError
from charnn_cli.formats.opening import opened_rows
from charnn_cli.text import TextRules

TABLE = b"id,name,origin\n1,Rossi,Italian\n2,Mori,Japanese\n"
NAMES = [b"Rossi", b"Mori"]


def zipped(**files: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def zstandard(content: bytes) -> bytes:
    for module in ("compression.zstd", "backports.zstd"):
        try:
            return bytes(importlib.import_module(module).compress(content))
        except ImportError:
            continue
    pytest.skip("no library for zstd is installed")


def workbook(rows: list[list[object]]) -> bytes:
    """The least that a spreadsheet program writes for one sheet."""

    def cell(value: object) -> str:
        if isinstance(value, bool):
            return f'<c t="b"><v>{value:d}</v></c>'
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return "<c/>" if value is None else f"<c><v>{value}</v></c>"

    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    lines = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    relation = f'<Relationship Id="rId1" Type="{office}/%s" Target="%s"/>'
    files = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types"></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packages}/relationships">'
        + relation % ("officeDocument", "xl/workbook.xml")
        + "</Relationships>",
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}">'
        '<sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}/relationships">'
        + relation % ("worksheet", "worksheets/sheet1.xml")
        + "</Relationships>",
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{lines}</sheetData></worksheet>",
    }
    return zipped(**{name: content.encode() for name, content in files.items()})


def parquet_of(content: bytes) -> bytes:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import csv, parquet

    stream = io.BytesIO()
    parquet.write_table(csv.read_csv(pyarrow.BufferReader(content)), stream)
    return stream.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard,
    "zip": lambda content: zipped(**{"people.csv": content, "__MACOSX/x": b"\0"}),
}


def names_of(path: Path, column: str | None = "name") -> list[bytes]:
    with opened_rows(str(path), column, "column") as source:
        return [name for records in source for name in records.names]  # type: ignore[union-attr]


@pytest.mark.parametrize("suffix", PACKED)
@pytest.mark.parametrize("name", ["people.csv.{}", "people.{}", "people.csv"])
def test_compressed_tables_are_read_whatever_they_are_called(suffix: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name.format(suffix)
    path.write_bytes(PACKED[suffix](TABLE * 1))
    assert names_of(path) == NAMES
    if name.startswith("people.csv") or suffix == "zip":
        assert sorted(read(path, rules=TextRules()).names) == ["Mori", "Rossi"]


@pytest.mark.parametrize("inner", ["ndjson", "json", "parquet", "txt"])
@pytest.mark.parametrize("suffix", ["gz", "zip"])
def test_what_is_inside_is_told_by_the_inner_name(suffix: str, inner: str, tmp_path: Path) -> None:
    objects = b'{"name": "Rossi", "origin": "Italian"}\n{"name": "Mori", "origin": "Japanese"}\n'
    content = {
        "ndjson": objects,
        "json": b"[" + objects.strip().replace(b"\n", b",\n") + b"]",
        "txt": b"Rossi\nMori\n",
    }.get(inner) or parquet_of(TABLE)
    path = tmp_path / f"people.{inner}.{suffix}"
    path.write_bytes(gzip.compress(content) if suffix == "gz" else zipped(**{f"people.{inner}": content}))
    if inner == "txt":
        with opened_rows(str(path), None, "column") as source:
            assert [line for window in source for line in window] == NAMES  # type: ignore[union-attr]
    else:
        assert names_of(path) == NAMES
        assert sorted(read(path, rules=TextRules()).names) == ["Mori", "Rossi"]


@pytest.mark.parametrize("kind", [*PACKED, "parquet", "xlsx"])
def test_on_stdin_too(kind: str) -> None:
    if kind == "xlsx":
        pytest.importorskip("python_calamine")
        content = workbook([["name"], ["Rossi"], ["Mori"]])
    else:
        content = parquet_of(TABLE) if kind == "parquet" else PACKED[kind](TABLE)
    program = (
        "from charnn_cli.formats.opening import opened_rows\n"
        "with opened_rows(None, 'name', '') as rows: print([name for part in rows for name in part.names])"
    )
    done = subprocess.run([sys.executable, "-c", program], input=content, capture_output=True, check=True)
    assert done.stdout.strip().decode() == repr(NAMES)


def test_a_workbook(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    path = tmp_path / "people.xlsx"
    path.write_bytes(workbook([["id", "Name", "class", "ok"], [1, "Łukasz", "a", True], [2, 77, "b", None]]))
    with opened_rows(str(path), None, "column") as source:
        (records,) = source
        assert source.columns == ["id", "Name", "class", "ok"]  # type: ignore[union-attr]
        assert records.names == ["Łukasz".encode(), b"77"]  # type: ignore[union-attr]
        assert records.fields[0] == [b"1", "Łukasz".encode(), b"a", b"TRUE"]  # type: ignore[union-attr]
        assert records.as_json[1] == b'{"id": 2, "Name": 77, "class": "b", "ok": null}'  # type: ignore[union-attr,index]
    with pytest.raises(DataError, match=r"people\.xlsx:2: 'ok' is no text \(TRUE\)"):
        names_of(path, "ok")
    path.write_bytes(workbook([["name", "origin"], ["Rossi", "Italian"], [True, "x"], ["Mori", "Japanese"]]))
    dataset = read(path, rules=TextRules(), strict=False)
    assert (sorted(dataset.names), dataset.report.faults.count) == (["Mori", "Rossi"], 1)


def test_a_workbook_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    path = tmp_path / "people.xlsx"
    path.write_bytes(workbook([["name"], ["Rossi"]]))
    with pytest.raises(DataError, match=r"needs the package python-calamine; pip install 'charnn\[excel\]'"):
        names_of(path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"\x89PNG\r\n\x1a\n", "is an image"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "is an old Excel or Word file"),
        (b"SQLite format 3\0...", "is an SQLite database"),
        (b"\n <!DOCTYPE HTML><html>", "is a web page"),
        (b"<?xml version='1.0'?>", "is an XML document"),
        (b"x" * 257 + b"ustar\0" + b"\0" * 300, "is a tar archive"),
        (gzip.compress(b"x" * 257 + b"ustar\0" + b"\0" * 300), "is a tar archive"),
        (zipped(**{"a.csv.gz": gzip.compress(TABLE)}), "is gzip inside zip"),
        (gzip.compress(gzip.compress(TABLE)), "is gzip inside gzip"),
        (gzip.compress(zipped(a=TABLE)), "is zip inside gzip"),
        (zipped(**{"a.csv": TABLE, "b.csv": TABLE}), r"is a zip of 2 files \(a.csv, b.csv\)"),
        (zipped(), "is a zip without files"),
        (zipped(**{"word/document.xml": b""}), "is a Word document"),
        (zipped(**{"xl/workbook.bin": b""}), "is a binary Excel file"),
        (gzip.compress(TABLE * 100)[:-9], "no readable gzip"),
        (gzip.compress(TABLE * 100)[:20] + b"\0" * 40, "no readable gzip"),
        (bz2.compress(TABLE)[:20] + b"x" * 40, "no readable bzip2"),
        (lzma.compress(TABLE)[:-4], "no readable xz"),
        (zipped(**{"a.csv": TABLE})[:-30], "no readable zip"),
    ],
    ids=range(20),
)
@pytest.mark.parametrize("name", ["people.csv", "people"])
def test_what_has_no_rows_is_refused_by_its_kind(content: bytes, what: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=what) as caught:
        names_of(tmp_path / name)
    assert caught.value.where == str(tmp_path / name)
    with pytest.raises(DataError, match=what if name.endswith(".csv") else "charnn does not read|" + what):
        read(tmp_path / name, rules=TextRules())


def test_a_long_table_is_uncompressed_as_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "people.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(b"name\n")
        for _ in range(50):
            stream.write(b"Rossi and so on\n" * 10_000)
    assert os.path.getsize(path) < 200_000
    tracemalloc.start()
    try:
        with opened_rows(str(path), "name", "column") as source:
            assert sum(len(records.names) for records in source) == 500_000  # type: ignore[union-attr]
        assert tracemalloc.get_traced_memory()[1] < 12e6
    finally:
        tracemalloc.stop()
