"""What a training step takes, in one process or in several, in float32 or narrower, with the second task or without."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from charnn_cli.config import Config
from charnn_cli.errors import TrainingError
from charnn_cli.model import NameClassifier, NameGenerator
from charnn_cli.processes import Processes
from charnn_cli.train.acceleration import Acceleration
from charnn_cli.train.batching import Batch, EpochOrder, ahead, batch_of, lengths_of, ngram_rows, rows_read
from charnn_cli.train.objective import Criterion, Objective
from charnn_cli.train.optimisation import Position, Stepper, restore, snapshot
from charnn_cli.train.training_data import TrainingData
from charnn_cli.train.writing import WritingObjective
from charnn_cli.trained import SavedState


@dataclass(frozen=True, slots=True)
class Loss:
    """A step's loss in nats."""

    nats: float  # the mean over the step's names of their origins' cross-entropy; of a generator over their letters
    part: Tensor  # (), what this process differentiates: its part of that, and of the second task's
    count: int  # names, or letters


class Trainer:
    """A network and what it takes to train it; goes on where `resume` ended."""

    def __init__(
        self,
        model: NameClassifier | NameGenerator,
        data: TrainingData,
        config: Config,
        device: torch.device,
        processes: Processes,
        resume: SavedState | None = None,
    ) -> None:
        training = config.training
        self.data = data
        self.config = config
        self.processes = processes
        self.order = EpochOrder(data, training, config.seed)
        self.acceleration = Acceleration.chosen(training, device)
        self.acceleration.compile(model)
        self.objective = objective_of(model, config)
        self.criterion = Criterion(data, training, device)
        self.stepper = Stepper(self.objective, training, training.epochs * self.order.steps, self.acceleration.scaler())
        self.position = Position() if resume is None else restore(resume, self.objective, self.stepper)
        self.network = processes.network(self.objective)

    def batches(self, epoch: int) -> Iterator[Batch]:
        """This process's share of each step of an epoch; all that is random in it is drawn from seed and epoch."""
        self.network.train()
        self.stepper.reset_counts()
        random = np.random.default_rng([self.config.seed, epoch])
        # Each process drops out its own.
        torch.manual_seed((int(random.integers(2**63)) + self.processes.rank) % 2**63)
        shares = self._shares(random, epoch)
        yield from ahead(shares) if self.acceleration.device.type == "cpu" else shares

    def _shares(self, random: np.random.Generator, epoch: int) -> Iterator[Batch]:
        for rows in self.order.batches(random, epoch):
            unmarked = random.random(len(rows)) < self.config.model.mark_dropout if self.data.rules.marks else None
            yield self._share(rows, unmarked)

    def _share(self, rows: NDArray[np.int64], unmarked: NDArray[np.bool_] | None) -> Batch:
        own = self.processes.share(np.arange(len(rows)))
        # A process for which no name is left learns nothing from another's, but meets the others' gradients.
        places = own if len(own) else np.arange(1)
        marks = None if unmarked is None else unmarked[places]
        batch = batch_of(self.data, rows[places], self.acceleration.device, marks)
        guesses, guess_weight = 0, self.guess_weight if len(own) else 0.0
        if guess_weight:
            guesses = max(int((lengths_of(self.data, rows, unmarked) - 1).clip(min=0).sum()), 1)
            guess_weight /= guesses
        weight = self.criterion.part(rows[own], rows)
        batch = replace(batch, step_rows=rows, weight=weight, guess_weight=guess_weight, guesses=guesses)
        if self.processes.size > 1:
            batch = replace(batch, ngram_rows=ngram_rows(self.data, rows))
        return self._narrowed(batch) if self.stepper.tables and batch.ngrams is not None else batch

    def _narrowed(self, batch: Batch) -> Batch:
        """The batch for tables that are read for the n-grams of its step alone."""
        assert batch.ngrams is not None, "a table is read"
        rows = rows_read(batch.ngrams) if batch.ngram_rows is None else batch.ngram_rows
        places = torch.from_numpy(np.searchsorted(rows, batch.ngrams.numpy()))
        return replace(batch, ngrams=places, ngram_rows=rows)

    @property
    def guess_weight(self) -> float:
        """What guessing the next symbols counts; to a generator it is the whole task."""
        return 1.0 if self.config.model.generates else self.config.training.next_symbol_weight

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Logits (B, C), or what a generator's names cost (B,), and the nats () of all guesses of next symbols."""
        self.stepper.read(batch.ngram_rows)
        with self.acceleration.autocast():
            logits, symbol_nats = self.network(*batch.inputs(self.objective.architecture))
        return logits, symbol_nats

    def loss(self, logits: Tensor, symbol_nats: Tensor, batch: Batch) -> Loss:
        """The loss of the step, of logits (B, C) and the nats () of the next symbols."""
        guessed = batch.guess_weight * symbol_nats
        if self.config.model.generates:
            return Loss(self.processes.total(guessed.item()), guessed, batch.guesses)
        part = self.criterion(logits, batch.origins) * batch.weight
        nats = self.processes.total(part.item())
        return Loss(nats, part + guessed if self.guess_weight else part, len(batch.step_rows))

    def backward(self, loss: Loss, batch: Batch) -> bool:
        """Put the gradient beside each weight, summed over processes; False where the loss is not finite."""
        if not math.isfinite(loss.nats):
            return False
        self.stepper.backward(self.processes.size * loss.part)  # the gradients' mean over processes is their sum then
        self.processes.add_tables(batch.ngram_rows)
        return True

    def skip(self) -> None:
        """Leave a step out; raises TrainingError after `training.max_bad_steps` of them in a row."""
        self.stepper.skip()
        if self.stepper.bad_in_a_row >= self.config.training.max_bad_steps:
            raise TrainingError(
                f"loss or gradient not finite in {self.stepper.bad_in_a_row} steps in a row, "
                f"up to step {self.stepper.steps}",
                "lower training.lr or set training.clip_norm"
                + ("; the last good weights are kept" if self.position.best > -math.inf else ""),
            )

    def saved(self) -> SavedState:
        """All that is needed to go on from here."""
        return snapshot(self.objective, self.stepper, self.position)


def objective_of(model: NameClassifier | NameGenerator, config: Config) -> Objective | WritingObjective:
    """What a network is trained to do; its first weights depend on the seed alone."""
    return WritingObjective(model) if isinstance(model, NameGenerator) else Objective(model, config)
