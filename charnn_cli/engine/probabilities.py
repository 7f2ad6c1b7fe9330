"""Logits → probabilities."""

import numpy as np
from numpy.typing import NDArray


def probabilities(
    logits: NDArray[np.float32], temperature: float = 1.0, weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """softmax(logits / temperature) (N, C), each column multiplied by its weight (C,) and the rows summing to 1.

    The weights are the ratio of the wanted to the training priors: for classes whose names look as in training but
    are more or less frequent, that is Bayes' rule (Saerens, Latinne & Decaestecker 2002).
    """
    scaled = logits.astype(np.float64)
    scaled /= temperature
    if weights is not None:
        with np.errstate(divide="ignore"):  # a weight of 0 rules a label out
            scaled += np.log(weights)
    scaled -= scaled.max(axis=1, keepdims=True)
    np.exp(scaled, out=scaled)
    scaled /= scaled.sum(axis=1, keepdims=True)
    return scaled
