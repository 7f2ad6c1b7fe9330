"""What the validation names say of a model's probabilities, beyond its scaling.

Shares are estimated by densities, which a model gives as probability over prior, and an origin that it favours by a
tenth takes that tenth from every list. So each origin gets a bias beside the temperature: bias-corrected temperature
scaling (Alexandari, Kundaje & Shrikumar, ICML 2020), fitted with the validation names weighted to the training shares.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ODD = 0.02  # one name in fifty could be of anyone: no single name rules an origin out
EXCEEDED_BY = 0.95  # the share of validation names whose energy is above `floor`


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of names of one kind: C origins' biases, and by how many validation names they are known.

    `floor` (C,) is the energy that most validation names of an origin exceed; see `energies`.
    """

    sharpness: float  # what logits are multiplied by
    bias: NDArray[np.float64]  # (C,), nats
    names: NDArray[np.float64]  # (C,)
    floor: NDArray[np.float64]  # (C,), nats

    def probabilities(self, logits: NDArray[np.floating], priors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities (N, C) of origins whose shares are `priors` (C,), for logits (N, C)."""
        scaled = logits * self.sharpness + self.bias
        scaled -= scaled.max(axis=1, keepdims=True)
        np.exp(scaled, out=scaled)
        scaled *= (1 - ODD) / scaled.sum(axis=1, keepdims=True)
        scaled += ODD * priors
        return scaled

    @classmethod
    def none(cls, num_labels: int) -> "Calibration":
        """That of logits which are scaled, of a model of which nothing else is known."""
        nothing = np.zeros(num_labels)
        return cls(1.0, nothing, np.full(num_labels, np.inf), np.full(num_labels, -np.inf))

    def to_json(self) -> dict[str, Any]:
        return {
            "sharpness": self.sharpness,
            "bias": [round(value, 6) for value in self.bias.tolist()],
            "names": [int(number) for number in self.names],
            "floor": [round(value, 4) for value in self.floor.tolist()],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any], num_labels: int) -> "Calibration":
        """Raises KeyError, TypeError or ValueError where that is none for so many labels."""
        columns = [np.array(value[key], dtype=np.float64) for key in ("bias", "names", "floor")]
        sharpness = float(value["sharpness"])
        if any(column.shape != (num_labels,) or not np.isfinite(column).all() for column in columns):
            raise ValueError("the calibration has not one finite number for each label")
        if not (1e-3 <= sharpness <= 1e3 and np.abs(columns[0]).max() <= 1e3 and columns[1].min() >= 0):
            raise ValueError("the calibration has numbers that are none")
        return cls(sharpness, *columns)


def energies(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """log Σ exp(logits) (N,), in nats: low where a name looks like none that was learned (Liu et al., NeurIPS 2020)."""
    top = logits.max(axis=1).astype(np.float64)
    result: NDArray[np.float64] = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return result
