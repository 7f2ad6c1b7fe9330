"""How fast one and several processes train: `make bench-processes`.

    python tests/bench/bench_processes.py [DATA] [--processes 2] [--turns 3] [--epochs 2] [--set key=value]...

One process trains both directions of a layer at once, on two processors where there are two; so it is measured alone on
one of them, too. Two speeds: by the clock, of the best epoch of all turns, which other work on the machine
spoils; and by the processor time of one process, which it hardly touches: a training of `--epochs` and one more less a
training of one epoch, so that start and reading count for nothing. Waiting for each other is in the first alone.

Below them, what the processes tell each other in a step, and how long that takes when nothing else is to be done: the
gradients that DistributedDataParallel adds up, the rows of the n-gram tables that a batch reads, and, for comparison,
all of their rows.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
import torch.distributed as dist

from charnn_cli.config import load_settings
from charnn_cli.data import length_buckets, read
from charnn_cli.model.embeddings import NgramSum
from charnn_cli.train import Session, new_network
from charnn_cli.train.batching import ngram_rows

TORCHRUN = [str(Path(sys.executable).with_name("torchrun")), "--standalone", "--nproc-per-node"]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", default=Path("data/names"))
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--set", dest="assignments", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    if "RANK" in os.environ:
        exchange(options.data, options.assignments)
        return
    os.environ["OMP_NUM_THREADS"] = "1"
    load = f"{os.cpu_count()} processors with a load of {os.getloadavg()[0]:.1f} before the start"
    print(f"{options.data}, {options.epochs} epochs, best of {options.turns} turns; {load}", flush=True)
    words = [word for assignment in options.assignments for word in ("--set", assignment)]
    training = len(session_of(options.data, options.assignments).data.training)
    ways = {"1 process on one processor": (1, True), "1 process": (1, False)}
    ways[f"{options.processes} processes"] = (options.processes, False)
    clock = dict.fromkeys(ways, 0.0)  # names per second
    processor = dict.fromkeys(ways, 0.0)
    losses = dict.fromkeys(ways, 0.0)
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        for _ in range(options.turns):
            for way, (count, is_held) in ways.items():
                start = train(count, options.data, 1, words, run, is_held=is_held)
                seconds = train(count, options.data, 1 + options.epochs, words, run, is_held=is_held) - start
                records = [json.loads(line) for line in (run / "history.jsonl").read_text().splitlines()]
                clock[way] = max(clock[way], *(record["names_per_second"] for record in records))
                processor[way] = max(processor[way], training * options.epochs / (seconds / count))
                losses[way] = records[-1]["validation_loss"]
    first = next(iter(ways))
    for way in ways:
        print(
            f"{way:<26}  {clock[way]:>9,.0f} names/s  {clock[way] / clock[first]:.2f} x"
            f"  {processor[way]:>9,.0f} names a second of one's processor  {processor[way] / processor[first]:.2f} x"
            f"  validation loss {losses[way]:.4f}",
            flush=True,
        )
    here = [*TORCHRUN, str(options.processes), __file__, str(options.data)]
    subprocess.run([*here, *(f"--set={assignment}" for assignment in options.assignments)], check=True)


def train(count: int, data: Path, epochs: int, words: list[str], run: Path, *, is_held: bool) -> float:
    """Processor seconds of a training by so many processes, all of them together; `is_held` to one processor."""
    held = ["taskset", "--cpu-list", "0"] if is_held else []
    launcher = [*held, sys.executable] if count == 1 else [*TORCHRUN, str(count)]
    command = [*launcher, "-m", "charnn_cli", "train", str(data), "--epochs", str(epochs), *words]
    before = os.times()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([*command, "--out", str(run), "--force", "--quiet"], check=True, **quiet)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def session_of(data: Path, assignments: list[str]) -> Session:
    settings = load_settings(None, assignments)
    return Session.prepare(settings, read(data, rules=settings.config.text.rules()), data)


def exchange(data: Path, assignments: list[str]) -> None:
    """Print, in the first of the processes, what an exchange costs."""
    session = session_of(data, assignments)
    config, data = session.settings.config, session.data
    model = new_network(data, config)
    tables = [module.weight for module in model.modules() if isinstance(module, NgramSum)]
    whole = sum(table.numel() for table in tables)
    width = sum(table.shape[1] for table in tables)
    lengths = data.symbols.lengths[data.training]
    batches = list(length_buckets(lengths, session.step_size, None))
    middle = data.training[batches[len(batches) // 2]]
    sizes = {
        "the network's gradients": sum(parameter.numel() for parameter in model.parameters()) - whole,
        "rows of tables that a batch reads": len(ngram_rows(data, middle)) * width,
        "all rows of the tables": whole,
    }
    dist.init_process_group("gloo")
    for what, size in sizes.items():
        seconds = min(all_reduce(size) for _ in range(20))
        if dist.get_rank() == 0:
            print(f"  {what:<34} {size:>12,} numbers  {1e3 * seconds:8.2f} ms", flush=True)
    dist.destroy_process_group()


def all_reduce(size: int) -> float:
    numbers = torch.zeros(size)
    dist.barrier()
    started = time.perf_counter()
    dist.all_reduce(numbers)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
