"""Names → origins, without torch."""

from charnn_cli.predict.answers import Answers, Guess, Prediction
from charnn_cli.predict.predictor import Predictor

__all__ = ["Answers", "Guess", "Prediction", "Predictor"]
