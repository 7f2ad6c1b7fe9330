"""The shares of origins in a list of names, from what a model says of each name. NumPy alone."""

from charnn_cli.shares.calibration import Calibration
from charnn_cli.shares.estimate import Estimate, estimate_shares
from charnn_cli.shares.mixture import expectation_maximisation

__all__ = ["Calibration", "Estimate", "estimate_shares", "expectation_maximisation"]
