"""The training loop: a generator that yields what each epoch came to, prints nothing and writes nothing."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from charnn_cli.config import Config, TrainingConfig
from charnn_cli.data import balanced_picks, length_buckets, shuffled_stretch
from charnn_cli.errors import TrainingError
from charnn_cli.model import NameClassifier, to_tensors
from charnn_cli.processes import ALONE, Processes
from charnn_cli.train.acceleration import Acceleration
from charnn_cli.train.examples import Examples
from charnn_cli.train.judging import Judge, Verdict
from charnn_cli.train.objective import Objective
from charnn_cli.train.optimisation import Stepper
from charnn_cli.train.state import restore, snapshot
from charnn_cli.trained import SavedState


@dataclass(frozen=True, slots=True)
class Guess:
    """What the network said of a name just before it learned from it."""

    name: str
    guess: str
    origin: str
    loss: float


@dataclass(frozen=True, slots=True)
class EpochReport:
    """An epoch's figures, and the weights and state that it ended with."""

    record: dict[str, Any]  # one line of history.jsonl
    is_best: bool
    temperature: float  # fitted on the validation side
    last_guess: Guess
    tensors: dict[str, NDArray[np.float32]]  # weights to keep if this epoch is the best
    validation_logits: NDArray[np.float64] | None  # (N, C), before temperature; None where nothing was validated
    state: SavedState

    @property
    def epoch(self) -> int:
        return int(self.record["epoch"])


OnStep = Callable[[int, int, int, float], None]  # epoch, names seen in it, names in an epoch, mean loss so far


def fit(
    model: NameClassifier,
    examples: Examples,
    config: Config,
    device: torch.device,
    *,
    processes: Processes = ALONE,
    resume: SavedState | None = None,
    on_step: OnStep | None = None,
) -> Iterator[EpochReport]:
    """Train `model` in place, epoch by epoch.

    Where `processes` are several, each calls this with the same arguments, learns from its share of every batch, and
    reports the same: batches, steps and learning rates do not depend on how many they are.

    Every random choice is drawn from the seed and the number of the epoch, so that going on from a saved state
    repeats an uninterrupted run bit for bit with the same number of threads. The best epoch is chosen on the
    validation side by `training.select`; without validation names the last one counts as best.

    Raises TrainingError where `training.max_bad_steps` steps in a row have a loss or gradient that is not finite, and
    LostProcess where another process has ended.
    """
    training = config.training
    order = _Order(examples, training, config.seed)
    select = training.select if len(examples.validation) else "last"
    acceleration = Acceleration.chosen(training, device)
    acceleration.compile(model)
    objective = Objective(model, config)
    stepper = Stepper(objective, training, training.epochs * order.steps_per_epoch, acceleration.scaler())
    criterion = _Criterion(examples, training, device)
    judge = Judge(examples, device, processes)
    epoch, best, seconds = 0, -np.inf, 0.0
    if resume is not None:
        progress = restore(resume, objective, stepper)
        epoch, best, seconds = progress["epoch"], progress["best"], progress["seconds"]
        stale = progress["stale"]
    else:
        stale = 0
    network = processes.network(objective)
    while epoch < training.epochs and (training.patience is None or stale < training.patience):
        epoch += 1
        started = time.perf_counter()
        with processes.watched():
            loss, guess = _one_epoch(
                network, examples, config, acceleration, processes, order, stepper, criterion, epoch, on_step, best
            )
        validates = epoch % training.validate_every == 0 or epoch == training.epochs
        validates |= judge.blends and select == "last"  # each epoch's weights are kept, and blending makes them
        tensors = to_tensors(model)
        verdict = judge(model, tensors) if validates else Verdict({}, 1.0, tensors)
        score = float(processes.leading(repr(_score(verdict, select, epoch))))  # all stop alike
        is_best = score > best
        best, stale = (score, 0) if is_best else (best, stale + (score > -np.inf))
        now = time.perf_counter() - started
        seconds += now
        record = {
            "epoch": epoch,
            "step": stepper.step,
            "seconds": round(seconds, 3),
            "train_loss": loss,
            "validation_loss": verdict.figures.get("nll"),
            "validation_accuracy": verdict.figures.get("accuracy"),
            "validation_balanced_accuracy": verdict.figures.get("balanced_accuracy"),
            "validation_macro_f1": verdict.figures.get("macro_f1"),
            "lr": stepper.lr,
            "gradient_norm": float(np.mean(stepper.norms)) if stepper.norms else None,
            "gradient_norm_max": max(stepper.norms, default=None),
            "clipped_share": stepper.clipped / order.steps_per_epoch,
            "skipped_steps": stepper.skipped,
            "names_per_second": round(order.names_per_epoch / now, 1),
            "is_best": is_best,
        }
        position = {"epoch": epoch, "best": best, "seconds": seconds, "stale": stale}
        state = snapshot(objective, stepper, position)
        yield EpochReport(record, is_best, verdict.temperature, guess, verdict.tensors, verdict.logits, state)


def _one_epoch(
    network: nn.Module,
    examples: Examples,
    config: Config,
    acceleration: Acceleration,
    processes: Processes,
    order: "_Order",
    stepper: Stepper,
    criterion: "_Criterion",
    epoch: int,
    on_step: OnStep | None,
    best: float,
) -> tuple[float | None, Guess]:
    """Mean loss in nats over the names of the steps that were taken, and the last step's first name.

    The network is called as an `Objective`; the mean is of its origins' loss alone.
    """
    network.train()
    stepper.reset_counts()
    random = np.random.default_rng([config.seed, epoch])
    torch.manual_seed((int(random.integers(2**63)) + processes.rank) % 2**63)  # each drops out its own
    nats, learned, seen = 0.0, 0, 0
    for rows in order.batches(random, epoch):
        unmarked = random.random(len(rows)) < config.model.mark_dropout if examples.rules.marks else None
        own = processes.share(np.arange(len(rows)))
        # A process for which no name is left learns nothing from another's, but meets the others' gradients.
        places = own if len(own) else np.arange(1)
        marks = None if unmarked is None else unmarked[places]
        batch = examples.batch(rows[places], acceleration.device, marks)
        with acceleration.autocast():
            logits, nats_of_symbols = network(batch.symbols, batch.lengths, batch.ngrams)
        loss = criterion(logits, batch.origins) * criterion.part(rows[own], rows)
        mean = processes.total(loss.item())
        if config.training.next_symbol_weight:
            guessed = int((examples.lengths(rows, unmarked) - 1).clip(min=0).sum())
            weight = config.training.next_symbol_weight if len(own) else 0.0
            loss = loss + weight / max(guessed, 1) * nats_of_symbols
        seen += len(rows)
        together = partial(processes.add_tables, partial(examples.table_rows, rows))
        if stepper.take(processes.size * loss, mean, together):  # the gradients' mean over processes is their sum then
            nats += mean * len(rows)
            learned += len(rows)
        elif stepper.bad_in_a_row >= config.training.max_bad_steps:
            raise TrainingError(
                f"loss or gradient not finite in {stepper.bad_in_a_row} steps in a row, up to step {stepper.step}",
                "lower --lr or set --clip-norm" + ("; the last good weights are kept" if best > -np.inf else ""),
            )
        if on_step is not None:
            on_step(epoch, seen, order.names_per_epoch, nats / max(learned, 1))
    row, label = int(rows[0]), int(logits[0].argmax())
    guess = Guess(examples.names[row], examples.labels[label], examples.labels[examples.origins[row]], mean)
    return nats / learned if learned else None, guess


class _Order:
    """Which names make up the batches of an epoch."""

    def __init__(self, examples: Examples, training: TrainingConfig, seed: int) -> None:
        self.rows = examples.training
        self.origins = examples.origins[self.rows]
        self.lengths = examples.symbols.lengths_of(self.rows)
        self.batch_size = training.batch_size
        self.balanced = training.sampling == "balanced"
        self.seed = seed
        self.steps_per_epoch = training.steps_per_epoch or -(-len(self.rows) // self.batch_size)
        self.whole_passes = training.steps_per_epoch is None
        self.names_per_epoch = len(self.rows) if self.whole_passes else self.steps_per_epoch * self.batch_size

    def batches(self, random: np.random.Generator, epoch: int) -> Iterator[NDArray[np.int64]]:
        if self.balanced:
            picks = balanced_picks(self.origins, self.names_per_epoch, random)
            yield from self.rows[picks].reshape(self.steps_per_epoch, self.batch_size)
            return
        picks = np.arange(len(self.rows))
        if not self.whole_passes:
            picks = shuffled_stretch(
                len(self.rows), (epoch - 1) * self.names_per_epoch, self.names_per_epoch, self.seed
            )
        for places in length_buckets(self.lengths[picks], self.batch_size, random):
            yield self.rows[picks[places]]


class _Criterion:
    """The loss: cross-entropy in nats, the mean over names that count by their labels' weights."""

    def __init__(self, examples: Examples, training: TrainingConfig, device: torch.device) -> None:
        self.origins = examples.origins
        self.weights = _class_weights(examples, training)  # (C,)
        balanced = training.class_weights == "balanced"
        self.on_device = torch.tensor(self.weights, dtype=torch.float32, device=device) if balanced else None

    def __call__(self, logits: torch.Tensor, origins: torch.Tensor) -> torch.Tensor:
        """Logits (B, C) and labels (B,) → their mean loss."""
        return functional.cross_entropy(logits.float(), origins, weight=self.on_device)

    def part(self, share: NDArray[np.int64], rows: NDArray[np.int64]) -> float:
        """How much the mean loss of some of a batch's rows counts in the mean loss of the batch, from 0 to 1."""
        return float(self.weights[self.origins[share]].sum() / self.weights[self.origins[rows]].sum())


def _class_weights(examples: Examples, training: TrainingConfig) -> NDArray[np.float64]:
    """Weights (C,) of the labels; balanced ones give each the same say, and 0 to one without training names."""
    priors = examples.counts.priors
    if training.class_weights == "none":
        return np.ones_like(priors)
    shares: NDArray[np.float64] = np.divide(1.0, priors, out=np.zeros_like(priors), where=priors > 0)
    shares /= (priors > 0).sum()
    return shares


def _score(verdict: Verdict, select: str, epoch: int) -> float:
    """What is compared between epochs, more is better; -inf for one without figures, or that is not finite."""
    if verdict.overflows or not all(np.isfinite(tensor).all() for tensor in verdict.tensors.values()):
        return -np.inf
    if select == "last":
        return float(epoch)
    if not verdict.figures:
        return -np.inf
    return -verdict.figures["nll"] if select == "nll" else verdict.figures[select]
