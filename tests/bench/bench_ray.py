"""Bulk prediction on Ray beside the plain path: `make bench-ray`.

    python tests/bench/bench_ray.py [--rows 10000000] [--model RUN]

Makes people.csv and people.parquet of so many rows (names of data/names with Zipf's repeats; fields with quotes, commas
and line breaks), labels each with `charnn predict` and with `charnn predict --engine ray`, and compares the rows. On
the way it kills, with SIGKILL, a worker that is writing a part. A tenth of the rows shows whether the memory of the
process that leads the job grows with them. Files are made once, in the ignored folder bench-data/ray/.
"""

import argparse
import csv
import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

ROOT = Path(__file__).parents[2]
WORK = ROOT / "bench-data" / "ray"
CHARNN = [sys.executable, "-m", "charnn_cli"]
CHUNK_ROWS = 250_000


@dataclass(frozen=True, slots=True)
class Measure:
    """What a command took."""

    seconds: float
    peak_mib: float  # resident memory of its first process
    killed: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--model", type=Path, help="run folder; without it one is trained by configs/fast.yaml")
    options = parser.parse_args()
    model = options.model or trained()
    for suffix in ("csv", "parquet"):
        few, many = (made(rows, suffix) for rows in (options.rows // 10, options.rows))
        compare(many, options.rows, model, on_ray(few, model, kill=False))


def trained() -> Path:
    """A run folder of the recipe `fast`."""
    run = WORK / "run"
    if not (run / "metrics.json").exists():
        shutil.rmtree(run, ignore_errors=True)
        command = [*CHARNN, "train", str(ROOT / "data" / "names"), "--config", "fast", "--out", str(run), "--quiet"]
        subprocess.run(command, check=True)
    return run


def made(rows: int, suffix: str) -> Path:
    """A folder with one file of so many rows."""
    folder = WORK / f"{rows}-{suffix}"
    path = folder / f"people.{suffix}"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder / "_unfinished"
        (write_csv if suffix == "csv" else write_parquet)(beside, rows)
        beside.rename(path)
    return folder


def people(rows: int) -> Iterator[list[tuple[int, str, str]]]:
    """Rows of id, surname and note, in chunks."""
    generator = random.Random(0)
    texts = (path.read_text(encoding="utf-8") for path in sorted((ROOT / "data" / "names").glob("*.txt")))
    names = sorted({name for text in texts for name in text.splitlines() if name.strip()})
    generator.shuffle(names)
    weights = [1 / rank for rank in range(1, len(names) + 1)]
    notes = ["", "moved", "born abroad, 1961", 'called "Bob"', "two\nlines"]
    for start in range(0, rows, CHUNK_ROWS):
        size = min(CHUNK_ROWS, rows - start)
        drawn = generator.choices(names, weights=weights, k=size)
        picked = generator.choices(notes, weights=[50, 40, 8, 1, 1], k=size)
        yield list(zip(range(start, start + size), drawn, picked, strict=True))


def write_csv(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["id", "surname", "note"])
        for chunk in people(rows):
            writer.writerows(chunk)


def write_parquet(path: Path, rows: int) -> None:
    schema = pa.schema([("id", pa.int64()), ("surname", pa.string()), ("note", pa.string())])
    with pa.parquet.ParquetWriter(path, schema) as writer:
        for chunk in people(rows):
            columns = [
                pa.array(column, kind.type) for column, kind in zip(zip(*chunk, strict=True), schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def compare(folder: Path, rows: int, model: Path, few: Measure) -> None:
    """Label a file both ways and print what came out."""
    (source,) = folder.iterdir()
    kind, out = source.suffix[1:], WORK / f"plain{source.suffix}"
    command = [*CHARNN, "predict", "--quiet", "--input", str(source), "--column", "surname", "--model", str(model)]
    plain = measured([*command, "--output", str(out)])
    ray = on_ray(folder, model, kill=True)
    parts = sorted(path for path in (WORK / "out").iterdir() if path.suffix == source.suffix)
    leftovers = [path for path in (WORK / "out").iterdir() if path.name.endswith(".tmp")]
    print(f"{kind}, {rows:,} rows, {os.cpu_count()} cores; {ray.killed}")
    digests = []
    for name, files, measure in (("plain", [out], plain), ("ray", parts, ray)):
        counted, digest = of_csv(files) if kind == "csv" else of_parquet(files)
        digests.append((counted, digest))
        print(
            f"  {name:5} {counted:10,} rows in {len(files):2} files  sha256 {digest[:32]}  {measure.seconds:6.1f} s"
            f"  {counted / measure.seconds:9,.0f} rows/s  {measure.peak_mib:5,.0f} MiB in the first process",
            flush=True,
        )
    totals = json.loads((WORK / "out" / "_SUCCESS").read_text())
    print(f"  ray   {few.peak_mib:,.0f} MiB with {rows // 10:,} rows in {few.seconds:.1f} s; _SUCCESS holds {totals}")
    if len({*digests}) > 1 or digests[0][0] != rows or totals["rows"] != rows or leftovers or not ray.killed:
        raise SystemExit("the two paths differ, or something is left")
    print("  equal, row for row")
    out.unlink()
    shutil.rmtree(WORK / "out")


def on_ray(folder: Path, model: Path, *, kill: bool) -> Measure:
    """Label a folder into the folder `out`."""
    out = WORK / "out"
    shutil.rmtree(out, ignore_errors=True)
    command = [*CHARNN, "predict", "--engine", "ray", "--input", str(folder), "--output", str(out)]
    return measured([*command, "--column", "surname", "--model", str(model)], out if kill else None)


def measured(command: list[str], kill_in: Path | None = None) -> Measure:
    """Run a command; where a folder is given, kill a process that writes a part into it after the first is finished."""
    started = time.perf_counter()
    peak_kib, killed = 0, ""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak_kib = max(peak_kib, peak_of(process.pid))
            if kill_in is not None and not killed:
                killed = kill_a_writer(kill_in)
            time.sleep(0.1)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Measure(time.perf_counter() - started, peak_kib / 1024, killed)


def peak_of(process: int) -> int:
    """Peak resident KiB of a process."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def kill_a_writer(folder: Path) -> str:
    """Kill a process that is in the middle of a part, once another part is finished."""
    manifest = folder / "_manifest.jsonl"
    if not manifest.exists() or manifest.read_bytes().count(b"\n") < 2:
        return ""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            target = Path(os.readlink(link))
            is_part = target.parent == folder and target.name.endswith(".tmp") and target.stat().st_size > 0
        except OSError:
            continue
        if is_part:
            process = int(link.parts[2])
            os.kill(process, signal.SIGKILL)
            return f"worker {process} was killed while it wrote {target.name}"
    return ""


def of_csv(paths: list[Path]) -> tuple[int, str]:
    """Number of rows of some CSV files one after the other, and the digest of their bytes without the headers."""
    digest, rows = hashlib.sha256(), 0
    for path in paths:
        with path.open("rb") as stream:
            stream.readline()
            start = stream.tell()
            while data := stream.read(1 << 20):
                digest.update(data)
            stream.seek(start)
            rows += sum(1 for _ in csv.reader(io.TextIOWrapper(stream, encoding="utf-8", newline="")))
    return rows, digest.hexdigest()


class Hashing(io.RawIOBase):
    """A file that keeps nothing but a digest."""

    def __init__(self) -> None:
        super().__init__()
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return len(data)


def of_parquet(paths: list[Path]) -> tuple[int, str]:
    """Number of rows of some Parquet files one after the other, and the digest of their cells as text."""
    schema = pa.parquet.read_schema(paths[0])
    if any(pa.parquet.read_schema(path) != schema for path in paths):
        raise SystemExit("parts differ in their columns")
    texts = pa.schema([(field.name, plain_type(field.type)) for field in schema])
    sink, rows = Hashing(), 0
    with pa.csv.CSVWriter(sink, texts) as writer:
        for path in paths:
            for batch in pa.parquet.ParquetFile(path).iter_batches(1 << 16):
                writer.write_table(pa.Table.from_batches([batch]).cast(texts))
                rows += batch.num_rows
    return rows, sink.digest.hexdigest()


def plain_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


if __name__ == "__main__":
    main()
