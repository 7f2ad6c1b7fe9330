"""Names as the tensors that a network reads, and the order in which it learns from them."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from charnn_cli.architecture import Architecture
from charnn_cli.config import TrainingConfig
from charnn_cli.data import balanced_picks, distinct, length_buckets, shuffled_stretch
from charnn_cli.model import NameClassifier, ngram_batch
from charnn_cli.train.counting import AT_ONCE
from charnn_cli.train.training_data import TrainingData

STEPS, SMALLEST, LARGEST = 128, 16, 256  # of an epoch, and names in one, where no number is set


@dataclass(frozen=True, slots=True)
class Batch:
    """Some names on the device of the network; while it trains, a process's share of the names of one step."""

    rows: NDArray[np.int64]  # (B,)
    symbols: Tensor  # (B, T)
    lengths: Tensor  # (B,)
    ngrams: Tensor | None  # (B, T, O), rows of the tables; places in `ngram_rows` where those alone are read
    origins: Tensor  # (B,)
    step_rows: NDArray[np.int64]  # (N,), of all processes; `rows` where one is alone
    weight: float = 1.0  # how much its mean loss counts in that of the step, from 0 to 1
    guess_weight: float = 0.0  # how much the guess of one next symbol counts in the loss of the step
    guesses: int = 0  # next symbols in the names of the step
    ngram_rows: NDArray[np.int64] | None = None  # (R,) of the tables that the step reads in all processes, or of more

    def inputs(self, architecture: Architecture) -> tuple[Tensor | None, ...]:
        """What the network of an architecture is called with."""
        return self.symbols, self.lengths, self.origins if architecture.generates else self.ngrams


def batch_of(
    data: TrainingData, rows: NDArray[np.int64], device: torch.device, unmarked: NDArray[np.bool_] | None = None
) -> Batch:
    """The names of some rows (B,); of those that are `unmarked` (B,) the marks are left out."""
    lengths = lengths_of(data, rows, unmarked)
    padded = data.symbols.padded(rows, lengths)  # (B, T)
    return Batch(
        rows,
        _moved(torch.from_numpy(padded.astype(np.int64)), device),
        _moved(torch.from_numpy(lengths), device),
        None if data.network_ngrams is None else _moved(ngram_batch(data.network_ngrams, padded), device),
        _moved(torch.from_numpy(data.origins[rows].astype(np.int64)), device),
        rows,
    )


def lengths_of(
    data: TrainingData, rows: NDArray[np.int64], unmarked: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Symbols (B,) of some names; of those that are `unmarked` (B,) without the marks."""
    lengths = data.symbols.lengths_of(rows)
    return lengths if unmarked is None else np.where(unmarked, data.unmarked_lengths[rows], lengths)


def ngram_rows(data: TrainingData, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows of an n-gram table that these names read, with or without marks, and row 0: no other has a gradient."""
    if data.network_ngrams is None:
        return np.empty(0, dtype=np.int64)
    return rows_read(ngram_batch(data.network_ngrams, data.symbols.padded(rows)))


def rows_read(ngrams: Tensor) -> NDArray[np.int64]:
    """The rows (R,) of a table that n-grams of any shape read, and row 0, in order."""
    return distinct(np.append(0, ngrams.numpy()))


def ahead(items: Iterator[Batch]) -> Iterator[Batch]:
    """The items, each of them made in a thread while the one before is in use."""
    with ThreadPoolExecutor(1, "batch") as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item


def _moved(tensor: Tensor, device: torch.device) -> Tensor:
    """The tensor on a device; a GPU fetches it by itself, from memory that stays in place."""
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


def step_size(training: TrainingConfig, names: int) -> int:
    """Names in a step, of so many to learn from."""
    return training.batch_size or min(max(names // STEPS, SMALLEST), LARGEST)


class EpochOrder:
    """Which names make up the batches of an epoch."""

    def __init__(self, data: TrainingData, training: TrainingConfig, seed: int) -> None:
        self.rows = data.training
        self.origins = data.origins[self.rows]
        self.lengths = data.symbols.lengths_of(self.rows)
        self.batch_size = step_size(training, len(self.rows))
        self.balanced = training.sampling == "balanced"
        self.seed = seed
        self.steps = training.steps_per_epoch or -(-len(self.rows) // self.batch_size)
        self.whole_passes = training.steps_per_epoch is None
        self.names = len(self.rows) if self.whole_passes else self.steps * self.batch_size

    def batches(self, random: np.random.Generator, epoch: int) -> Iterator[NDArray[np.int64]]:
        """The rows (B,) of each batch of an epoch, counted from 1."""
        if self.balanced:
            picks = balanced_picks(self.origins, self.names, random)
            yield from self.rows[picks].reshape(self.steps, self.batch_size)
            return
        picks = np.arange(len(self.rows))
        if not self.whole_passes:
            picks = shuffled_stretch(len(self.rows), (epoch - 1) * self.names, self.names, self.seed)
        for places in length_buckets(self.lengths[picks], self.batch_size, random):
            yield self.rows[picks[places]]


def logits_of(
    model: NameClassifier, data: TrainingData, rows: NDArray[np.int64], device: torch.device
) -> NDArray[np.float64]:
    """Logits (N, C) of some names, by a network that is left in the mode it was in; touches no random state."""

    def ask(batch: Batch) -> Tensor:
        logits: Tensor = model(batch.symbols, batch.lengths, batch.ngrams)
        return logits

    return answers_of(model, ask, (len(data.labels),), data, rows, device)


@torch.no_grad()
def answers_of(
    model: nn.Module,
    ask: Callable[[Batch], Tensor],
    shape: tuple[int, ...],
    data: TrainingData,
    rows: NDArray[np.int64],
    device: torch.device,
) -> NDArray[np.float64]:
    """What `ask` makes of some names (N, *shape), batch by batch, while the network does not train."""
    was_training = model.training
    model.eval()
    answers = np.zeros((len(rows), *shape))
    for places in length_buckets(data.symbols.lengths_of(rows), AT_ONCE, None):
        answers[places] = ask(batch_of(data, rows[places], device)).cpu().double().numpy()  # mps has no float64
    model.train(was_training)
    return answers
