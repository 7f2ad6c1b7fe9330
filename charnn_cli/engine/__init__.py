"""Inference without torch: the forward pass of every architecture in NumPy."""

from charnn_cli.engine.engine import Engine, probabilities
from charnn_cli.engine.trace import DirectionTrace, Trace

__all__ = ["DirectionTrace", "Engine", "Trace", "probabilities"]
