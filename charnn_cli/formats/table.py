"""The one table of formats: what a file's suffix says of its content, for every command."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file. `layout` is what predictions are written as in a file with such a suffix, '' if they are not."""

    name: str
    suffixes: tuple[str, ...]
    layout: str
    has_columns: bool = True


TEXT = Format("text", (".txt",), "tsv", has_columns=False)
CSV = Format("csv", (".csv",), "csv")
TSV = Format("tsv", (".tsv", ".tab"), "tsv")
NDJSON = Format("ndjson", (".ndjson", ".jsonl"), "ndjson")
JSON = Format("json", (".json",), "json")
PARQUET = Format("parquet", (".parquet", ".pq"), "parquet")
EXCEL = Format("excel", (".xlsx", ".xlsm"), "")
FORMATS = (TEXT, CSV, TSV, NDJSON, JSON, PARQUET, EXCEL)
GZIP = ".gz"
COMPRESSIONS = (GZIP, ".bz2", ".xz", ".zst", ".zip")
FORMAT_OF_SUFFIX = {suffix: kind for kind in FORMATS for suffix in kind.suffixes}


def format_of(path: str | os.PathLike[str]) -> Format | None:
    """The format that a file's suffix names, in any case, before that of a compression; None where it names none."""
    stem, suffix = os.path.splitext(os.fspath(path).lower())
    return FORMAT_OF_SUFFIX.get(os.path.splitext(stem)[1] if suffix in COMPRESSIONS else suffix)
