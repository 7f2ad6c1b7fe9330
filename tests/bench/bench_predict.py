"""How fast `charnn predict` is: `make bench-predict`.

    python tests/bench/bench_predict.py NAMES_FOLDER [--names 1000000] [--default RUN] [--fast RUN]

Three things, in one run on one machine:

- start: seconds of `charnn predict Hinton` from a cold process beside `python -c "import torch"`, medians of ten;
- bulk: names per second from file to file, start-up included, beside the lesson's per-letter loop over the lesson's
  own network (start-up left out), which is measured between the others;
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
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from charnn_cli.architecture import tensor_shapes
from charnn_cli.config import load_settings
from charnn_cli.store import load_trained, save_trained
from charnn_cli.text import normalise
from charnn_cli.text.alphabet import Alphabet
from charnn_cli.text.ngrams import NgramVocabulary
from charnn_cli.trained import TrainedModel

HERE = Path(__file__).parent
LESSON_NAMES = 4000
CHARNN = [sys.executable, "-m", "charnn_cli"]
TARGETS = {"default": 4, "fast": 15, "zipf": 60, "zipf csv": 60}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", type=Path, help="folder of <Origin>.txt")
    parser.add_argument("--names", dest="count", type=int, default=1_000_000, help="names of the larger files")
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
        products(runs, names)


def random_run(folder: Path, recipe: str, names: list[str], labels: tuple[str, ...]) -> Path:
    """A run folder with a network of the recipe's shape and random weights."""
    config = load_settings(recipe).config
    architecture = config.model.architecture()
    rules = config.text.rules()
    texts = [normalise(name, rules) for name in names]
    rules = rules.learned(texts)
    alphabet = Alphabet.learned(texts)
    vocabulary = None
    if architecture.wide:
        vocabulary = NgramVocabulary.learned(
            alphabet.encode(texts, boundaries=rules.boundaries),
            architecture.ngram_orders,
            min_count=config.model.ngram_min_count,
            max_size=config.model.ngram_max_size,
        )
    generator = np.random.default_rng(0)
    shapes = tensor_shapes(
        architecture,
        num_symbols=len(alphabet),
        num_labels=len(labels),
        num_ngrams=0 if vocabulary is None else len(vocabulary),
    )
    tensors = {name: 0.1 * generator.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    folder.mkdir()
    priors = np.full(len(labels), 1 / len(labels))
    save_trained(folder, TrainedModel(labels, rules, alphabet, architecture, tensors, vocabulary, priors))
    return folder


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
            seconds[name].append(timed(command)[0])
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
        command = [*CHARNN, "predict", "--quiet", "--model", str(runs[recipe]), "--input", str(source), *options]
        before = lesson_speed(lesson)
        seconds, processor_seconds, kilobytes = timed([*command, "--output", str(work / "answers")])
        reference = statistics.mean((before, lesson_speed(lesson)))
        lines = sum(1 for _ in (work / "answers").open("rb"))
        assert lines == size + 1, f"{lines} lines for {size} names"
        speed = size / seconds
        print(
            f"  {name:9} {size:9,} names  {seconds:7.2f} s  {speed:9,.0f} names/s = {speed / reference:6.1f} x the "
            f"lesson's {reference:,.0f}  (wanted: {TARGETS[name]})   {processor_seconds / seconds:.2f} processors, "
            f"{kilobytes / 1024:,.0f} MiB",
            flush=True,
        )


def lesson_speed(names: Path) -> float:
    """Names per second of the lesson's loop."""
    command = [sys.executable, str(HERE / "lesson_loop.py"), str(names), os.devnull]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def timed(command: list[str]) -> tuple[float, float, int]:
    """Wall seconds, processor seconds and peak resident KiB of a command."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def invent(names: list[str], count: int, generator: random.Random) -> Iterator[str]:
    """Distinct names whose letters follow each other as in these: a Markov chain of order 3."""
    following: dict[str, list[str]] = defaultdict(list)
    for name in names:
        text = f"\n\n\n{name}\n"
        for at in range(3, len(text)):
            following[text[at - 3 : at]].append(text[at])
    seen: set[str] = set()
    while len(seen) < count:
        text = "\n\n\n"
        while (letter := generator.choice(following[text[-3:]])) != "\n" and len(text) < 40:
            text += letter
        name = text[3:]
        if len(name) > 1 and name not in seen:
            seen.add(name)
            yield name


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
