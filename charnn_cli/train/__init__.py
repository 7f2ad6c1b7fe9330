"""Training: the loop, its optimiser and state, and a session from settings to a finished run folder."""

from charnn_cli.train.acceleration import pick_device
from charnn_cli.train.fit import EpochReport, LastAnswer, fit
from charnn_cli.train.measuring import Measured
from charnn_cli.train.session import Session, trained_model
from charnn_cli.train.start import in_words, new_network
from charnn_cli.train.training_data import TrainingData, learn_from

__all__ = [
    "EpochReport",
    "LastAnswer",
    "Measured",
    "Session",
    "TrainingData",
    "fit",
    "in_words",
    "learn_from",
    "new_network",
    "pick_device",
    "trained_model",
]
