"""What training and prediction cost from twenty thousand rows to millions: `make bench-scale`.

    python tests/bench/bench_scale.py NAMES_FOLDER [--rows 20000 500000 5000000] [--steps 200] [--fresh]

Data files are made by `scale_names.py` into bench-data/. Finished cells are kept in bench-results/scale.jsonl, so that
it can be stopped and gone on with. Seconds are processor seconds, of all processes: they hold on a busy machine too.
Memory is the most that stood at once: of training its resident set, of prediction the sum over its processes, each
page counted once.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from cells import PACKAGE, Cells, cell_key
from made_up import random_run
from process_tree import run_measured
from scale_names import make

HERE = Path(__file__).parent
DATA = Path("bench-data")
FORMATS = ("csv", "ndjson", "parquet")
STAGES = ("read", "prepare", "open", "steps", "judge")
ROWS_ON_PAPER = 100_000_000
CORES = (1, 16, 256)
TRAINING_SHARE = 0.8

Figures = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", type=Path, help="folder of <Origin>.txt")
    parser.add_argument("--rows", type=int, nargs="+", default=[20_000, 500_000, 5_000_000])
    parser.add_argument("--steps", type=int, default=200, help="training steps")
    parser.add_argument("--fresh", action="store_true", help="measure everything anew")
    options = parser.parse_args()
    cells = Cells(Path("bench-results/scale.jsonl"), fresh=options.fresh)
    sizes = sorted(set(options.rows))
    if len(sizes) < 2:
        parser.error("a slope needs two sizes or more")
    made_by = cell_key([], [HERE / "scale_names.py", *sorted(options.names.glob("*.txt"))])
    trained, told = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        run = model(Path(folder) / "model", options.names)
        for rows in sizes:
            paths = data_files(options.names, rows, made_by)
            for kind, path in paths.items():
                steps = options.steps if kind == "csv" else 0
                trained[rows, kind] = cell(cells, "train", path, steps, partial(stages, path, steps))
            for kind in ("csv", "parquet"):
                measure = partial(prediction, run, paths[kind], Path(folder) / f"answers.{kind}")
                told[rows, kind] = cell(cells, "predict", paths[kind], 0, measure)
    reading_table(trained, sizes)
    training_table(trained, sizes, options.steps)
    prediction_table(told, sizes)
    few, many = (trained[size, "csv"] for size in sizes[-2:])
    on_paper(many, told[sizes[-1], "csv"], sizes[-1], bytes_a_name(few, many, "judge"))


def data_files(names: Path, rows: int, made_by: str) -> dict[str, Path]:
    """The data files of so many rows, made where they are not there yet; `made_by` stands for names and script."""
    paths = {kind: DATA / f"scale-{rows}-{made_by[:8]}.{kind}" for kind in FORMATS}
    if not all(path.exists() for path in paths.values()):
        DATA.mkdir(exist_ok=True)
        beside = {kind: path.with_stem(f"{path.stem}-unfinished") for kind, path in paths.items()}
        make(names, rows, list(beside.values()))
        for kind, path in paths.items():
            beside[kind].replace(path)
    return paths


def model(folder: Path, names: Path) -> Path:
    """A network of the default recipe's shape with random weights: weights do not change the speed."""
    known = {path.stem: path.read_text(encoding="utf-8").split("\n") for path in sorted(names.glob("*.txt"))}
    return random_run(folder, "default", sorted({name for of in known.values() for name in of if name}), tuple(known))


def cell(cells: Cells, what: str, data: Path, steps: int, measure: Callable[[], Figures]) -> Figures:
    """Figures of a file, whose name says of what it was made."""
    about = {"what": what, "data": data.name, "steps": steps}
    return cells.get(cell_key(map(str, about.values()), [PACKAGE, HERE / "scale_stages.py"]), about, measure)


def stages(path: Path, steps: int) -> Figures:
    """What `scale_stages.py` prints of a file."""
    command = [sys.executable, str(HERE / "scale_stages.py"), str(path), str(steps)]
    figures: Figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return figures


def prediction(run: Path, path: Path, answers: Path) -> Figures:
    """`charnn predict` from file to file."""
    command = [
        sys.executable,
        "-m",
        "charnn_cli",
        "predict",
        "--quiet",
        "--model",
        run,
        "--input",
        path,
        "--column",
        "name",
    ]
    seconds, elapsed, mebibytes = run_measured([*map(str, command), "--quiet", "--output", str(answers)])
    answers.unlink()
    return {"seconds": seconds, "elapsed": elapsed, "peak": mebibytes}


def slopes(sizes: Sequence[int], values: Sequence[float]) -> str:
    """The slope between each two neighbours on paper with two logarithmic axes: 1 is proportional, 0 is constant."""
    points = [(math.log(size), math.log(value)) for size, value in zip(sizes, values, strict=True)]
    found = [(after[1] - before[1]) / (after[0] - before[0]) for before, after in pairwise(points)]
    return ", ".join(f"{slope:.2f}" for slope in found)


def reading_table(trained: dict[tuple[int, str], Figures], sizes: Sequence[int]) -> None:
    rows = []
    for kind in FORMATS:
        of_kind = {size: trained[size, kind] for size in sizes}
        seconds = [figures["stages"]["read"]["seconds"] for figures in of_kind.values()]
        for (size, figures), taken in zip(of_kind.items(), seconds, strict=True):
            peak = figures["stages"]["read"]["peak"]
            rows.append(
                (f"{size:,}", kind, f"{figures['kept']:,}", f"{taken:.1f}", f"{size / taken:,.0f}", f"{peak:,.0f}")
            )
        rows.append(("slope", kind, "", slopes(sizes, seconds), "", ""))
    print("Reading labelled names: decoding, normalising, dropping repeats, sorting, hashing\n")
    table(("rows", "format", "kept", "s", "rows/s", "peak MiB"), rows)


def training_table(trained: dict[tuple[int, str], Figures], sizes: Sequence[int], steps: int) -> None:
    of_csv = {size: trained[size, "csv"]["stages"] for size in sizes}
    rows = []
    for size, stage in of_csv.items():
        speed = trained[size, "csv"]["names"] / stage["steps"]["seconds"]
        laps = (f"{stage[name]['seconds']:.1f}" for name in STAGES)
        rows.append((f"{size:,}", *laps, f"{speed:,.0f}", f"{stage['judge']['peak']:,.0f}"))
    seconds = {name: [stage[name]["seconds"] for stage in of_csv.values()] for name in STAGES}
    peaks = [stage["judge"]["peak"] for stage in of_csv.values()]
    rows.append(("slope", *(slopes(sizes, seconds[name]) for name in STAGES), "", slopes(sizes, peaks)))
    print(f"\nTraining from CSV, {steps} steps: seconds of each stage\n")
    table(("rows", *STAGES, "names/s in steps", "peak MiB"), rows)
    few, many = (trained[size, "csv"] for size in sizes[-2:])
    print(
        f"\nFrom {sizes[-2]:,} rows to {sizes[-1]:,} every further name that is kept takes "
        f"{bytes_a_name(few, many, 'read'):.0f} bytes at the peak of reading and "
        f"{bytes_a_name(few, many, 'judge'):.0f} at that of the whole training."
    )


def bytes_a_name(few: Figures, many: Figures, stage: str) -> float:
    """What each further kept name adds to the peak of memory up to the end of a stage."""
    mebibytes = many["stages"][stage]["peak"] - few["stages"][stage]["peak"]
    return float(mebibytes * 2**20 / (many["kept"] - few["kept"]))


def prediction_table(told: dict[tuple[int, str], Figures], sizes: Sequence[int]) -> None:
    rows = []
    for kind in ("csv", "parquet"):
        seconds = [told[size, kind]["seconds"] for size in sizes]
        for size, taken in zip(sizes, seconds, strict=True):
            figures = told[size, kind]
            speed, elapsed, peak = size / taken, figures["elapsed"], figures["peak"]
            rows.append((f"{size:,}", kind, f"{taken:.1f}", f"{speed:,.0f}", f"{elapsed:.1f}", f"{peak:,.0f}"))
        peaks = [told[size, kind]["peak"] for size in sizes]
        rows.append(("slope", kind, slopes(sizes, seconds), "", "", slopes(sizes, peaks)))
    print("\ncharnn predict from file to file, the default recipe's network\n")
    table(("rows", "format", "s", "rows/s of a core", "elapsed s", "peak MiB"), rows)


def on_paper(trained: Figures, told: Figures, rows: int, bytes_a_name: float) -> None:
    """What a hundred million rows come to, by the figures of the largest file."""
    times = ROWS_ON_PAPER / rows
    stage = trained["stages"]
    once = times * (stage["read"]["seconds"] + stage["prepare"]["seconds"])
    kept = times * trained["kept"]
    training_names = TRAINING_SHARE * kept
    a_pass = training_names * stage["steps"]["seconds"] / trained["names"]
    judging = times * (stage["open"]["seconds"] + stage["judge"]["seconds"])
    answers = times * told["seconds"]
    lines = [
        ("read and prepare", [once] * len(CORES), "every process reads all rows, however many there are"),
        ("a pass of training", [a_pass / cores for cores in CORES],
         f"{training_names:,.0f} names, shared out evenly, and nothing lost to exchanging gradients"),
        ("judging an epoch", [judging / cores for cores in CORES], f"{kept / 10:,.0f} names, shared out evenly"),
        ("prediction", [answers / cores for cores in CORES],
         "as many parts as cores, each with the share of distinct names that the file measured has"),
    ]  # fmt: skip
    memory = stage["start"]["peak"] / 1024 + kept * bytes_a_name / 2**30
    print(
        f"\n{ROWS_ON_PAPER:,} rows on paper: {times:g} times the figures of {rows:,} rows, so with as large a share of "
        f"repeats. Each process that trains takes {memory:.0f} GiB.\n"
    )
    cells = [(what, *map(duration, seconds), assumption) for what, seconds, assumption in lines]
    table(("", *(f"{cores} core{'s' * (cores > 1)}" for cores in CORES), "if"), cells)


def duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table in Markdown."""
    print(f"| {' | '.join(header)} |\n|{' --- |' * len(header)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
