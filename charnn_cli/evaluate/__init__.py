"""How good a run's answers are on labelled names: metrics, intervals, tables and comparisons. Prints nothing."""

from charnn_cli.evaluate.evaluation import Bound, Evaluation, evaluate, missed, parse_bounds
from charnn_cli.evaluate.names import EvaluationSet, LabelledNames, ModelOutcomes, answer, renumbered
from charnn_cli.evaluate.recorded import Record, Records
from charnn_cli.evaluate.rivals import Rival
from charnn_cli.evaluate.writing import WritingEvaluation, evaluate_writing

__all__ = [
    "Bound",
    "Evaluation",
    "EvaluationSet",
    "LabelledNames",
    "ModelOutcomes",
    "Record",
    "Records",
    "Rival",
    "WritingEvaluation",
    "answer",
    "evaluate",
    "evaluate_writing",
    "missed",
    "parse_bounds",
    "renumbered",
]
