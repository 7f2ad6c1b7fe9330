"""Run by `test_kernels.py`, in a process for each of OpenBLAS's kernels: a name has one row of bytes, in any company.

Prints a line for each network of which that is not so, after the name of the kernel that ran.
"""

import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from engine_models import NAMES, random_model
from threadpoolctl import threadpool_info, threadpool_limits

from charnn_cli.architecture import Architecture
from charnn_cli.engine import Engine
from charnn_cli.engine.products import Factor, one_blas_thread
from charnn_cli.text import TextRules
from charnn_cli.trained import TrainedModel

HIDDEN = (3, 16, 40, 64, 100, 128, 256)
CELLS = [("rnn", "tanh"), ("rnn", "relu"), ("rnn", "sigmoid"), ("gru", "tanh"), ("lstm", "tanh")]


def architectures(choice: random.Random) -> Iterator[Architecture]:
    """Every cell, pooling and number of layers, in shapes that are drawn; at last wide and deep ones."""
    without_order = {"bidirectional": False, "input": "one_hot", "wide": False}
    yield Architecture(cell="lesson", hidden_size=128, **without_order)
    yield Architecture(cell="lesson", hidden_size=20, **without_order)
    yield Architecture(cell="mlp", hidden_size=72, **without_order)
    yield Architecture(hidden_size=128)
    yield Architecture(hidden_size=64, embedding_size=32)
    for cell, activation in CELLS:
        for pooling in ("last", "mean", "max", "attention"):
            yield Architecture(
                cell=cell,
                activation=activation,
                hidden_size=choice.choice(HIDDEN[:-1]),
                num_layers=choice.choice((1, 1, 2)),
                bidirectional=choice.random() < 0.7,
                pooling=pooling,
                input=choice.choice(("one_hot", "embedding")),
                embedding_size=choice.choice((6, 16, 64, 80)),
                wide=choice.random() < 0.3,
            )
    yield Architecture(cell="gru", hidden_size=256, num_layers=2)  # the second layer reads 512
    yield Architecture(cell="rnn", hidden_size=250, num_layers=2, pooling="mean")
    yield Architecture(cell="rnn", hidden_size=320, bidirectional=False)


def companies(choice: random.Random, size: int) -> Iterator[list[str]]:
    """Names alone, in order, reversed, repeated, and in batches of sizes that are no multiple of anything."""
    names = [*NAMES, *("".join(choice.choices("aeinorst", k=choice.randint(1, 9))) for _ in range(size - len(NAMES)))]
    yield from ([name] for name in names[:6])
    yield names
    yield names[::-1]
    yield [name for name in names[:6] for _ in range(9)]
    for count in (7, 12, 13, 100):
        yield choice.sample(names, min(count, size))


def rows_differ(trained: TrainedModel, size: int, executor: ThreadPoolExecutor) -> int:
    """How many rows have other bytes than the same name had before."""
    known: dict[str, bytes] = {}
    differ = 0
    engines = [Engine(trained), Engine(trained, executor)]
    for number, company in enumerate(companies(random.Random(0), size)):
        with threadpool_limits(1 + number % 2, user_api="blas"):  # one name has one, the next two
            logits = engines[number // 2 % 2].logits(trained.encode(company))
        differ += sum(
            known.setdefault(name, row.tobytes()) != row.tobytes() for name, row in zip(company, logits, strict=True)
        )
    return differ


def rows_of_products_that_differ(gates: int, inner: int, width: int) -> Iterator[int]:
    """In which products a row has other bytes than alone in a block."""
    generator = np.random.default_rng(0)
    factor = Factor(generator.standard_normal((gates, inner, width)).astype(np.float32))
    row = generator.standard_normal(inner).astype(np.float32)
    alone = factor.times(np.tile(row, (factor.block, 1)))[:, :1]
    for blocks in (1, 2, 3, 7, 25):
        product = factor.times(np.tile(row, (blocks * factor.block, 1)))
        if not np.array_equal(product, np.broadcast_to(alone, product.shape)):
            yield blocks * factor.block


def main() -> None:
    kernel = [library.get("architecture", "") for library in threadpool_info() if library["user_api"] == "blas"]
    print(*kernel[:1] or ["unknown"], flush=True)
    if set(kernel[:1]) & set(sys.argv[1:]):  # these are checked by a process of their own
        return
    choice = random.Random(1)
    with ThreadPoolExecutor(2) as executor:
        for number, architecture in enumerate(architectures(choice)):
            large = architecture.hidden_size <= 128 and architecture.pooling == "last" and architecture.num_layers == 1
            scale = 0.2 if architecture.cell == "lesson" or architecture.activation == "relu" else 0.6
            trained = random_model(architecture, seed=number, scale=scale, rules=TextRules(boundaries=number % 2 == 0))
            differ = rows_differ(trained, 3000 if large else 150, executor)
            if differ:
                print(f"{differ} rows of {architecture}")
    with one_blas_thread():
        for shape in ((1, 16, 48), (3, 64, 64), (3, 464, 64), (1, 528, 256), (4, 1024, 16), (1, 300, 400)):
            for rows in rows_of_products_that_differ(*shape):
                print(f"a product of {rows} rows with {shape}")


if __name__ == "__main__":
    main()
