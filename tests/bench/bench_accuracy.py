"""How well each recipe does, against the linear model: mean and spread over name-disjoint splits.

    python tests/bench/bench_accuracy.py DATA... [--splits 5] [--only default,linear,fastText] [--fresh]

The linear model and fastText learn from the training and the validation names, as the default does in the end; fastText
is left out where its package is not installed. Below each table stand the expected calibration error and the NLL of
each recipe over the test names of all splits together, before and after scaling, and what the error is, by chance, of
origins that are drawn from the answers themselves.

Every cell (data set, recipe, split) is one of `charnn study` and is measured on the split's test names, which nothing
was chosen by. Finished cells are kept in bench-results/accuracy/ and not run again; a cell is known by the settings,
the data's fingerprint and the code that trains and measures, so that what is changed is measured anew.
"""

import argparse
import re
import tempfile
import time
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from cells import SOURCES, Cells, cell_key, each_shown, names, new_table, studied, tell
from numpy.typing import NDArray

from charnn_cli.config import load_settings, recipe_names
from charnn_cli.data import TEST, split
from charnn_cli.evaluate import baseline
from charnn_cli.metrics import Outcomes, compute_metrics
from charnn_cli.scaling import Scaling
from charnn_cli.study.plan import Cell, Recipe
from charnn_cli.study.record import load_answers

RESULTS = Path("bench-results") / "accuracy"
FASTTEXT = "fastText, character 2-5-grams"
FASTTEXT_OPTIONS = {"minn": 2, "maxn": 5, "epoch": 25, "lr": 0.5, "thread": 1, "verbose": 0}
COLUMNS = ("accuracy", "balanced_accuracy", "macro_f1", "top_3_accuracy", "nll", "ece", "seconds")
LINEAR = {f"linear {setting.name}": setting for setting in baseline.SETTINGS}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--only", default="", help="recipes by name, and linear, with commas between them")
    parser.add_argument("--fresh", action="store_true", help="measure every cell again")
    options = parser.parse_args()
    methods = [*LINEAR, *([FASTTEXT] if find_spec("fasttext") else []), *recipe_names()]
    if options.only:
        methods = [method for method in methods if re.split("[ ,]", method)[0] in options.only.split(",")]
    chosen = [Recipe(method, load_settings(method)) for method in methods if method in recipe_names()]
    counted = Cells(RESULTS / "counted.jsonl", fresh=options.fresh)
    for data in options.data:
        rows = {
            method: [_kept(counted, data, method, split) for split in range(options.splits)]
            for method in methods
            if method not in recipe_names()
        }
        cells = studied(RESULTS / data.name, data, chosen, options.splits, fresh=options.fresh)
        rows |= {
            method: [{**told["metrics"], **told} for _, told in of_method]
            for method, of_method in cells.items()
            if of_method
        }
        spread = " (standard deviation)" if options.splits > 1 else ""
        title = f"{data.name}: test names of {options.splits} name-disjoint split(s), mean{spread}"
        table = new_table(title, "method", *(column.replace("_accuracy", "").replace("_", "-") for column in COLUMNS))
        for method, of_method in rows.items():
            table.add_row(method, *each_shown(of_method, COLUMNS))
        tell(table)
        for method, of_method in cells.items():
            if of_method:
                print(f"{data.name}, {method}: {_pooled(data, of_method)}")


def _kept(cells: Cells, data: Path, method: str, seed: int) -> dict[str, Any]:
    """What the linear model or fastText reaches on a split."""
    parts = [f"{method} {seed}", names(data).fingerprint, str(FASTTEXT_OPTIONS) * (method == FASTTEXT)]
    about = {"data": data.name, "method": method, "seed": seed}
    return cells.get(cell_key(parts, [*SOURCES, Path(__file__)]), about, partial(_counted, data, method, seed))


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
        probabilities = fasttext_probabilities(model, asked, num_labels)
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


def fasttext_probabilities(model: Any, texts: list[str], num_labels: int) -> NDArray[np.float64]:
    result = np.zeros((len(texts), num_labels))
    # Its own `predict` stops at NumPy 2, the function below it does not.
    labels, shares = model.f.multilinePredict([f"{text}\n" for text in texts], -1, 0.0, "strict")
    for row, (of_name, of_labels) in enumerate(zip(labels, shares, strict=True)):
        result[row, [int(label.removeprefix("__label__")) for label in of_name]] = of_labels
    return result / result.sum(axis=1, keepdims=True)


def _pooled(data: Path, cells: list[tuple[Cell, dict[str, Any]]]) -> str:
    """What scaling does to the answers to the test names of all splits together."""
    before, after, answers = [], [], []
    for cell, told in cells:
        rows, probabilities = load_answers(RESULTS / data.name, cell.key)
        origins = cell.names.read().origins[rows]
        after.append(Outcomes.of(probabilities, origins))
        undone = Scaling(told["temperature"] ** -told["power"], 1 / told["power"])
        logs = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny))
        before.append(Outcomes.of(undone.probabilities(logs), origins))
        answers.append(probabilities)
    both = [compute_metrics(Outcomes.joined(parts)) for parts in (before, after)]
    ece, nll = (" -> ".join(f"{metrics[metric]:.4f}" for metrics in both) for metric in ("ece", "nll"))
    return f"pooled ECE {ece} (by chance {_by_chance(np.concatenate(answers)):.4f}), NLL {nll}"


def _by_chance(probabilities: NDArray[np.float64], draws: int = 100) -> float:
    """The mean calibration error of names (N, C) whose origins are drawn from these answers, which are then perfect."""
    random, reached = np.random.default_rng(0), probabilities.cumsum(axis=1)
    errors = []
    for _ in range(draws):
        drawn = (reached < random.random((len(reached), 1)) * reached[:, -1:]).sum(axis=1)
        errors.append(compute_metrics(probabilities, drawn)["ece"])
    return float(np.mean(errors))


if __name__ == "__main__":
    main()
