"""Training: the loop, its optimiser and state, and a session from settings to a finished run folder."""

from charnn_cli.train.acceleration import pick_device
from charnn_cli.train.fit import EpochReport, LastAnswer, fit
from charnn_cli.train.session import Session, new_network, trained_model
from charnn_cli.train.training_data import TrainingData, learn_from

__all__ = [
    "EpochReport",
    "LastAnswer",
    "Session",
    "TrainingData",
    "fit",
    "learn_from",
    "new_network",
    "pick_device",
    "trained_model",
]
