"""How soon the default knows as much as the lesson's recipe does in the end: `make bench-training`.

    python tests/bench/bench_training.py DATA [--seed 0]

Trains `lesson`, then `default` and `fast`, each from names that are read to its last epoch, on one thread. The lesson's
final macro-F1 and balanced accuracy on the validation names are the mark; printed is the time after which a recipe
first ends an epoch at or above both. Times are processor seconds, which hold on a busy machine too, and begin with the
counting of letters and n-grams.
"""

import argparse
import time
from pathlib import Path
from typing import NamedTuple

from cells import names

from charnn_cli.config import load_settings
from charnn_cli.train import Session, fit


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
    lesson = trained(options.data, "lesson", options.seed)[-1]
    print(f"lesson   {_shown(lesson)}", flush=True)
    for recipe in ("default", "fast"):
        epochs = trained(options.data, recipe, options.seed)
        places = (n for n, epoch in enumerate(epochs, 1) if epoch[1] >= lesson[1] and epoch[2] >= lesson[2])
        first = next(places, len(epochs))
        share = lesson.seconds / epochs[first - 1].seconds
        print(f"{recipe:8} {_shown(epochs[first - 1])}, epoch {first}: 1/{share:.0f} of the lesson's time")
        print(f"         {_shown(epochs[-1])}, epoch {len(epochs)}, the last", flush=True)


def trained(data: Path, recipe: str, seed: int) -> list[Standing]:
    """The epochs that were validated."""
    dataset = names(data)
    settings = load_settings(recipe, [f"data.split_seed={seed}"])
    started = time.process_time()
    session = Session.prepare(settings, dataset, data)
    network = session.examples.network(settings.config)
    epochs = []
    for report in fit(network, session.examples, settings.config, session.device):
        if (macro_f1 := report.record["validation_macro_f1"]) is not None:
            seconds = time.process_time() - started
            epochs.append(Standing(seconds, macro_f1, report.record["validation_balanced_accuracy"]))
    return epochs


def _shown(standing: Standing) -> str:
    seconds, macro_f1, balanced_accuracy = standing
    return f"{seconds:6.1f} s  macro-F1 {macro_f1:.3f}  balanced accuracy {balanced_accuracy:.3f}"


if __name__ == "__main__":
    main()
