"""How well each recipe does, against the linear model: mean and spread over name-disjoint splits.

    python tests/bench/bench_accuracy.py DATA... [--seeds 0,1,2,3,4] [--only default,lesson] [--fresh]

Every cell (data set, recipe, seed) is one plain `charnn train` and is measured on the split's test names, which
nothing was chosen by. Finished cells are kept in bench-results/accuracy.jsonl and not run again; a cell is known by
the settings, the data's fingerprint and the package's version of the moment, so a changed recipe is measured anew.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from charnn_cli import baseline
from charnn_cli.config import dump_yaml, load_settings, recipe_names
from charnn_cli.data import TEST, TRAIN, Dataset, read, split
from charnn_cli.metrics import METRICS, figures

RESULTS = Path("bench-results") / "accuracy.jsonl"
COLUMNS = ("accuracy", "balanced_accuracy", "macro_f1", "top_3_accuracy", "nll", "ece", "seconds")
LINEAR = {f"linear {setting.name}": setting for setting in baseline.SETTINGS}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--only", default="")
    parser.add_argument("--fresh", action="store_true", help="measure every cell again")
    options = parser.parse_args()
    seeds = [int(seed) for seed in options.seeds.split(",")]
    methods = [*LINEAR, *recipe_names()]
    if options.only:
        methods = [method for method in methods if method in options.only.split(",")]
    console = Console(width=None if sys.stdout.isatty() else 120)
    for data in options.data:
        rows = {method: list(_measured(data, method, seeds, fresh=options.fresh)) for method in methods}
        console.print(_table(data, rows, len(seeds)))


def _measured(data: Path, method: str, seeds: list[int], *, fresh: bool) -> Iterator[dict[str, float]]:
    for seed in seeds:
        key = _key(data, method, seed)
        known = {} if fresh else {cell["key"]: cell["figures"] for cell in _finished()}
        if key not in known:
            print(f"{data.name}: {method}, split {seed}", file=sys.stderr, flush=True)
            known[key] = _linear(data, LINEAR[method], seed) if method in LINEAR else _trained(data, method, seed)
            RESULTS.parent.mkdir(exist_ok=True)
            cell = {"key": key, "data": data.name, "method": method, "seed": seed, "figures": known[key]}
            with RESULTS.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(cell) + "\n")
        yield known[key]


def _finished() -> list[dict[str, Any]]:
    return [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []


def _key(data: Path, method: str, seed: int) -> str:
    """What a cell depends on: names, settings, and the code that trains."""
    sha = hashlib.sha256(f"{method} {seed}".encode())
    sha.update(_names(data).fingerprint.encode())
    package = Path(baseline.__file__).parent
    if method in LINEAR:
        sources = [Path(baseline.__file__)]
    else:
        sha.update(dump_yaml(load_settings(method).config).encode())
        sources = [path for part in ("model", "train", "text.py", "ngrams.py") for path in _files(package / part)]
    for path in sources:
        sha.update(path.read_bytes())
    return sha.hexdigest()


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


_datasets: dict[Path, Dataset] = {}


def _names(data: Path) -> Dataset:
    if data not in _datasets:
        _datasets[data] = read(data, rules=load_settings().config.text.rules())
    return _datasets[data]


def _linear(data: Path, setting: baseline.Setting, seed: int) -> dict[str, float]:
    dataset = _names(data)
    sides = split(dataset, seed=seed, validation_fraction=0.1, test_fraction=0.1)
    training, test = np.flatnonzero(sides == TRAIN), np.flatnonzero(sides == TEST)
    started = time.perf_counter()
    texts = [dataset.texts[row] for row in training]
    model = baseline.fit(texts, dataset.origins[training], num_labels=len(dataset.labels), setting=setting)
    seconds = time.perf_counter() - started
    probabilities = model.probabilities([dataset.texts[row] for row in test])
    return figures(probabilities, dataset.origins[test]) | {"seconds": seconds}


def _trained(data: Path, recipe: str, seed: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(sys.executable).with_name("charnn")), "train", str(data), "--config", recipe, "--quiet"]
        command += ["--set", f"data.split_seed={seed}", "--out", f"{folder}/run"]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            print(done.stderr.strip(), file=sys.stderr)
            return dict.fromkeys((*METRICS, "seconds"), float("nan"))
        metrics = json.loads(Path(folder, "run", "metrics.json").read_text(encoding="utf-8"))
    return metrics["test"]["metrics"] | {"seconds": metrics["training_seconds"]}


def _table(data: Path, rows: dict[str, list[dict[str, float]]], splits: int) -> Table:
    spread = " (standard deviation)" if splits > 1 else ""
    table = Table(title=f"{data.name}: test names of {splits} name-disjoint split(s), mean{spread}")
    table.add_column("method", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column.replace("_accuracy", "").replace("_", "-"), justify="right")
    for method, cells in rows.items():
        table.add_row(method, *(_shown([cell[column] for cell in cells], column) for column in COLUMNS))
    return table


def _shown(values: list[float], column: str) -> str:
    form = ".0f" if column == "seconds" else ".3f"
    mean = f"{np.mean(values):{form}}"
    return mean if len(values) < 2 else f"{mean} ({np.std(values, ddof=1):{form}})"


if __name__ == "__main__":
    main()
