"""A trained model as JSON that the page's own engine reads, exact to the fourth digit of a probability."""

import base64
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.predict.writing import origin_key
from charnn_cli.text.ngrams import MULTIPLIER
from charnn_cli.text.parts import writes_family_first
from charnn_cli.trained import TrainedModel

WIDE = "wide.weight"
SAME = 1e-6  # of a row's largest weight: what float32 rounds


def model_data(trained: TrainedModel) -> dict[str, Any]:
    """Everything but the text rules."""
    return {
        "labels": list(trained.labels),
        "alphabet": list(trained.alphabet.characters),
        "architecture": trained.architecture.to_json(),
        "boundaries": trained.rules.boundaries,
        **asdict(trained.scaling),
        "one_word": trained.one_word,
        "reads_families": trained.knows_single_words,
        "family_first": [writes_family_first(label) for label in trained.labels],
        "priors": [float(share) for share in trained.priors / trained.priors.sum()],
        "ngrams": None if trained.ngrams is None else _base64(trained.ngrams.codes.astype("<u8")),
        "seeds": [str(origin_key(label)) for label in trained.labels] if trained.architecture.generates else None,
        "multiplier": str(MULTIPLIER),  # a number of 64 bits, which JSON's readers round
        "tensors": {name: tensor_data(name, tensor) for name, tensor in sorted(trained.tensors.items())},
    }


def tensor_data(name: str, tensor: NDArray[np.float32]) -> dict[str, Any]:
    """Weights of n-grams, of which there are many, in 8 or 16 bits a weight; others in float16 where that is exact."""
    if name == WIDE:
        kind, values, scales = _whole_numbers(tensor)
        return {"kind": kind, "shape": tensor.shape, "data": _base64(values), "scales": _base64(scales)}
    with np.errstate(over="ignore"):
        half = tensor.astype("<f2")
    if np.array_equal(half.astype(np.float32), tensor):
        return {"kind": "float16", "shape": tensor.shape, "data": _base64(half)}
    return {"kind": "float32", "shape": tensor.shape, "data": _base64(tensor.astype("<f4"))}


def _whole_numbers(tensor: NDArray[np.float32]) -> tuple[str, NDArray[np.integer], NDArray[np.float32]]:
    """Each row (C,) of (G, C) as whole numbers and what they are times: in 8 bits where the store keeps it so.

    In 16 bits a row is told less its middle, which halves what is rounded off, and which no probability depends on.
    """
    values, scales = _steps(tensor, 127)
    largest = np.abs(tensor).max(axis=1, keepdims=True, initial=0.0)
    if np.all(np.abs(values * scales[:, None] - tensor) <= SAME * largest):
        return "int8", values.astype("<i1"), scales
    middle = (tensor.max(axis=1, keepdims=True) + tensor.min(axis=1, keepdims=True)) / 2
    values, scales = _steps(tensor - middle, 32767)
    return "int16", values.astype("<i2"), scales


def _steps(tensor: NDArray[np.float32], most: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Rows as multiples (G, C), up to `most`, of a scale (G,)."""
    largest = np.abs(tensor).max(axis=1, initial=0.0)
    scales = np.where(largest > 0, largest / most, 1).astype("<f4")
    return np.rint(tensor / scales[:, None]).clip(-most, most), scales


def _base64(array: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
