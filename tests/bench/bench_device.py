"""How fast a device trains: `make bench-device`, on a machine with a GPU.

    python tests/bench/bench_device.py DATA [--device auto] [--steps 40] [--batches 128 1024 8192]
                                       [--precisions float32 bfloat16] [--epoch SIZE] [--set KEY=VALUE]...

Names per second of training steps for each precision and batch size, and the share of the device's peak: what the
products of a step are worth at the rate of one large product in that precision. With --epoch instead the seconds of one
whole epoch in batches of that size, stage by stage: `read`, `prepare` (split, symbols, n-grams), `epoch` (with what is
judged at its end). Times are by the clock: let nothing else run.
"""

import argparse
import time
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import torch

from charnn_cli.config import Config, load_settings
from charnn_cli.data import Dataset, read
from charnn_cli.processes import ALONE
from charnn_cli.train import Session, fit, new_network
from charnn_cli.train.acceleration import DTYPES
from charnn_cli.train.batching import Batch
from charnn_cli.train.trainer import Trainer

WARM_UP = 5  # steps
BACKWARD = 3  # a product's gradients are two more
LARGE = 4096


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--batches", type=int, nargs="+", default=[128, 1024, 8192])
    parser.add_argument("--precisions", nargs="+", choices=DTYPES, default=["float32", "bfloat16"])
    parser.add_argument("--epoch", type=int, metavar="SIZE")
    parser.add_argument("--set", dest="assignments", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    assignments = [f"training.device={options.device}", *options.assignments]
    started = time.perf_counter()
    dataset = read(options.data, rules=load_settings(None, assignments).config.text.rules())
    reading = time.perf_counter() - started
    if options.epoch:
        epoch(options.data, dataset, reading, [*assignments, f"training.batch_size={options.epoch}"])
        return
    for precision in options.precisions:
        for size in options.batches:
            choice = [f"training.precision={precision}", f"training.batch_size={size}"]
            pace(options.data, dataset, options.steps, [*assignments, *choice])


def pace(data: Path, dataset: Dataset, steps: int, assignments: list[str]) -> None:
    """Print the speed of so many steps."""
    settings = load_settings(None, assignments)
    session = Session.prepare(settings, dataset, data)
    trainer = Trainer(
        new_network(session.data, settings.config).to(session.device), session.data, settings.config,
        session.device, ALONE,
    )  # fmt: skip
    batches = (batch for number in count(1) for batch in trainer.batches(number))
    learn(trainer, islice(batches, WARM_UP))
    wait(session.device)
    started = time.perf_counter()
    names, symbols = learn(trainer, islice(batches, steps))
    wait(session.device)
    seconds = time.perf_counter() - started
    training = settings.config.training
    rate = operations(settings.config, len(session.data.alphabet), len(session.data.labels), names, symbols) / seconds
    peak = peak_rate(session.device, trainer.acceleration.dtype)
    print(
        f"{name_of(session.device)}  {training.precision:>8}  batch {training.batch_size:>5}  "
        f"{names / seconds:>10,.0f} names/s  {1e3 * seconds / steps:7.1f} ms a step  "
        f"{rate / 1e12:7.3f} of {peak / 1e12:5.1f} TFLOP/s ({rate / peak:.2%})",
        flush=True,
    )


def learn(trainer: Trainer, batches: Iterator[Batch]) -> tuple[int, int]:
    """Learn from the batches: how many names they had, and symbols."""
    names = symbols = 0
    for batch in batches:
        loss = trainer.loss(*trainer.forward(batch), batch)
        if trainer.backward(loss, batch) and trainer.stepper.clip():
            trainer.stepper.step()
        names += len(batch.rows)
        symbols += int(trainer.data.symbols.lengths_of(batch.rows).sum())
    return names, symbols


def operations(config: Config, num_symbols: int, num_labels: int, names: int, symbols: int) -> float:
    """Additions and multiplications of the network's products, forward and backward."""
    shape = config.model.architecture()
    per_symbol, width = 0, shape.input_size(num_symbols)
    for _ in range(shape.num_layers):
        rows = len(shape.kind.gates) * shape.hidden_size
        per_symbol += len(shape.directions) * rows * (width + shape.hidden_size)
        width = shape.feature_size
    if config.training.next_symbol_weight:
        per_symbol += len(shape.directions) * shape.hidden_size * num_symbols
    return 2.0 * BACKWARD * (symbols * per_symbol + names * num_labels * shape.head_size(num_symbols))


def peak_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Operations a second in a product of large random matrices, the best of ten."""
    left, right = (torch.randn(LARGE, LARGE, device=device).to(dtype) for _ in range(2))
    best = float("inf")
    for _ in range(10):
        wait(device)
        started = time.perf_counter()
        left @ right
        wait(device)
        best = min(best, time.perf_counter() - started)
    return 2.0 * LARGE**3 / best


def epoch(data: Path, dataset: Dataset, reading: float, assignments: list[str]) -> None:
    """Print what one whole epoch takes."""
    settings = load_settings(None, [*assignments, "training.epochs=1"])
    started = time.perf_counter()
    session = Session.prepare(settings, dataset, data)
    preparing = time.perf_counter() - started
    network = new_network(session.data, settings.config).to(session.device)
    started = time.perf_counter()
    (report,) = fit(network, session.data, settings.config, session.device)
    training = settings.config.training
    names = len(session.data.training)
    print(
        f"{name_of(session.device)}  {training.precision}  batch {training.batch_size}  {len(dataset):,} names, "
        f"{names:,} to train: read {reading:.1f} s, prepare {preparing:.1f} s, "
        f"epoch {time.perf_counter() - started:.1f} s ({names / report.record['seconds']:,.0f} names/s); "
        f"validation accuracy {report.record['validation_accuracy']:.3f}",
        flush=True,
    )


def wait(device: torch.device) -> None:
    """Until the device has done all that it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def name_of(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


if __name__ == "__main__":
    main()
