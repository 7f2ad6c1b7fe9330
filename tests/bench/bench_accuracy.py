"""How well each recipe does, against the linear model: mean and spread over name-disjoint splits.

    python tests/bench/bench_accuracy.py DATA... [--seeds 0,1,2,3,4] [--only default,linear,fastText] [--fresh]

The linear model and fastText learn from the training and the validation names, as the default does in the end; fastText
is left out where its package is not installed. Below each table stands the expected calibration error of each recipe
over the test names of all splits together, before and after temperature.

Every cell (data set, recipe, seed) is one plain `charnn train` and is measured on the split's test names, which nothing
was chosen by. Finished cells are kept in bench-results/accuracy.jsonl and not run again; a cell is known by the
settings, the data's fingerprint and the code that trains and measures, so that what is changed is measured anew.
"""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from cells import SOURCES, Cells, cell_key, charnn, names, shown
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from charnn_cli.config import dump_yaml, load_settings, recipe_names
from charnn_cli.data import TEST, read, split
from charnn_cli.evaluate import answer, baseline
from charnn_cli.metrics import METRICS, Outcomes, compute_metrics
from charnn_cli.store import Run

RESULTS = Path("bench-results") / "accuracy.jsonl"
FASTTEXT = "fastText, character 2-5-grams"
FASTTEXT_OPTIONS = {"minn": 2, "maxn": 5, "epoch": 25, "lr": 0.5, "thread": 1, "verbose": 0}
COLUMNS = ("accuracy", "balanced_accuracy", "macro_f1", "top_3_accuracy", "nll", "ece", "seconds")
FORMS = {"seconds": ".0f"}
LINEAR = {f"linear {setting.name}": setting for setting in baseline.SETTINGS}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--only", default="", help="recipes by name, and linear, with commas between them")
    parser.add_argument("--fresh", action="store_true", help="measure every cell again")
    options = parser.parse_args()
    seeds = [int(seed) for seed in options.seeds.split(",")]
    methods = [*LINEAR, *([FASTTEXT] if find_spec("fasttext") else []), *recipe_names()]
    if options.only:
        methods = [method for method in methods if re.split("[ ,]", method)[0] in options.only.split(",")]
    console = Console(width=None if sys.stdout.isatty() else 120)
    cells = Cells(RESULTS, fresh=options.fresh)
    for data in options.data:
        rows = {method: list(_measured(cells, data, method, seeds)) for method in methods}
        console.print(_table(data, rows, len(seeds)))
        for method, cells_of in rows.items():
            if all("after" in cell for cell in cells_of):
                console.print(f"{data.name}, {method}: pooled ECE {_pooled(cells_of)}", highlight=False)


def _measured(cells: Cells, data: Path, method: str, seeds: list[int]) -> Iterator[dict[str, Any]]:
    for seed in seeds:
        about = {"data": data.name, "method": method, "seed": seed}
        yield cells.get(_key(data, method, seed), about, partial(_cell, data, method, seed))


def _key(data: Path, method: str, seed: int) -> str:
    """What a cell depends on: names, settings, and the code that trains."""
    parts = [f"{method} {seed}", names(data).fingerprint]
    if method == FASTTEXT:
        return cell_key([*parts, str(FASTTEXT_OPTIONS)], [*SOURCES, Path(__file__)])
    if method in LINEAR:
        return cell_key(parts, SOURCES)
    return cell_key([*parts, dump_yaml(load_settings(method).config)], SOURCES)


def _cell(data: Path, method: str, seed: int) -> dict[str, Any]:
    if method in LINEAR or method == FASTTEXT:
        return _counted(data, method, seed)
    return _trained(data, method, seed)


def _counted(data: Path, method: str, seed: int) -> dict[str, Any]:
    dataset = names(data)
    sides = split(dataset, seed=seed, validation_fraction=0.1, test_fraction=0.1)
    known, test = np.flatnonzero(sides != TEST), np.flatnonzero(sides == TEST)
    texts = baseline.spell(dataset.names, replace(load_settings().config.text.rules(), marks=None))
    training = [texts[row] for row in known], dataset.origins[known]
    asked, num_labels = [texts[row] for row in test], len(dataset.labels)
    started = time.perf_counter()
    if method == FASTTEXT:
        model = _fasttext(*training)
        seconds = time.perf_counter() - started
        probabilities = _fasttext_probabilities(model, asked, num_labels)
    else:
        linear = baseline.fit(*training, num_labels=num_labels, setting=LINEAR[method])
        seconds = time.perf_counter() - started
        probabilities = linear.probabilities(asked)
    return compute_metrics(probabilities, dataset.origins[test]) | {"seconds": seconds}


def _fasttext(texts: list[str], origins: NDArray[np.integer]) -> Any:
    import fasttext

    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.writelines(f"__label__{origin} {text}\n" for text, origin in zip(texts, origins, strict=True))
        file.flush()
        return fasttext.train_supervised(file.name, **FASTTEXT_OPTIONS)


def _fasttext_probabilities(model: Any, texts: list[str], num_labels: int) -> NDArray[np.float64]:
    result = np.zeros((len(texts), num_labels))
    # Its own `predict` stops at NumPy 2, the function below it does not.
    labels, shares = model.f.multilinePredict([f"{text}\n" for text in texts], -1, 0.0, "strict")
    for row, (of_name, of_labels) in enumerate(zip(labels, shares, strict=True)):
        result[row, [int(label.removeprefix("__label__")) for label in of_name]] = of_labels
    return result / result.sum(axis=1, keepdims=True)


def _trained(data: Path, recipe: str, seed: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        how = ("--config", recipe, "--set", f"data.split_seed={seed}", "--out", f"{folder}/run", "--quiet")
        done = charnn("train", data, *how)
        if done.returncode:
            print(done.stderr.strip(), file=sys.stderr)
            return dict.fromkeys((*METRICS, "seconds"), float("nan"))
        run = Run(Path(folder, "run"))
        answers = answer(run.trained, *_test_names(data, recipe, seed), name_part="all")
        test = run.metrics["test"]  # of a network that writes, what its answers by Bayes' rule are worth
        measured = {**test.get("as_classifier", test["metrics"]), "seconds": run.metrics["training_seconds"]}
    return measured | {"after": _claims(answers.outcomes), "before": _claims(answers.uncalibrated)}


def _test_names(data: Path, recipe: str, seed: int) -> tuple[list[str], NDArray[np.int32]]:
    """The test names of a recipe, which tells names apart by its own text rules."""
    dataset = read(data, rules=load_settings(recipe).config.text.rules())
    rows = np.flatnonzero(split(dataset, seed=seed, validation_fraction=0.1, test_fraction=0.1) == TEST)
    return [dataset.names[row] for row in rows], dataset.origins[rows]


def _claims(outcomes: Outcomes) -> list[list[float]]:
    """Of each name the confidence, and 1 where the answer is right."""
    return [outcomes.confidence.round(6).tolist(), outcomes.correct.astype(int).tolist()]


def _pooled(cells: list[dict[str, Any]]) -> str:
    """The calibration error over the names of all cells, before and after temperature."""
    return " -> ".join(f"{_ece([cell[when] for cell in cells]):.4f}" for when in ("before", "after"))


def _ece(claims: list[list[list[float]]]) -> float:
    confidence, right = (np.concatenate([cell[part] for cell in claims]) for part in (0, 1))
    nothing = np.zeros(len(right))
    outcomes = Outcomes(nothing.astype(int), 1 - right.astype(int), nothing == 0, nothing, confidence, 2)
    return compute_metrics(outcomes)["ece"]


def _table(data: Path, rows: dict[str, list[dict[str, Any]]], splits: int) -> Table:
    spread = " (standard deviation)" if splits > 1 else ""
    table = Table(title=f"{data.name}: test names of {splits} name-disjoint split(s), mean{spread}")
    table.add_column("method", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column.replace("_accuracy", "").replace("_", "-"), justify="right")
    for method, cells in rows.items():
        table.add_row(
            method, *(shown([cell[column] for cell in cells], FORMS.get(column, ".3f")) for column in COLUMNS)
        )
    return table


if __name__ == "__main__":
    main()
