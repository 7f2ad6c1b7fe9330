"""What a search of settings is worth: `charnn study --tune` beside fastText's autotune, in the same time.

    python tests/bench/bench_tune.py DATA [--budget 30m] [--recipe fast] [--seeds 3] [--only-fasttext]

Both learn from the training names of one split by name and choose by its validation names, charnn by their likelihood,
fastText by its own metric (F1), each on one core of its own for so long, at the same time. What each finds is then
trained with several seeds and measured on the split's test names, beside the same without a search: charnn's recipe,
and the settings of fastText that bench_accuracy.py takes. Every model knows the validation names in the end, as the
recipes with language models do; `trained alone` is what fastText's autotune itself hands over.
"""

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from bench_accuracy import FASTTEXT_OPTIONS, fasttext_probabilities
from cells import charnn, each_shown, names, new_table, tell
from numpy.typing import NDArray

from charnn_cli.cli.study import seconds_of
from charnn_cli.config import load_settings
from charnn_cli.data import TEST, TRAIN, VALIDATION, split
from charnn_cli.evaluate import answer, baseline
from charnn_cli.metrics import Outcomes, compute_metrics
from charnn_cli.store import Run

COLUMNS = ("accuracy", "balanced_accuracy", "macro_f1", "nll", "seconds")
CHOSEN = ("lr", "dim", "wordNgrams", "minCount", "minn", "maxn", "bucket", "epoch", "loss")


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended: its two streams, and the processor time of it and all that it has started."""

    stdout: str
    stderr: str
    processor_seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--budget", default="30m")
    parser.add_argument("--recipe", default="fast")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only-fasttext", action="store_true", help="search by autotune alone")
    parser.add_argument("--folder", type=Path, default=Path("bench-results") / "tune")
    parser.add_argument("--autotune", type=Path, help=argparse.SUPPRESS)  # this script's own other process
    options = parser.parse_args()
    if options.autotune:
        print(json.dumps(_autotuned(options.autotune, seconds_of(options.budget, "--budget"))))
    else:
        recipe = None if options.only_fasttext else options.recipe
        _compare(options.data, recipe, options.budget, options.seeds, options.folder)


def _compare(data: Path, recipe: str | None, budget: str, seeds: int, folder: Path) -> None:
    dataset = names(data)
    sides = split(dataset, seed=0, validation_fraction=0.1, test_fraction=0.1)
    texts = np.array(baseline.spell(dataset.names, replace(load_settings().config.text.rules(), marks=None)), object)
    files = folder / "fasttext"
    files.mkdir(parents=True, exist_ok=True)
    sources = {"train": sides == TRAIN, "validation": sides == VALIDATION, "known": sides != TEST}
    for name, chosen in sources.items():
        rows = zip(dataset.origins[chosen], texts[chosen], strict=True)
        (files / f"{name}.txt").write_text("".join(f"__label__{origin} {text}\n" for origin, text in rows), "utf-8")
    theirs = [sys.executable, __file__, data, "--autotune", files, "--budget", budget]
    ours = [sys.executable, "-m", "charnn_cli", "study", data, "--config", recipe, "--tune", budget, "--jobs", 1]
    autotuned, *searched = _together([theirs] if recipe is None else [theirs, [*ours, "--out", folder / recipe]])
    found = json.loads(autotuned.stdout.splitlines()[-1])
    tried = max(map(int, re.findall(r"Trials:\s*(\d+)", autotuned.stderr)), default=0)
    print(f"fastText chose {found}, of {tried} trials in {autotuned.processor_seconds:.0f} s of processor time")
    for ended in searched:
        print(f"charnn, in {ended.processor_seconds:.0f} s of processor time: {ended.stdout}")

    tested = np.flatnonzero(sides == TEST)
    asked, origins = [texts[row] for row in tested], dataset.origins[tested]
    spelled = [dataset.names[row] for row in tested]
    rows: dict[str, Callable[[int], dict[str, float]]] = {
        "fastText, character 2-5-grams": lambda seed: _theirs(
            files / "known.txt", FASTTEXT_OPTIONS, seed, asked, origins
        ),
        "fastText, autotuned": lambda seed: _theirs(files / "known.txt", found, seed, asked, origins),
        "fastText, autotuned, trained alone": lambda seed: _theirs(files / "train.txt", found, seed, asked, origins),
    }
    if recipe is not None:
        best = folder / recipe / "best.yaml"
        rows[f"`{recipe}`"] = lambda seed: _ours(data, recipe, seed, spelled, origins)
        rows[f"`{recipe}`, searched"] = lambda seed: _ours(data, best, seed, spelled, origins)
    title = f"{data.name}: test names of one split, {seeds} seeds, mean (standard deviation); searched for {budget}"
    table = new_table(title, "method", *COLUMNS)
    for method, measure in rows.items():
        table.add_row(method, *each_shown([measure(seed) for seed in range(seeds)], COLUMNS))
    tell(table)


def _together(commands: list[list[object]]) -> list[Ended]:
    """Run commands at the same time, each on one core of its own, as far as there are so many."""
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        started = []
        for number, command in enumerate(commands):
            paths = [Path(folder, f"{number}.{name}") for name in ("stdout", "stderr")]
            streams = [stack.enter_context(path.open("w")) for path in paths]
            process = subprocess.Popen(
                ["taskset", "--cpu-list", str(cores[number % len(cores)]), *map(str, command)],
                stdout=streams[0],
                stderr=streams[1],
                env={**os.environ, "OMP_NUM_THREADS": "1"},
            )
            started.append((process, paths))
        return [_ended(process, *paths) for process, paths in started]


def _ended(process: "subprocess.Popen[bytes]", stdout: Path, stderr: Path) -> Ended:
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(stderr.read_text())
    return Ended(stdout.read_text(), stderr.read_text(), usage.ru_utime + usage.ru_stime)


def _autotuned(files: Path, seconds: float) -> dict[str, Any]:
    """The settings that fastText's autotune finds."""
    import fasttext

    model = fasttext.train_supervised(
        str(files / "train.txt"),
        autotuneValidationFile=str(files / "validation.txt"),
        autotuneDuration=int(seconds),
        thread=1,
        verbose=1,
    )
    chosen = model.f.getArgs()
    found = {name: getattr(chosen, name) for name in CHOSEN}
    return {**found, "loss": str(found["loss"]).rpartition(".")[2]}


def _theirs(
    path: Path, settings: dict[str, Any], seed: int, asked: list[str], origins: NDArray[np.integer]
) -> dict[str, float]:
    import fasttext

    started = time.perf_counter()
    model = fasttext.train_supervised(str(path), **{**settings, "thread": 1, "verbose": 0, "seed": seed})
    seconds = time.perf_counter() - started
    probabilities = fasttext_probabilities(model, asked, int(origins.max()) + 1)
    return {**compute_metrics(probabilities, origins), "seconds": seconds}


def _ours(data: Path, config: object, seed: int, asked: list[str], origins: NDArray[np.integer]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        done = charnn("train", data, "--config", config, "--seed", seed, "--out", f"{folder}/run", "--quiet")
        if done.returncode:
            raise SystemExit(done.stderr)
        run = Run(Path(folder, "run"))
        outcomes: Outcomes = answer(run.trained, asked, origins, name_part="all").outcomes
        return {**compute_metrics(outcomes), "seconds": run.metrics["training_seconds"]}


if __name__ == "__main__":
    main()
