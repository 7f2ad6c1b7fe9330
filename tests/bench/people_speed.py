"""Names per second from file to file of full names, beside fastText: a part of `bench_predict.py`."""

import csv
import os
import random
import statistics
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from made_up import invent, random_run
from process_tree import run_measured

HERE = Path(__file__).parent
CHARNN = [sys.executable, "-m", "charnn_cli"]
KNOWN, ORIGINS = 40_000, 54  # people that the networks have learned, and of how many origins, the most frequent ones
TARGETS = {"fast": 1.0, "default": 1 / 3}  # times fastText's names per second


class Speed(NamedTuple):
    """Of a command that answers names, start-up included; memory is that of all its processes."""

    seconds: float
    names_per_second: float
    names_per_processor_second: float
    mebibytes: float

    @property
    def used(self) -> str:
        processors = self.names_per_second / self.names_per_processor_second
        return f"{processors:.2f} processors, {self.mebibytes:,.0f} MiB"


def predicting(run: str, source: Path, size: int, *options: str) -> Speed:
    """How fast a run answers a file of so many names."""
    answers = source.with_name("answers")
    command = [*CHARNN, "predict", "--quiet", "--model", run, "--input", str(source), "--output", str(answers)]
    processor_seconds, seconds, mebibytes = run_measured([*command, *options])
    with answers.open("rb") as file:
        lines = sum(1 for _ in file)
    assert lines == size + 1, f"{lines} lines for {size} names"
    return Speed(seconds, size / seconds, size / processor_seconds, mebibytes)


def people(source: Path | None, names: list[str], count: int) -> tuple[list[list[str]], list[str]]:
    """Full names with origins to learn from, and the full names of others, all of them different."""
    generator = random.Random(2)
    if source is None or not source.exists():
        words = invent(names, count + KNOWN, generator)
        rows = [[f"{generator.choice(names)} {word}", str(number % ORIGINS)] for number, word in enumerate(words)]
    else:
        with source.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))[1:]
        frequent = dict(Counter(origin for _, origin in rows).most_common(ORIGINS))
        rows = [row for row in rows if row[1] in frequent]
    asked = list(dict.fromkeys(name for name, _ in rows))[:count]
    taken = set(asked)
    return [row for row in rows if row[0] not in taken][:KNOWN], asked


def full_names(work: Path, known: list[list[str]], asked: list[str]) -> None:
    """Print how fast runs of the recipes' shapes, the model in the box and fastText answer."""
    source, fewer = work / "people.txt", work / "fewer.txt"
    for path, lines in ((source, asked), (fewer, asked[: len(asked) // 10])):
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    labels = tuple(sorted({origin for _, origin in known}))
    learned = sorted({name for name, _ in known})
    runs = {recipe: str(random_run(work / f"people-{recipe}", recipe, learned, labels)) for recipe in TARGETS}
    print(f"\nfrom file to file, {len(asked):,} different full names:")
    measured = [fasttext_speeds(work, known, source)]
    speeds = {}
    for recipe, run in {**runs, "shipped": "shipped"}.items():
        little = predicting(run, fewer, len(asked) // 10).mebibytes
        speeds[recipe] = predicting(run, source, len(asked)), little
        measured.append(fasttext_speeds(work, known, source))
    means = {
        way: tuple(map(statistics.mean, zip(*(speeds_of[way] for speeds_of in measured), strict=True)))
        for way in measured[0]
    }
    for way, (per_second, of_a_core) in means.items():
        seconds = len(asked) / per_second
        print(f"  fastText {way:14} {seconds:7.2f} s  {per_second:9,.0f} names/s, {of_a_core:9,.0f} of a core")
    if not means:
        print("  fastText is not installed, nothing is compared with it")
    best = max(means.values(), default=(float("nan"), float("nan")))
    for recipe, (speed, little) in speeds.items():
        wanted = f" (wanted: {TARGETS[recipe]:.2f})" if recipe in TARGETS else ""
        ratios = [value / of for value, of in zip(speed[1:3], best, strict=True)]
        print(
            f"  {recipe:23} {speed.seconds:7.2f} s  {speed.names_per_second:9,.0f} names/s, "
            f"{speed.names_per_processor_second:9,.0f} of a core = {ratios[0]:.2f} x and {ratios[1]:.2f} x "
            f"fastText's{wanted}  {speed.used}, {little:,.0f} MiB with a tenth of the names"
        )


def fasttext_speeds(work: Path, known: list[list[str]], names: Path) -> dict[str, tuple[float, float]]:
    """Names per second and per processor second of fastText's ways to predict; none where it is not installed."""
    if find_spec("fasttext") is None:
        return {}
    rows = work / "known.tsv"
    rows.write_text("".join(f"{name}\t{origin}\n" for name, origin in known), encoding="utf-8")
    command = [sys.executable, str(HERE / "fasttext_loop.py"), str(rows), str(names), os.devnull]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return {way: (float(second), float(core)) for way, second, core in map(str.split, printed)}
