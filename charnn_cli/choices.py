"""The words that options, settings and functions choose between, each list in one place; light to import."""

from typing import Literal

Cell = Literal["lesson", "rnn", "gru", "lstm", "mlp"]  # see `cells`
Activation = Literal["tanh", "relu", "sigmoid"]  # of the cell `rnn`
Task = Literal["classify", "generate"]  # of a network: tell the origin of a name, or write names of an origin
Device = Literal["auto", "cpu", "cuda", "mps"]
Split = Literal["test", "val", "train", "all"]
NamePart = Literal["family", "given", "all"]
Order = Literal["similarity", "alphabet"]  # of the origins of a confusion matrix
