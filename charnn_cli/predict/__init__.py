"""Names → origins, without torch."""

from charnn_cli.predict.answers import Answers, Prediction, RankedOrigin
from charnn_cli.predict.predictor import Explanation, Predictor

__all__ = ["Answers", "Explanation", "Prediction", "Predictor", "RankedOrigin"]
