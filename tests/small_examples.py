"""Thirty names as a network of eight units learns them."""

from pathlib import Path

import torch

from charnn_cli.config import Settings, load_settings
from charnn_cli.data import read, split
from charnn_cli.train import TrainingData, learn_from
from charnn_cli.train.optimisation import Stepper

CPU = torch.device("cpu")
SMALL = ["model.hidden_size=8", "model.embedding_size=4", "data.validation_fraction=0.2", "data.test_fraction=0.2"]


def settings_of(*assignments: str) -> Settings:
    return load_settings(None, [*SMALL, "training.epochs=4", "training.batch_size=4", *assignments])


def examples_of(folder: Path, settings: Settings) -> TrainingData:
    dataset = read(folder, rules=settings.config.text.rules())
    sides = split(dataset, seed=0, validation_fraction=0.2, test_fraction=0.2)
    return learn_from(dataset, sides, settings.config)


def take(stepper: Stepper, loss: torch.Tensor) -> bool:
    """A step of the optimiser as the training loop takes it; False where it is left out."""
    stepper.backward(loss)
    finite = stepper.clip()
    (stepper.step if finite else stepper.skip)()
    return finite
