"""How fast `charnn predict` is: `make bench-predict`.

    python tests/bench/bench_predict.py NAMES_FOLDER [--names 1000000] [--people CSV] [--default RUN] [--fast RUN]

Four things, in one run on one machine:

- start: seconds of `charnn predict Hinton` from a cold process beside `python -c "import torch"`, medians of ten;
- bulk: names per second from file to file, start-up included, beside the lesson's per-letter loop over the lesson's
  own network (start-up left out), which is measured between the others;
- people: the same for full names of different people, beside fastText's `predict` in Python where it is installed
  (start-up left out as well; it knows one thread alone);
- where the time goes: the share of matrix products, and how near they come to the machine's float32 rate.

Without runs, networks of the recipes' shapes with random weights are measured: weights do not change the speed.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from made_up import invent, random_run
from people_speed import CHARNN, HERE, full_names, people, predicting

from charnn_cli.store import load_trained

LESSON_NAMES = 4000
TARGETS = {"default": 4, "fast": 15, "zipf": 60, "zipf csv": 60}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", type=Path, help="folder of <Origin>.txt")
    parser.add_argument("--names", dest="count", type=int, default=1_000_000, help="names of the larger files")
    parser.add_argument("--people", type=Path, help="CSV of full names and origins; made up where there is none")
    parser.add_argument("--default", type=Path, help="run folder of the default recipe")
    parser.add_argument("--fast", type=Path, help="run folder of configs/fast.yaml")
    options = parser.parse_args()
    known = {path.stem: path.read_text(encoding="utf-8").split("\n") for path in sorted(options.names.glob("*.txt"))}
    names = sorted({name for lines in known.values() for name in lines if name.strip()})
    if not names:
        parser.error(f"{options.names} holds no <Origin>.txt with names")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        runs = {
            recipe: run or random_run(work / recipe, recipe, names, tuple(known))
            for recipe, run in (("default", options.default), ("fast", options.fast))
        }
        start(runs)
        bulk(work, runs, names, options.count)
        known, asked = people(options.people, names, options.count // 5)
        full_names(work, known, asked)
        products(runs, names)


def start(runs: dict[str, Path]) -> None:
    """Seconds from a cold process, one command after the other so that all share what the machine does beside."""
    commands = {
        "import torch": [sys.executable, "-c", "import torch"],
        "charnn --version": [*CHARNN, "--version"],
        "charnn --help": [*CHARNN, "--help"],
    }
    for recipe, run in runs.items():
        commands[f"charnn predict Hinton ({recipe})"] = [*CHARNN, "predict", "Hinton", "--model", str(run)]
    seconds = defaultdict(list)
    for _ in range(10):
        for name, command in commands.items():
            seconds[name].append(timed(command))
    whole = statistics.median(seconds["import torch"])
    print("start, median of ten:")
    for name, values in seconds.items():
        print(
            f"  {name:32} {statistics.median(values):6.3f} s   {statistics.median(values) / whole:5.2f} of import torch"
        )


def bulk(work: Path, runs: dict[str, Path], names: list[str], count: int) -> None:
    """Names per second from file to file."""
    generator = random.Random(0)
    unique = work / "unique.txt"
    invented = list(invent(names, count, generator))
    unique.write_text("\n".join(invented) + "\n", encoding="utf-8")
    smaller = work / "smaller.txt"
    smaller.write_text("\n".join(invented[: max(1, count // 10)]) + "\n", encoding="utf-8")
    shuffled = generator.sample(names, len(names))
    drawn = generator.choices(shuffled, weights=[1 / rank for rank in range(1, len(shuffled) + 1)], k=count)
    zipf, zipf_csv = work / "zipf.txt", work / "zipf.csv"
    zipf.write_text("\n".join(drawn) + "\n", encoding="utf-8")
    rows = (f"{number},{name},2024-05-01" for number, name in enumerate(drawn))
    zipf_csv.write_text("id,surname,date\n" + "\n".join(rows) + "\n", encoding="utf-8")
    lesson = work / "lesson.txt"
    lesson.write_text("\n".join(invented[:LESSON_NAMES]) + "\n", encoding="utf-8")

    print("\nfrom file to file:")
    csv_options = ["--column", "surname", "--format", "csv"]
    for name, recipe, source, size, options in (
        ("default", "default", smaller, count // 10, []),
        ("fast", "fast", unique, count, []),
        ("zipf", "default", zipf, count, []),
        ("zipf csv", "default", zipf_csv, count, csv_options),
    ):
        before = lesson_speed(lesson)
        speed = predicting(str(runs[recipe]), source, size, *options)
        reference, of_a_core = map(statistics.mean, zip(before, lesson_speed(lesson), strict=True))
        print(
            f"  {name:9} {size:9,} names  {speed.seconds:7.2f} s  {speed.names_per_second:9,.0f} names/s = "
            f"{speed.names_per_second / reference:6.1f} x the lesson's {reference:,.0f}  (wanted: {TARGETS[name]}), "
            f"{speed.names_per_processor_second / of_a_core:6.1f} x on a core   {speed.used}",
            flush=True,
        )


def lesson_speed(names: Path) -> tuple[float, float]:
    """Names per second and per processor second of the lesson's loop."""
    command = [sys.executable, str(HERE / "lesson_loop.py"), str(names), os.devnull]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(printed[0]), float(printed[1])


def timed(command: list[str]) -> float:
    """Wall seconds of a command."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def products(runs: dict[str, Path], names: list[str]) -> None:
    """Share of the matrix products in the engine's time on one thread, and their rate beside the machine's."""
    print("\nthe engine on one thread:")
    best = rate(2048, 2048, 2048)
    invented = list(invent(names, 1 << 15, random.Random(1)))
    code = "import sys; from bench_predict import in_engine; in_engine(sys.argv[1], sys.stdin.read().split())"
    for recipe, run in runs.items():
        result = subprocess.run(
            [sys.executable, "-c", code, str(run)],
            input="\n".join(name.replace(" ", "") for name in invented),
            text=True,
            check=True,
            capture_output=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(HERE)},
        )
        seconds, in_products, operations, size = map(float, result.stdout.split())
        gigaflops = operations / in_products / 1e9
        width = load_trained(run).architecture.hidden_size
        same_shape = rate(256, width, width)
        print(
            f"  {recipe:8} {size / seconds:8,.0f} names/s; {in_products / seconds:4.0%} of the time in products at "
            f"{gigaflops:4.0f} GFLOP/s, {gigaflops / same_shape:4.0%} of what this shape and "
            f"{gigaflops / best:4.0%} of what 2048 x 2048 x 2048 reaches"
        )


def in_engine(run: str, names: list[str]) -> None:
    """Print seconds, seconds in products, floating-point operations and names of one call of the engine."""
    from charnn_cli.engine import Engine

    trained = load_trained(Path(run))
    engine = Engine(trained)
    symbols = trained.encode(names)
    engine.logits(symbols)
    matmul = np.matmul
    spent, operations = 0.0, 0

    def counted(left: np.ndarray, right: np.ndarray, **options: np.ndarray) -> np.ndarray:
        nonlocal spent, operations
        started = time.thread_time()
        result = matmul(left, right, **options)
        spent += time.thread_time() - started
        operations += 2 * result.size * left.shape[-1]
        return result

    np.matmul = counted
    started = time.thread_time()
    engine.logits(symbols)
    print(time.thread_time() - started, spent, operations, len(names))


def rate(rows: int, inner: int, columns: int) -> float:
    """GFLOP/s of a float32 product on one thread, the best of several."""
    code = (
        "import sys, time, numpy as np; m, k, n = map(int, sys.argv[1:])\n"
        "a, b = np.ones((m, k), np.float32), np.ones((k, n), np.float32); out = a @ b; best = 9e9\n"
        "repeats = max(1, 10**9 // (2 * m * k * n))\n"
        "for _ in range(9):\n"
        "    t = time.thread_time()\n"
        "    for _ in range(repeats): np.matmul(a, b, out=out)\n"
        "    best = min(best, (time.thread_time() - t) / repeats)\n"
        "print(2 * m * k * n / best / 1e9)"
    )
    command = [sys.executable, "-c", code, str(rows), str(inner), str(columns)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    return float(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)


if __name__ == "__main__":
    main()
