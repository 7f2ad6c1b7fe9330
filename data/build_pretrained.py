"""Train the model that comes with charnn and store it in half precision: `make pretrained`.

    python data/build_pretrained.py [--run FOLDER] [--set KEY=VALUE]... [--share S] [--keep FOLDER]

Trains on what `python data/build_people.py` has written, validates on its people and names kept apart, rounds the
weights to float16 and writes them with their description and card to charnn_cli/pretrained; the same bytes each time on
one kind of machine. With --run it stores a run that it has trained before; with --keep it trains into a folder and
stores nothing; --share trains on a part of the people, for a trial.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from builder.compose import fraction

from charnn_cli.config import load_settings
from charnn_cli.data import TEST, TRAIN, VALIDATION
from charnn_cli.data.dataset import Collector
from charnn_cli.formats.reading import ReadReport
from charnn_cli.store import Run, RunWriter
from charnn_cli.store.location import SHIPPED
from charnn_cli.store.model_files import WEIGHTS, save_trained
from charnn_cli.store.run import CARD
from charnn_cli.version import __version__

ROOT = Path(__file__).parents[1]
BOX = ROOT / "bench-data" / "box"
#: What differs from the recipe `default`.
RECIPE = (
    "model.ngram_orders=[1,2,3,4]",
    "model.ngram_max_size=80000",
    "training.epochs=5",
    "training.batch_size=256",
    "training.lr=4.0e-3",
    "training.next_symbol_weight=0",
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train and store the model that comes with charnn.")
    parser.add_argument("--run", type=Path, help="a finished run to store")
    parser.add_argument("--keep", type=Path, help="train into this folder and store nothing")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="another setting")
    parser.add_argument("--share", type=float, default=1.0, help="of the training people")
    parser.add_argument("--data", type=Path, default=BOX, help="the folder of build_people.py")
    options = parser.parse_args()
    if options.run is not None:
        store(Run(options.run), SHIPPED)
    elif options.keep is not None:
        train(options.keep, options.data, [*RECIPE, *options.set], options.share)
    else:
        with tempfile.TemporaryDirectory() as folder:
            store(
                Run(train(Path(folder) / "pretrained", options.data, [*RECIPE, *options.set], options.share)), SHIPPED
            )


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a file of build_people.py."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            yield from csv.DictReader(stream)
    except FileNotFoundError:
        sys.exit(f"build_pretrained: error: {path} is missing; run make data")


def train(folder: Path, box: Path, assignments: Sequence[str], share: float) -> Path:
    """Train on the box's training side and choose epoch and temperature on its validation side."""
    import torch
    from charnn_cli.train.examples import Examples

    from charnn_cli.train import Session
    from charnn_cli.train.session import pick_device

    settings = load_settings(None, assignments, {})
    config = settings.config
    collector = Collector(config.text.rules(), ReadReport())
    sides_of: dict[str, int] = {}
    for side, name in ((VALIDATION, "validation"), (TRAIN, "train"), (TEST, "test")):
        rows = list(rows_of(box / f"{name}.csv"))
        if side == TEST:
            rows = [row for row in rows if row["form"] == "plain"]
        elif side == TRAIN and share < 1:
            rows = [row for row in rows if fraction(" ".join(sorted(row["name"].lower().split()))) < share]
        part = Collector(config.text.rules(), ReadReport())
        pairs = [(row["name"], row["origin"]) for row in rows]
        part.add(pairs)
        for text in part.finish().texts:
            sides_of.setdefault(text, side)
        collector.add(pairs)
    dataset = collector.finish()
    sides = np.array([sides_of[text] for text in dataset.texts], dtype=np.int8)
    torch.set_num_threads(config.training.threads)
    examples = Examples.learned(dataset, sides, config)
    about = {
        "charnn_version": __version__,
        "data": {"path": "bench-data/box", "fingerprint": dataset.fingerprint, "rows": len(dataset)},
        "split": config.data.split_options(),
        "counts_validation": examples.final_counts is not examples.counts,
    }
    session = Session(settings, dataset, examples, pick_device("cpu"), about)
    print(f"{len(dataset):,} rows, {len(examples.training):,} to train, {len(examples.alphabet)} symbols", flush=True)
    started = time.monotonic()
    with RunWriter(folder) as writer:
        for report in session.run(writer):
            print(report.record, f"{time.monotonic() - started:.0f} s", flush=True)
        metrics = session.finish(writer)
    for side in ("validation", "test"):
        print(side, metrics[side]["n"], metrics[side]["metrics"])
    return folder


def store(run: Run, folder: Path) -> None:
    """Write the run's model to `folder` and print its size."""
    folder.mkdir(exist_ok=True)
    save_trained(folder, run.trained, half=True)
    rest = run.card.partition("\n")[2]
    (folder / CARD).write_text(f"# Model card: the model that comes with charnn\n\n{MADE}\n{rest}", encoding="utf-8")
    print(f"{WEIGHTS}: {(folder / WEIGHTS).stat().st_size / 1e6:.2f} MB")


MADE = "Made by `make data pretrained`; weights rounded to float16. The names: `data/SOURCES.md`."

if __name__ == "__main__":
    main()
