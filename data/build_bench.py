"""Write about a million real full names with their nationality for benchmarks: `make bench-data`.

    python data/build_bench.py [--output bench-data/names.csv]

The file has the header `name,nationality`, one row for each person and nationality, in the order of a hash of the
name, so that any first part of it is a fair sample. It stays outside git: the names are those of real people, taken
from Wikipedia by the package name2nat (see `data/SOURCES.md`), and serve speed and scale tests, nothing else.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import html
import io
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from builder.fetch import DATA_FOLDER, BuildError, read_nationalities
from builder.write import write_text


def bench_rows(nationalities: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """(name, nationality), shuffled by a hash of the name; titles in which there is no letter are left out.

    >>> list(bench_rows({"Ann &amp; Bo": ["Welsh"], "9": ["Thai"]}))
    [('Ann & Bo', 'Welsh')]
    """
    for title in sorted(nationalities, key=lambda name: hashlib.sha256(name.encode()).digest()):
        name = " ".join(html.unescape(title).split())
        if any(letter.isalpha() for letter in name):
            for nationality in sorted(set(nationalities[title])):
                yield name, nationality


def main() -> None:
    """Write the file and print its rows, bytes and digest."""
    parser = argparse.ArgumentParser(description="Write name,nationality rows for benchmarks.")
    default = DATA_FOLDER.parent / "bench-data" / "names.csv"
    parser.add_argument("--output", type=Path, default=default, help="the CSV file (bench-data/names.csv)")
    path: Path = parser.parse_args().output
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["name", "nationality"])
    rows = list(bench_rows(read_nationalities()))
    writer.writerows(rows)
    write_text(path, text.getvalue())
    content = path.read_bytes()
    print(f"{path.name}: {len(rows)} rows, {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    try:
        main()
    except BuildError as error:
        sys.exit(f"build_bench: error: {error}")
