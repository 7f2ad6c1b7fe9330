"""Training: the loop, its optimiser and state, and a session from settings to a finished run folder."""

from charnn_cli.train.fit import EpochReport, Guess, fit
from charnn_cli.train.session import Session, pick_device

__all__ = ["EpochReport", "Guess", "Session", "fit", "pick_device"]
