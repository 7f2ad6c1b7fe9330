"""The training loop: a generator that yields what each epoch came to, prints nothing and writes nothing."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from charnn_cli.config import Config, TrainingConfig
from charnn_cli.data import balanced_picks, length_buckets, shuffled_stretch
from charnn_cli.errors import TrainingError
from charnn_cli.model import NameClassifier, to_tensors
from charnn_cli.train.examples import Examples
from charnn_cli.train.judging import Judge, Verdict
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
    resume: SavedState | None = None,
    on_step: OnStep | None = None,
) -> Iterator[EpochReport]:
    """Train `model` in place, epoch by epoch.

    Every random choice is drawn from the seed and the number of the epoch, so that going on from a saved state
    repeats an uninterrupted run bit for bit with the same number of threads. The best epoch is chosen on the
    validation side by `training.select`; without validation names the last one counts as best.

    Raises TrainingError where `training.max_bad_steps` steps in a row have a loss or gradient that is not finite.
    """
    training = config.training
    order = _Order(examples, training, config.seed)
    select = training.select if len(examples.validation) else "last"
    stepper = Stepper(model, training, training.epochs * order.steps_per_epoch)
    weights = _class_weights(examples, training, device)
    judge = Judge(examples, device)
    epoch, best, seconds = 0, -np.inf, 0.0
    if resume is not None:
        progress = restore(resume, model, stepper)
        epoch, best, seconds = progress["epoch"], progress["best"], progress["seconds"]
        stale = progress["stale"]
    else:
        stale = 0
    while epoch < training.epochs and (training.patience is None or stale < training.patience):
        epoch += 1
        started = time.perf_counter()
        loss, guess = _one_epoch(model, examples, config, device, order, stepper, weights, epoch, on_step)
        validates = epoch % training.validate_every == 0 or epoch == training.epochs
        validates |= judge.blends and select == "last"  # each epoch's weights are kept, and blending makes them
        average = stepper.average.in_place() if stepper.average is not None else contextlib.nullcontext()
        with average:
            tensors = to_tensors(model)
            verdict = judge(model, tensors) if validates else Verdict({}, 1.0, tensors)
        score = _score(verdict.figures, select, epoch)
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
        state = snapshot(model, stepper, position)
        yield EpochReport(record, is_best, verdict.temperature, guess, verdict.tensors, verdict.logits, state)


def _one_epoch(
    model: NameClassifier,
    examples: Examples,
    config: Config,
    device: torch.device,
    order: "_Order",
    stepper: Stepper,
    weights: torch.Tensor | None,
    epoch: int,
    on_step: OnStep | None,
) -> tuple[float | None, Guess]:
    """Mean loss in nats over the names of the steps that were taken, and the last step's first name."""
    model.train()
    stepper.reset_counts()
    random = np.random.default_rng([config.seed, epoch])
    torch.manual_seed(int(random.integers(2**63)))
    nats, learned, seen = 0.0, 0, 0
    for rows in order.batches(random, epoch):
        unmarked = random.random(len(rows)) < config.model.mark_dropout if examples.rules.marks else None
        batch = examples.batch(rows, device, unmarked)
        logits = model(batch.symbols, batch.lengths, batch.ngrams)
        loss = functional.cross_entropy(
            logits, batch.origins, weight=weights, label_smoothing=config.training.label_smoothing
        )
        seen += len(rows)
        if stepper.take(loss):
            nats += loss.item() * len(rows)
            learned += len(rows)
        elif stepper.bad_in_a_row >= config.training.max_bad_steps:
            raise TrainingError(
                f"loss or gradient not finite in {stepper.bad_in_a_row} steps in a row, up to step {stepper.step}",
                "lower --lr or set --clip-norm" + ("; the last good weights are kept" if epoch > 1 else ""),
            )
        if on_step is not None:
            on_step(epoch, seen, order.names_per_epoch, nats / max(learned, 1))
    row, label = int(rows[0]), int(logits[0].argmax())
    guess = Guess(
        examples.names[row], examples.labels[label], examples.labels[examples.origins[row]], float(loss.detach())
    )
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


def _class_weights(examples: Examples, training: TrainingConfig, device: torch.device) -> torch.Tensor | None:
    """Weights (C,) that give every origin the same say, 0 for one without training names; None for equal names."""
    if training.class_weights == "none":
        return None
    priors = examples.counts.priors
    shares = np.divide(1.0, priors, out=np.zeros_like(priors), where=priors > 0) / (priors > 0).sum()
    return torch.tensor(shares, dtype=torch.float32, device=device)


def _score(validation: dict[str, float], select: str, epoch: int) -> float:
    """What is compared between epochs, more is better; -inf for an epoch without figures to compare."""
    if select == "last":
        return float(epoch)
    if not validation:
        return -np.inf
    return -validation["nll"] if select == "nll" else validation[select]
