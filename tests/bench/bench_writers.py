"""How well each cell foretells the letters of names, beside smoothed n-grams: mean and spread over seeds.

    python tests/bench/bench_writers.py DATA... [--seeds 0,1,2] [--only gru,lstm] [--fresh]

Every cell (data set, network, seed) is one plain `charnn train` with a recipe of networks that write names, on one
split; the figures are of its test names. `accuracy` and `macro-F1` are of origins told by Bayes' rule. Finished cells
are kept in bench-results/writers.jsonl.
"""

import argparse
import json
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from cells import SOURCES, Cells, cell_key, charnn, each_shown, names, new_table, tell

from charnn_cli.config import dump_yaml, load_settings

RESULTS = Path("bench-results") / "writers.jsonl"
WRITERS = {  # recipe and what is set in it
    "lstm": ("generator", ["model.cell=lstm"]),
    "gru": ("generator", []),
    "rnn relu": ("generator-rnn", ["model.activation=relu", "model.dropout=0.2"]),
    "rnn tanh": ("generator-rnn", []),
    "rnn sigmoid": ("generator-rnn", ["model.activation=sigmoid", "training.lr=6e-3"]),
}
FIGURES = ("bits_per_letter", "perplexity", "accuracy", "macro_f1")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--only", default=",".join(WRITERS), help="networks by name, with commas between them")
    parser.add_argument("--fresh", action="store_true", help="measure every cell again")
    options = parser.parse_args()
    seeds = [int(seed) for seed in options.seeds.split(",")]
    cells = Cells(RESULTS, fresh=options.fresh)
    for data in options.data:
        columns = [figure.replace("macro_f1", "macro-F1").replace("_", " ") for figure in FIGURES]
        table = new_table(f"{data.name}: test names, mean over {len(seeds)} seed(s) (standard deviation)", "", *columns)
        for writer in options.only.split(","):
            measured = [_cell(cells, data, writer, seed) for seed in seeds]
            table.add_row(writer, *each_shown(measured, FIGURES))
        ngrams = measured[0]["ngrams"]  # of the split alone, so the same beside each network
        told = (f"{ngrams[figure]:.3f}" if figure in ngrams else "" for figure in FIGURES)
        table.add_row(f"smoothed {ngrams['order']}-grams of each origin", *told)
        tell(table)


def _cell(cells: Cells, data: Path, writer: str, seed: int) -> dict[str, Any]:
    recipe, assignments = WRITERS[writer]
    settings = [*assignments, f"seed={seed}"]
    config = dump_yaml(load_settings(recipe, settings).config)
    key = cell_key([names(data).fingerprint, config], SOURCES)
    return cells.get(
        key, {"data": data.name, "writer": writer, "seed": seed}, partial(_trained, data, recipe, settings)
    )


def _trained(data: Path, recipe: str, settings: list[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        how = [word for setting in settings for word in ("--set", setting)]
        done = charnn("train", data, "--config", recipe, *how, "--out", f"{folder}/run", "--quiet")
        if done.returncode:
            sys.exit(done.stderr.strip())
        test = json.loads(Path(folder, "run", "metrics.json").read_text(encoding="utf-8"))["test"]
    return {**test["as_classifier"], **test["metrics"], "ngrams": test["ngrams"]}


if __name__ == "__main__":
    main()
