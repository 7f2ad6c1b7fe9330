"""What `charnn train` does to a data file, stage by stage, in a process of its own; prints one JSON object.

    python tests/bench/scale_stages.py DATA STEPS

Processor seconds of each stage, and the peak of resident memory up to its end in MiB. The stages: `start` (loading
torch), `read` (reading, normalising, dropping repeats, sorting, hashing), `prepare` (splitting, symbols, n-grams, the
language model), `open` (the network; the validation side under the language model), `steps` (so many batches of the
default recipe) and `judge` (the validation side under the network: blend, temperature, figures). With 0 steps it ends
after reading. Training runs on one thread, so that processor seconds are what it takes on a machine that is free.
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import torch

from charnn_cli.config import load_settings
from charnn_cli.data import Dataset, read
from charnn_cli.train import Session, fit, new_network


class Clock:
    """Notes what each stage took."""

    def __init__(self) -> None:
        self.stages: dict[str, dict[str, float]] = {}
        self.before = 0.0

    def lap(self, stage: str) -> None:
        now = time.process_time()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.stages[stage] = {"seconds": now - self.before, "peak": peak}
        self.before = now


def measure(data: Path, steps: int) -> dict[str, Any]:
    """The stages of one training of the default recipe, an epoch of `steps` batches."""
    settings = load_settings(None, [f"training.steps_per_epoch={max(steps, 1)}", "training.epochs=1"], {})
    torch.set_num_threads(settings.config.training.threads)
    clock = Clock()
    clock.lap("start")
    dataset = read(data, rules=settings.config.text.rules())
    clock.lap("read")
    about = {"rows": dataset.report.rows, "kept": len(dataset), "fingerprint": dataset.fingerprint}
    if steps:
        about |= train(settings, dataset, data, clock)
    return {**about, "stages": clock.stages}


def train(settings: Any, dataset: Dataset, data: Path, clock: Clock) -> dict[str, int]:
    session = Session.prepare(settings, dataset, data)
    clock.lap("prepare")
    data, config = session.data, settings.config
    seen = 0

    def on_step(epoch: int, names: int, of: int, loss: float) -> None:
        nonlocal seen
        if not seen:
            clock.lap("open")  # with the first step in it
        elif names == of:
            clock.lap("steps")
        seen = names

    for _ in fit(new_network(data, config), data, config, session.device, on_step=on_step):
        clock.lap("judge")
    return {"names": seen - session.step_size, "validation": len(data.validation)}


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
