"""The names of the page, for its script to search."""

from typing import Any

import numpy as np

from charnn_cli.evaluate import Evaluation

MOST_NAMES = 20_000  # more of them make the page slow to open


def names_data(evaluation: Evaluation) -> dict[str, Any]:
    """Columns, a value a name: spelling, true label, answered, and the leading labels with their probabilities.

    Of more than `MOST_NAMES` names, as many are drawn at random by a fixed seed.
    """
    examples, answers = evaluation.examples, evaluation.answers
    rows = np.arange(evaluation.n)
    if len(rows) > MOST_NAMES:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_NAMES, replace=False))
    return {
        "labels": list(examples.labels),
        "names": [examples.names[row].encode("utf-8", "replace").decode() for row in rows],
        "origins": examples.origins[rows].tolist(),
        "answered": (answers.outcomes.predicted[rows] >= 0).astype(int).tolist(),
        "leading": answers.leading[rows].tolist(),
        "shares": answers.shares[rows].round(4).tolist(),
    }
