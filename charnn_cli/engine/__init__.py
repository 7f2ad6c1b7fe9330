"""Inference without torch: the forward pass of every architecture in NumPy."""

from charnn_cli.engine.engine import Engine
from charnn_cli.engine.letters import LetterEngine

__all__ = ["Engine", "LetterEngine"]
