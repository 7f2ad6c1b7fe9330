"""How soon the default knows as much as the lesson's recipe does in the end: `make bench-training`.

    python tests/bench/bench_training.py DATA [--seed 0]

Trains `lesson`, then `default` and `fast`, each from names that are read to its last epoch, on one thread. The lesson's
final macro-F1 and balanced accuracy on the validation names are the mark; printed is the time after which a recipe is
first found at or above both. For that it is trained a second time with the same steps in epochs of a quarter of a pass,
since by the end of a whole one it is long past the mark. Times are processor seconds, and begin with the counting of
letters and n-grams.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cells import names

from charnn_cli.config import load_settings
from charnn_cli.data import TRAIN, split
from charnn_cli.errors import TrainingError
from charnn_cli.train import Session, fit, new_network
from charnn_cli.train.batching import step_size

PARTS = 4


class Standing(NamedTuple):
    """Where a training is at the end of an epoch."""

    seconds: float
    macro_f1: float
    balanced_accuracy: float


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--seed", type=int, default=0, help="of the split")
    options = parser.parse_args()
    standings = list(trained(options.data, "lesson", options.seed))
    if not standings:
        parser.error(f"the lesson's recipe learns nothing of {options.data}")
    lesson = standings[-1]
    print(f"lesson   {_shown(lesson)}", flush=True)
    for recipe in ("default", "fast"):
        quarters = trained(options.data, recipe, options.seed, parts=PARTS)
        reached = (
            (number, epoch)
            for number, epoch in enumerate(quarters, 1)
            if epoch.macro_f1 >= lesson.macro_f1 and epoch.balanced_accuracy >= lesson.balanced_accuracy
        )
        if found := next(reached, None):
            number, first = found
            share = f"1/{lesson.seconds / first.seconds:.0f} of the lesson's time"
            print(f"{recipe:8} {_shown(first)}, after {number / PARTS} passes: {share}", flush=True)
        else:
            print(f"{recipe:8} does not come to the lesson's figures", flush=True)
        for last in list(trained(options.data, recipe, options.seed))[-1:]:
            print(f"         {_shown(last)}, in the end", flush=True)


def trained(data: Path, recipe: str, seed: int, parts: int = 1) -> Iterator[Standing]:
    """The epochs that were validated; with `parts`, the same steps in that many times as many epochs."""
    dataset = names(data)
    changes = [f"data.split_seed={seed}"]
    config = load_settings(recipe, changes).config
    if parts > 1:
        training = int((split(dataset, **config.data.split_options()) == TRAIN).sum())
        changes += [f"training.steps_per_epoch={round(training / step_size(config.training, training) / parts)}"]
        changes += [f"training.epochs={parts * config.training.epochs}"]
    settings = load_settings(recipe, changes)
    started = time.process_time()
    session = Session.prepare(settings, dataset, data)
    network = new_network(session.data, settings.config)
    try:
        for report in fit(network, session.data, settings.config, session.device):
            if (macro_f1 := report.record["validation_macro_f1"]) is not None:
                seconds = time.process_time() - started
                yield Standing(seconds, macro_f1, report.record["validation_balanced_accuracy"])
    except TrainingError as error:  # nothing bounds the steps of the lesson
        print(f"{recipe:8} stopped: {error.what}", flush=True)


def _shown(standing: Standing) -> str:
    seconds, macro_f1, balanced_accuracy = standing
    return f"{seconds:6.1f} s  macro-F1 {macro_f1:.3f}  balanced accuracy {balanced_accuracy:.3f}"


if __name__ == "__main__":
    main()
