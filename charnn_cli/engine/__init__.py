"""Inference without torch: the forward pass of every architecture in NumPy."""

from charnn_cli.engine.engine import Engine, probabilities
from charnn_cli.engine.letters import LetterEngine
from charnn_cli.engine.trace import DirectionTrace, Trace

__all__ = ["DirectionTrace", "Engine", "LetterEngine", "Trace", "probabilities"]
