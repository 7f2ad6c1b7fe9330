"""The training loop: a generator that yields what each epoch came to, prints nothing and writes nothing."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from charnn_cli.config import Config
from charnn_cli.engine.products import one_blas_thread
from charnn_cli.model import NameClassifier, NameGenerator, to_tensors
from charnn_cli.processes import ALONE, Processes
from charnn_cli.scaling import UNSCALED, Scaling
from charnn_cli.train.judging import Judge, Verdict
from charnn_cli.train.trainer import Trainer
from charnn_cli.train.training_data import TrainingData
from charnn_cli.train.writing import WritingJudge
from charnn_cli.trained import SavedState


@dataclass(frozen=True, slots=True)
class LastAnswer:
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
    scaling: Scaling  # fitted on the validation side
    last_answer: LastAnswer | None  # None of a network that writes
    tensors: dict[str, NDArray[np.float32]]  # weights to keep if this epoch is the best
    validation_logits: NDArray[np.float64] | None  # (N, C), before they are scaled; None where nothing was validated
    state: SavedState

    @property
    def epoch(self) -> int:
        return int(self.record["epoch"])


OnStep = Callable[[int, int, int, float], None]  # epoch, names seen in it, names in an epoch, mean loss so far


def fit(
    model: NameClassifier | NameGenerator,
    data: TrainingData,
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
    trainer = Trainer(model, data, config, device, processes, resume)
    judge: Callable[..., Verdict] = (WritingJudge if config.model.generates else Judge)(data, device, processes)
    select = training.select if len(data.validation) else "last"
    position = trainer.position
    while position.epoch < training.epochs and (training.patience is None or position.stale < training.patience):
        position.epoch += 1
        started = time.perf_counter()
        with processes.watched(), one_blas_thread():
            train_loss, answer = _one_epoch(trainer, position.epoch, on_step)
        validates = position.epoch % training.validate_every == 0 or position.epoch == training.epochs
        validates |= (
            config.model.language_model and select == "last"
        )  # each epoch's weights are kept, and blending makes them
        tensors = to_tensors(model)
        with one_blas_thread():
            verdict = judge(model, tensors) if validates else Verdict({}, UNSCALED, tensors)
        score = float(processes.leading(repr(_score(verdict, select, position.epoch))))  # all stop alike
        is_best = position.compare(score)
        seconds = time.perf_counter() - started
        position.seconds += seconds
        record = _record(trainer, train_loss, verdict, seconds, is_best=is_best)
        yield EpochReport(record, is_best, verdict.scaling, answer, verdict.tensors, verdict.logits, trainer.saved())


def _one_epoch(trainer: Trainer, epoch: int, on_step: OnStep | None) -> tuple[float | None, LastAnswer | None]:
    """Learn from every batch once: the mean loss in nats over the names of the steps taken, and the last answer.

    Of a generator the mean is over letters, and `logits` are what each name costs. N is the number of names, T of
    symbols of the longest, O of orders of n-grams, C of labels.
    """
    nats, learned, seen = 0.0, 0, 0
    for batch in trainer.batches(epoch):  # symbols (N, T), lengths (N,), n-grams (N, T, O), origins (N,)
        logits, symbol_nats = trainer.forward(batch)  # (N, C), and () for guessing the symbols that follow
        loss = trainer.loss(logits, symbol_nats, batch)  # (), the mean over the names, or over their letters
        if trainer.backward(loss, batch) and trainer.stepper.clip():  # a gradient beside each weight, of a bounded norm
            trainer.stepper.step()  # weights -= lr · gradients, or what the optimiser makes of them
            nats += loss.nats * loss.count
            learned += loss.count
        else:  # a loss or gradient that is not finite
            trainer.skip()
        seen += len(batch.step_rows)
        if on_step is not None:
            on_step(epoch, seen, trainer.order.names, nats / max(learned, 1))
    trainer.stepper.finish()
    answer = None if trainer.config.model.generates else _answer(trainer.data, int(batch.rows[0]), logits, loss.nats)
    return nats / learned if learned else None, answer


def _answer(data: TrainingData, row: int, logits: torch.Tensor, nats: float) -> LastAnswer:
    guess = data.labels[int(logits[0].argmax())]
    return LastAnswer(data.names[row], guess, data.labels[data.origins[row]], nats)


def _record(
    trainer: Trainer, train_loss: float | None, verdict: Verdict, seconds: float, *, is_best: bool
) -> dict[str, Any]:
    """The line of history.jsonl of an epoch that took so many seconds."""
    stepper, order, position = trainer.stepper, trainer.order, trainer.position
    writes = trainer.config.model.generates
    return {
        "epoch": position.epoch,
        "step": stepper.steps,
        "names_seen": position.epoch * order.names,
        "seconds": round(position.seconds, 3),
        "train_loss": train_loss,
        "validation_loss": verdict.metrics.get("nll"),
        "network_validation_loss": verdict.network_nats,
        "validation_accuracy": verdict.metrics.get("accuracy"),
        "validation_balanced_accuracy": verdict.metrics.get("balanced_accuracy"),
        "validation_macro_f1": verdict.metrics.get("macro_f1"),
        **({"validation_bits_per_letter": verdict.metrics.get("bits_per_letter")} if writes else {}),
        "lr": stepper.lr,
        "gradient_norm": float(np.mean(stepper.norms)) if stepper.norms else None,
        "gradient_norm_max": max(stepper.norms, default=None),
        "clipped_share": stepper.clipped / order.steps,
        "skipped_steps": stepper.skipped,
        "names_per_second": round(order.names / seconds, 1),
        "is_best": is_best,
    }


def _score(verdict: Verdict, select: str, epoch: int) -> float:
    """What is compared between epochs, more is better; -inf for one without metrics, or that is not finite."""
    if verdict.overflows or not all(np.isfinite(tensor).all() for tensor in verdict.tensors.values()):
        return -math.inf
    if select == "last":
        return float(epoch)
    if not verdict.metrics:
        return -math.inf
    return -verdict.metrics["nll"] if select == "nll" else verdict.metrics[select]
