"""How good a run's answers are on labelled names: metrics, intervals, tables and comparisons. Prints nothing."""

from charnn_cli.evaluate.evaluation import Bound, Evaluation, Subset, evaluate, missed, parse_bounds
from charnn_cli.evaluate.names import EvaluationSet, LabelledNames, ModelOutcomes, answer, renumbered
from charnn_cli.evaluate.rivals import Rival

__all__ = [
    "Bound",
    "Evaluation",
    "EvaluationSet",
    "LabelledNames",
    "ModelOutcomes",
    "Rival",
    "Subset",
    "answer",
    "evaluate",
    "missed",
    "parse_bounds",
    "renumbered",
]
