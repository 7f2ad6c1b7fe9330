"""fastText's way to predict from Python, one name at a time and all of them in one list.

    python tests/bench/fasttext_loop.py PEOPLE NAMES OUTPUT

PEOPLE are lines of name, tab and origin to learn from, in one pass: more would change nothing about the speed. Prints
the names per second and per processor second of either, each from file to file; loading and training are left out.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fasttext
import numpy as np
from bench_accuracy import FASTTEXT_OPTIONS

# Its `predict(line)` asks for `np.array(…, copy=False)`, which NumPy 2 refuses.
fasttext.FastText.np = SimpleNamespace(array=lambda values, copy: np.asarray(values))

Answer = tuple[str, str, float]  # name, label and probability


def main() -> None:
    people, names, output = map(Path, sys.argv[1:])
    model = trained(people)
    for way, ask in (("predict(line)", by_line), ("predict(list)", by_list)):
        started, processor_started, count = time.perf_counter(), time.process_time(), 0
        with names.open(encoding="utf-8") as lines, output.open("w", encoding="utf-8") as answers:
            for name, label, probability in ask(model, (line.rstrip("\n") for line in lines)):
                answers.write(f"{name}\t{label.removeprefix('__label__')}\t{probability}\n")
                count += 1
        print(way, count / (time.perf_counter() - started), count / (time.process_time() - processor_started))


def trained(people: Path) -> Any:
    rows = (line.split("\t") for line in people.read_text(encoding="utf-8").splitlines())
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.writelines(f"__label__{origin.replace(' ', '_')} {name}\n" for name, origin in rows)
        file.flush()
        return fasttext.train_supervised(file.name, **FASTTEXT_OPTIONS | {"epoch": 1})


def by_line(model: Any, names: Iterator[str]) -> Iterator[Answer]:
    for name in names:
        (label,), (probability,) = model.predict(name)
        yield name, label, probability


def by_list(model: Any, names: Iterator[str]) -> Iterator[Answer]:
    together = list(names)
    for name, (label,), (probability,) in zip(together, *model.predict(together), strict=True):
        yield name, label, probability


if __name__ == "__main__":
    main()
