"""The one table of formats: what a file's suffix says of its content, for every command."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file. `layout` is what predictions are written as in a file with such a suffix."""

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
FORMATS = (TEXT, CSV, TSV, NDJSON, JSON, PARQUET)
FORMAT_OF_SUFFIX = {suffix: kind for kind in FORMATS for suffix in kind.suffixes}


def format_of(path: str | os.PathLike[str]) -> Format | None:
    """The format that a file's suffix names, in any case; None where it names none."""
    return FORMAT_OF_SUFFIX.get(os.path.splitext(path)[1].lower())
