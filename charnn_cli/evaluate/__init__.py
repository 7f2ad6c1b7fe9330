"""How good a run's answers are on labelled names: metrics, intervals, tables and comparisons. Prints nothing."""

from charnn_cli.evaluate.answers import Answers, answer
from charnn_cli.evaluate.bounds import Bound, missed, parse_bounds
from charnn_cli.evaluate.evaluation import Evaluation, Subset, evaluate
from charnn_cli.evaluate.examples import Examples, LabelledNames, renumbered
from charnn_cli.evaluate.rivals import Rival

__all__ = [
    "Answers",
    "Bound",
    "Evaluation",
    "Examples",
    "LabelledNames",
    "Rival",
    "Subset",
    "answer",
    "evaluate",
    "missed",
    "parse_bounds",
    "renumbered",
]
