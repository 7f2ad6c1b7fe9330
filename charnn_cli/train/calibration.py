"""Temperature scaling (Guo et al., ICML 2017): one number that makes probabilities mean what they say."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

COLDEST, HOTTEST = 0.05, 20.0
LEAST_GAIN = 1e-5  # nats; less is the noise of the search


def nll(logits: NDArray[np.float64], origins: NDArray[np.integer], temperature: float = 1.0) -> float:
    """Mean negative log-likelihood in nats of origins (N,) under softmax(logits (N, C) / temperature)."""
    log_probabilities = log_softmax(logits / temperature, axis=1)
    return float(-log_probabilities[np.arange(len(origins)), origins].mean())


def fit_temperature(logits: NDArray[np.float64], origins: NDArray[np.integer]) -> float:
    """The temperature that lowers the NLL of these validation names most, or 1.0 where none lowers it."""
    if not len(origins):
        return 1.0
    bounds = (np.log(COLDEST), np.log(HOTTEST))
    found = minimize_scalar(lambda log_t: nll(logits, origins, float(np.exp(log_t))), bounds=bounds, method="bounded")
    temperature = float(np.exp(found.x))
    gain = nll(logits, origins) - nll(logits, origins, temperature)
    return temperature if gain > LEAST_GAIN else 1.0
