"""Labelled names by the million, made from a folder of real ones, for measurements of scale.

    python tests/bench/scale_names.py NAMES_FOLDER ROWS FILE... [--seed 0]

Each FILE gets the same rows in the format of its suffix: .csv, .ndjson or .parquet. Rows come in the mixture that a
register holds: of a hundred, 55 are known names, drawn by Zipf's law within their origin, and 45 are two known names
side by side (`Garcia Lopez`, `Smith-Jones`), which rarely meet again. Then noise: 8 have a letter mistyped, 12 are in
capitals, 6 in small letters, 3 have blanks around them, 3 stand under another origin, and one in a hundred and fifty
has a blank name, no name at all (`N/A 12`), or a blank origin.
"""

import argparse
import csv
import json
import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

BLOCK = 1 << 16
LETTERS = "abcdefghijklmnopqrstuvwxyz"
NO_NAMES = ("", " ", "-", "123", "???", "\u200b")

Row = tuple[str, str]


def rows(known: dict[str, list[str]], count: int, seed: int) -> Iterator[list[Row]]:
    """`count` rows in blocks; the same ones for one seed."""
    generator = random.Random(seed)
    origins = sorted(known)
    names = {origin: generator.sample(known[origin], len(known[origin])) for origin in origins}
    ranked = {origin: [1 / rank for rank in range(1, len(names[origin]) + 1)] for origin in origins}
    sizes = [len(names[origin]) for origin in origins]
    for start in range(0, count, BLOCK):
        block: list[Row] = []
        for origin, size in _shares(generator.choices(origins, sizes, k=min(BLOCK, count - start))).items():
            usual = generator.choices(names[origin], ranked[origin], k=size)
            block += [(_noisy(name, names[origin], generator), origin) for name in usual]
        generator.shuffle(block)
        yield [_misplaced(row, origins, generator) for row in block]


def _shares(drawn: list[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for origin in drawn:
        counts[origin] = counts.get(origin, 0) + 1
    return counts


def _noisy(name: str, known: list[str], generator: random.Random) -> str:
    if generator.random() < 0.45:
        name = f"{generator.choice(known)}{' ' if generator.random() < 0.7 else '-'}{generator.choice(known)}"
    chance = generator.random()
    if chance < 0.08:
        at = generator.randrange(len(name))
        return name[:at] + generator.choice((generator.choice(LETTERS), "", name[at] * 2)) + name[at + 1 :]
    if chance < 0.20:
        return name.upper()
    if chance < 0.26:
        return name.lower()
    return f" {name}  " if chance < 0.29 else name


def _misplaced(row: Row, origins: list[str], generator: random.Random) -> Row:
    chance = generator.random()
    if chance < 0.005:
        return generator.choice((*NO_NAMES, f"N/A {generator.randrange(100)}")), row[1]
    if chance < 0.0067:
        return row[0], ""
    return (row[0], generator.choice(origins)) if chance < 0.0367 else row


class _Csv:
    def __init__(self, path: Path, stack: ExitStack) -> None:
        self.stream = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
        self.writer = csv.writer(self.stream, lineterminator="\n")
        self.writer.writerow(("name", "origin"))

    def write(self, block: list[Row]) -> None:
        self.writer.writerows(block)


class _Ndjson:
    def __init__(self, path: Path, stack: ExitStack) -> None:
        self.stream = stack.enter_context(path.open("w", encoding="utf-8"))

    def write(self, block: list[Row]) -> None:
        lines = (json.dumps({"name": name, "origin": origin}, ensure_ascii=False) for name, origin in block)
        self.stream.write("\n".join(lines) + "\n")


class _Parquet:
    def __init__(self, path: Path, stack: ExitStack) -> None:
        import pyarrow
        from pyarrow import parquet

        self.schema = pyarrow.schema([("name", pyarrow.string()), ("origin", pyarrow.string())])
        self.writer = stack.enter_context(parquet.ParquetWriter(path, self.schema))

    def write(self, block: list[Row]) -> None:
        import pyarrow

        columns = [pyarrow.array(column) for column in zip(*block, strict=True)]
        self.writer.write_table(pyarrow.table(columns, schema=self.schema))


WRITERS = {".csv": _Csv, ".ndjson": _Ndjson, ".parquet": _Parquet}


def make(folder: Path, count: int, paths: list[Path], seed: int = 0) -> None:
    """Write `count` rows, made from the names of a folder of `<Origin>.txt`, to each of the paths."""
    known = {}
    for path in sorted(folder.glob("*.txt")):
        known[path.stem] = [name for name in path.read_text(encoding="utf-8").split("\n") if name.strip()]
    with ExitStack() as stack:
        writers = [WRITERS[path.suffix](path, stack) for path in paths]
        for block in rows(known, count, seed):
            for writer in writers:
                writer.write(block)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", type=Path, help="folder of <Origin>.txt")
    parser.add_argument("rows", type=int)
    parser.add_argument("files", type=Path, nargs="+", help="what to write; the suffix says the format")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for path in options.files:
        if path.suffix not in WRITERS:
            parser.error(f"{path}: end it in one of {', '.join(WRITERS)}")
        path.parent.mkdir(parents=True, exist_ok=True)
    make(options.names, options.rows, options.files, options.seed)


if __name__ == "__main__":
    main()
