"""How fast `charnn generate` is: `make bench-generate`.

    python tests/bench/bench_generate.py NAMES_FOLDER [--run RUN]

Two things, in one run on one machine, each on one thread:

- start: seconds of `charnn generate -n 5` from a cold process beside `python -c "import torch"`, medians of ten;
- bulk: names per second of the engine beside the lesson's loop, which draws one letter after the other with torch,
  measured between the others; best of three.

Without a run, one of hidden size 128 is trained for two epochs first: how long its names are is what matters.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cells import charnn

from charnn_cli.predict.writing import Manner, NameWriter
from charnn_cli.store import load_trained
from charnn_cli.text.alphabet import BEGIN, END
from charnn_cli.trained import TrainedModel

NAMES = 50_000
LOOP_NAMES = 400
ROUNDS = 3
HIDDEN_SIZE = 128


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", type=Path, help="labelled names")
    parser.add_argument("--run", type=Path, help="a run that writes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = options.run or trained_run(options.names, Path(folder) / "run")
        start(run)
        bulk(load_trained(run))


def trained_run(names: Path, folder: Path) -> Path:
    sizes = ["--epochs", "2", "--hidden-size", HIDDEN_SIZE]
    done = charnn("train", names, "--config", "generator", *sizes, "--out", folder, "--quiet")
    if done.returncode:
        raise SystemExit(done.stderr)
    return folder


def start(run: Path) -> None:
    commands = {
        "charnn generate": [sys.executable, "-m", "charnn_cli", "generate", "-n", "5", "--model", str(run)],
        "import torch": [sys.executable, "-c", "import torch"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(10):
        for name, command in commands.items():
            begun = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds[name].append(time.perf_counter() - begun)
    ours, theirs = (statistics.median(values) for values in seconds.values())
    print(f"start: charnn generate -n 5 (every origin) {ours:.2f} s, import torch {theirs:.2f} s: {ours / theirs:.2f}")


def bulk(trained: TrainedModel) -> None:
    """Names per second, and their mean length, by the engine and by the loop."""
    writer, origin = NameWriter(trained), int(trained.priors.argmax())
    loop = LetterLoop(trained)
    best = {"engine": 0.0, "loop": 0.0}
    lengths: dict[str, float] = {}
    for number in range(ROUNDS):
        for kind, count in (("loop", LOOP_NAMES), ("engine", NAMES)):
            begun = time.perf_counter()
            if kind == "loop":
                names = loop.write(origin, count)
            else:
                names = [name for part in writer.write(origin, count, Manner(seed=number)) for name in part.names]
            best[kind] = max(best[kind], len(names) / (time.perf_counter() - begun))
            lengths[kind] = sum(map(len, names)) / len(names)
    print(f"bulk: hidden size {trained.architecture.hidden_size}, cell {trained.architecture.cell}, one thread")
    for kind, speed in best.items():
        print(f"  {kind:8} {speed:>10,.0f} names/s of {lengths[kind]:.1f} letters")
    print(f"  {best['engine'] / best['loop']:.0f} times the loop")


class LetterLoop:
    """The lesson's way: one name at a time, and for each letter a step of the network and a draw."""

    def __init__(self, trained: TrainedModel) -> None:
        import torch
        from torch import nn

        torch.set_num_threads(1)
        self.torch, self.trained = torch, trained
        architecture = trained.architecture
        tensors = {name: torch.tensor(value) for name, value in trained.tensors.items()}
        self.embedding, self.origins = tensors["embedding.weight"], tensors["origin.weight"]
        self.head = tensors["head.weight"], tensors["head.bias"]
        self.rnn = getattr(nn, architecture.cell.upper())(architecture.embedding_size, architecture.hidden_size)
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        self.rnn.load_state_dict({f"{name}_l0": tensors[f"layers.0.forward.{name}"] for name in names})

    def write(self, origin: int, count: int) -> list[str]:
        torch, letters, names = self.torch, self.trained.alphabet.characters, []
        with torch.no_grad():
            while len(names) < count:
                symbol, state, name = BEGIN, None, ""
                while symbol != END and len(name) < self.trained.rules.max_length:
                    vector = (self.embedding[symbol] + self.origins[origin])[None]
                    output, state = self.rnn(vector, state)
                    logits = torch.nn.functional.linear(output[0], *self.head)
                    symbol = END + int(torch.multinomial(logits.softmax(0), 1))
                    name += letters[symbol - END - 1] if symbol != END else ""
                names.append(name)
        return names


if __name__ == "__main__":
    main()
