"""Why a model thinks so: its belief after each letter, and what each letter is worth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charnn_cli.predict.predictor import Predictor
from charnn_cli.text import normalise


@dataclass(frozen=True, slots=True)
class Explanation:
    """For the T characters of the text that the network read.

    `beliefs[t]` (C,) are the probabilities that a name gets which ends after character t. `worth[t]` is the
    log-probability of the name's likeliest origin minus the same without character t, in nats: what speaks for that
    origin is positive.
    """

    text: str
    origin: str
    labels: tuple[str, ...]
    beliefs: NDArray[np.float64]  # (T, C)
    worth: NDArray[np.float64]  # (T,)


def explain(predictor: Predictor, name: str) -> Explanation:
    """The explanation of a name that can be told."""
    text = normalise(name, predictor.trained.rules)
    prefixes = [text[: end + 1] for end in range(len(text))]
    shortened = [text[:at] + text[at + 1 :] for at in range(len(text))]
    probabilities = predictor.of_texts(prefixes + shortened)
    beliefs, without = probabilities[: len(text)], probabilities[len(text) :]
    best = int(beliefs[-1].argmax())
    with np.errstate(divide="ignore"):
        worth = np.log(beliefs[-1, best]) - np.log(without[:, best])
    return Explanation(text, predictor.labels[best], predictor.labels, beliefs, worth)
