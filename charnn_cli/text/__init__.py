"""Names → texts → symbols → n-grams, by the same rules in training and in prediction."""

from charnn_cli.text.rules import TextRules, normalise, normaliser, undecidable
from charnn_cli.text.scripts import script_of

__all__ = ["TextRules", "normalise", "normaliser", "script_of", "undecidable"]
