"""Train the model that comes with charnn and store it in half precision: `make pretrained`.

    python data/build_pretrained.py [--run FOLDER] [--keep FOLDER] [--set KEY=VALUE]... [--share S]

Trains on what `python data/build_people.py` has written, chooses epoch and temperature on its validation side, rounds
the weights to float16 and writes them with their description and card to charnn_cli/pretrained; the same bytes each
time on one kind of machine. With --keep it trains into a folder and stores nothing, with --run it stores such a
folder; --set and --share, of the training rows, are for trials.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from builder.compose import fraction
from builder.forms import FAMILY_ALONE
from builder.telling import most_telling
from numpy.typing import NDArray

from charnn_cli import load
from charnn_cli.config import load_settings
from charnn_cli.conformal import PredictionSets
from charnn_cli.data import TEST, TRAIN, VALIDATION, Dataset
from charnn_cli.data.dataset import Collector
from charnn_cli.data.reading import ReadReport
from charnn_cli.metrics import Outcomes, compute_metrics
from charnn_cli.predict import Predictor
from charnn_cli.store import Run, RunWriter, load_trained
from charnn_cli.store.location import SHIPPED
from charnn_cli.store.model_files import WEIGHTS, save_trained
from charnn_cli.store.run import CARD
from charnn_cli.text import TextRules, normalise
from charnn_cli.trained import TrainedModel
from charnn_cli.version import __version__

if TYPE_CHECKING:
    from charnn_cli.train.training_data import TrainingData

FOREIGN_TIMES = 3.0  # names with letters beyond ASCII count so often when n-grams are chosen
NGRAMS = 170_000  # kept: 64 bytes each, of the 12 MB that the model may take
ROOT = Path(__file__).parents[1]
BOX = ROOT / "bench-data" / "box"
FORMS_SHARE = 0.15
FEWEST_OF_A_KIND = 500  # validation names that a sharpness is fitted on
#: What differs from the recipe `default`.
RECIPE = (
    "model.learned_orders=5",
    "model.ngram_max_size=450000",  # of these the ones that tell most are kept
    "model.count_validation=false",
    "model.dropout=0.1",
    "model.wide_dropout=0.2",
    "training.epochs=2",
    "training.steps_per_epoch=4000",
    "training.batch_size=256",
    "training.lr=6.0e-3",
    "training.next_symbol_weight=0",  # the names are too many to be learned by heart
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train and store the model that comes with charnn.")
    parser.add_argument("--run", type=Path, help="a finished run to store")
    parser.add_argument("--keep", type=Path, help="train into this folder and store nothing")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="another setting")
    parser.add_argument("--share", type=float, default=1.0, help="of the training rows")
    parser.add_argument("--data", type=Path, default=BOX, help="the folder of build_people.py")
    options = parser.parse_args()
    assignments = [*RECIPE, *options.set]
    if options.run is not None:
        store(Run(options.run), options.data, SHIPPED)
    elif options.keep is not None:
        train(options.keep, options.data, assignments, options.share)
    else:
        with tempfile.TemporaryDirectory() as folder:
            run = train(Path(folder) / "pretrained", options.data, assignments, options.share)
            store(Run(run), options.data, SHIPPED)


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a file of build_people.py."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))
    except FileNotFoundError:
        sys.exit(f"build_pretrained: error: {path} is missing; run make data")


def labelled(box: Path, rules: TextRules, share: float = 1.0) -> tuple[Dataset, NDArray[np.int8]]:
    """The rows that are learned, each as many times as it says, those that judge and plain tested ones; sides (N,)."""
    collector, sides_of = Collector(rules, ReadReport()), dict[str, int]()
    for side, name in ((TEST, "test"), (VALIDATION, "validation"), (TRAIN, "train")):
        rows = rows_of(box / f"{name}.csv")
        if side == TEST:
            rows = [row for row in rows if row["form"] == "plain"]
        elif side == VALIDATION:  # a family name alone may be a training row, whoever bears it
            rows = [row for row in judging(rows) if row["form"] != FAMILY_ALONE]
        elif share < 1:
            rows = [row for row in rows if fraction(row["name"]) < share]
        pairs = [(row["name"], row["origin"]) for row in rows]
        part = Collector(rules, ReadReport())
        part.add(pairs)
        for text in part.finish().texts:
            sides_of.setdefault(text, side)
        collector.add(pairs)
    dataset = collector.finish()
    sides = np.array([sides_of[text] for text in dataset.texts], dtype=np.int8)
    repeated = _repeated(dataset, rows, rules)
    columns = {name: getattr(dataset, name)[repeated] for name in ("names", "texts", "origins", "hashes")}
    return replace(dataset, **columns), sides[repeated]


def judging(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The validation rows that epochs, temperatures and sets go by: plain names, and a share of all other forms."""
    return [row for row in rows if row["form"] == "plain" or fraction(row["name"]) < FORMS_SHARE]


def _repeated(dataset: Dataset, rows: list[dict[str, str]], rules: TextRules) -> NDArray[np.int64]:
    """The places of a dataset (N,), those of some rows as often as these say."""
    more: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row["times"] != "1":
            more[normalise(row["name"], rules), row["origin"]] += int(row["times"]) - 1
    origins = [dataset.labels[origin] for origin in dataset.origins.tolist()]
    times = [1 + more[pair] for pair in zip(dataset.texts, origins, strict=True)]
    return np.repeat(np.arange(len(dataset)), times)


def train(folder: Path, box: Path, assignments: Sequence[str], share: float) -> Path:
    """Train a run on the box's training side and choose its epoch and temperature on the validation side."""
    import torch

    from charnn_cli.train import Session, learn_from, pick_device

    settings = load_settings(None, assignments, {})
    config = settings.config
    dataset, sides = labelled(box, config.text.rules(), share)
    torch.set_num_threads(config.training.threads)
    data = with_telling_ngrams(learn_from(dataset, sides, config), NGRAMS)
    about = {
        "charnn_version": __version__,
        "data": {"path": "bench-data/box", "fingerprint": dataset.fingerprint, "rows": len(dataset)},
        "split": config.data.split_options(),
        "counts_validation": data.final_counts is not data.counts,
    }
    session = Session(settings, dataset, data, pick_device("cpu"), about)
    print(f"{len(dataset):,} rows, {len(data.training):,} to train, {len(data.alphabet):,} symbols", flush=True)
    with RunWriter(folder) as writer:
        for report in session.run(writer):
            print({key: report.record[key] for key in SHOWN}, flush=True)
        metrics = session.finish(writer)
    print("validation", metrics["validation"]["n"], metrics["validation"]["metrics"])
    return folder


def with_telling_ngrams(data: TrainingData, size: int) -> TrainingData:
    """The same names with so many n-grams as tell most, whose weights are learned and counted."""
    from charnn_cli.text.language_model import language_models
    from charnn_cli.text.ngrams import LabelledNgrams

    symbols, origins = data.symbols.take(data.training), data.origins[data.training]
    assert data.counts.ngrams is not None
    weights = np.where([name.isascii() for name in data.names[data.training]], 1.0, FOREIGN_TIMES)
    labels = len(data.labels)
    ngrams = most_telling(symbols, origins, weights, data.counts.ngrams, num_labels=labels, size=size)
    counted = LabelledNgrams.of(symbols, origins, ngrams.orders, num_labels=labels)
    models = language_models(counted, ngrams, num_symbols=len(data.alphabet))
    counts = replace(data.counts, ngrams=ngrams, language_models=models)
    return replace(data, counts=counts, final_counts=counts, network_ngrams=ngrams)


def store(run: Run, box: Path, folder: Path) -> None:
    """Write the run's model and card to `folder` and print its size."""
    folder.mkdir(exist_ok=True)
    from charnn_cli.train.card import LIMITS, SETS, sets_section
    from charnn_cli.train.list_calibration import calibrations_of

    validation, test = judging(rows_of(box / "validation.csv")), rows_of(box / "test.csv")
    plain = [row for row in validation if row["form"] == "plain" and row["script"] == "Latin"]
    trained = calibrated(run.trained, plain)
    trained = replace(trained, calibrations=calibrations_of(*asked(trained, plain), priors=trained.priors))
    save_trained(folder, trained, half=True)
    sets = PredictionSets.fit(*told(load_trained(folder), [row for row in validation if row["form"] == "plain"]))
    save_trained(folder, replace(trained, sets=sets), half=True)
    lines = run.card.splitlines()
    lines[0] = "# Model card: the model that comes with charnn"
    lines[1:1] = ["", MADE.format(trained.one_word)]
    place = lines.index("## Data and split")
    lines[place:place] = [*KINDS.splitlines(), "", *by_kind(folder, test), ""]
    split = next(place for place, line in enumerate(lines) if line.startswith("- split by name"))
    at_temperature = f"probabilities at temperature {trained.temperature:.3f}"
    lines[split + 1] = re.sub(r"probabilities at temperature [\d.]+", at_temperature, lines[split + 1])
    lines[split] = "- held out by person and by name, in every form and order; 5% of people validate, 6% are tested"
    if sets is not None:
        plain = [row for row in test if row["form"] == "plain"]
        measured = sets.measured(sets.tally(*told(load_trained(folder), plain)))
        following = lines.index(LIMITS.partition("\n")[0])
        lines[lines.index(SETS) if SETS in lines else following : following] = [*sets_section(measured), ""]
    (folder / CARD).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{WEIGHTS}: {(folder / WEIGHTS).stat().st_size / 1e6:.2f} MB; one word: {trained.one_word}")


def calibrated(trained: TrainedModel, rows: list[dict[str, str]]) -> TrainedModel:
    """The model with the sharpness of names of one word and of several that fits plain Latin validation names best."""
    predictor = Predictor(trained)
    one, several = (
        _sharpness(predictor, [row for row in rows if (" " in row["name"]) == has]) for has in (False, True)
    )
    return replace(trained, temperature=trained.temperature / several, one_word=trained.one_word * one / several)


def _sharpness(predictor: Predictor, rows: list[dict[str, str]]) -> float:
    """What logits are to be multiplied by for the least expected calibration error, the mean of those of the kinds."""
    by_kind = [[row for row in rows if row["kind"] == kind] for kind in sorted({row["kind"] for row in rows})]
    labels = predictor.labels
    kinds = [
        (predictor.logits([row["name"] for row in part])[0], np.array([labels.index(row["origin"]) for row in part]))
        for part in by_kind
        if len(part) >= FEWEST_OF_A_KIND
    ]

    def error(sharpness: float) -> float:
        shares = [(predictor.probabilities(logits * np.float32(sharpness)), origins) for logits, origins in kinds]
        return float(np.mean([compute_metrics(*of_kind)["ece"] for of_kind in shares]))

    return float(min(np.arange(50, 200) / 100, key=error))


def asked(
    trained: TrainedModel, rows: list[dict[str, str]]
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.bool_]]:
    """Of the rows with an answer: logits (N, C), origins (N,), and whether a name has several words (N,)."""
    predictor = Predictor(trained)
    texts, reasons = predictor.read([row["name"] for row in rows])
    chosen = [place for place, reason in enumerate(reasons) if reason is None]
    parts = [texts[place] for place in chosen]
    windows = range(0, len(parts), predictor.window)
    logits = [predictor.logits_of_texts(parts[start : start + predictor.window]) for start in windows]
    origins = np.array([trained.labels.index(rows[place]["origin"]) for place in chosen])
    return np.concatenate(logits), origins, np.array([" " in text for text in parts])


def told(
    trained: TrainedModel, rows: list[dict[str, str]]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]:
    """The same with probabilities in place of logits."""
    logits, origins, several = asked(trained, rows)
    return Predictor(trained).probabilities(logits), origins, several


def by_kind(folder: Path, rows: list[dict[str, str]]) -> Iterator[str]:
    """A table of what the stored model reaches on each kind of tested names."""
    model = load(folder)
    yield "| kind of names | names | right | among the first three | ECE |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    plain = [row for row in rows if row["form"] == "plain"]
    for title, kinds, is_latin in SHOWN_KINDS:
        chosen = [row for row in plain if row["kind"] in kinds and (row["script"] == "Latin") == is_latin]
        origins = np.array([model.labels.index(row["origin"]) for row in chosen], dtype=np.int32)
        outcomes = Outcomes.of(model.predict_proba([row["name"] for row in chosen]), origins)
        found = compute_metrics(outcomes)
        shown = " | ".join(f"{found[key]:.3f}" for key in ("accuracy", "top_3_accuracy", "ece"))
        yield f"| {title} | {len(chosen):,} | {shown} |"


SHOWN = ("epoch", "seconds", "train_loss", "validation_loss", "validation_accuracy", "names_per_second")
SHOWN_KINDS = (
    ("full names of people", ("person",), True),
    ("full names put together where few people are known", ("composed",), True),
    ("surnames alone", ("surname",), True),
    ("given names alone", ("given",), True),
    ("names in other scripts, put together", ("composed",), False),
)
MADE = (
    "Made by `make data pretrained`; weights in float16, those of n-grams in eight bits; logits of names of one word "
    "times {:.2f}, fitted on the validation names. The names: `data/SOURCES.md`."
)
KINDS = """\
## What kinds of names it knows

Full names of people in Latin letters, with marks and without, the family name first or last, behind a comma, or with
an initial for the given name; surnames and given names alone; and names in Han, Hangul, kana, Arabic, Hebrew,
Devanagari, Bengali, Tamil, Odia, Thai, Georgian, Armenian, Cyrillic and Greek letters. Titles, degrees, Jr. and
numerals are no part of what it reads. In other scripts it abstains. Names of companies, places and bands are none of
these kinds, and it does not notice."""

if __name__ == "__main__":
    main()
