"""The words that options, settings and functions choose between, each list in one place; light to import."""

from typing import Literal

Device = Literal["auto", "cpu", "cuda", "mps"]
Split = Literal["test", "val", "train", "all"]
Order = Literal["similarity", "alphabet"]  # of the origins of a confusion matrix
