"""All that a training is at the end of an epoch, as arrays.

Randomness needs no place in it: every epoch draws from its own seed.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from charnn_cli.errors import ModelError
from charnn_cli.train.optimisation import Stepper
from charnn_cli.trained import SavedState


def snapshot(model: nn.Module, stepper: Stepper, position: Mapping[str, Any]) -> SavedState:
    """Weights, the optimiser's arrays, and the position in the run."""
    tensors = {f"model.{name}": _array(value) for name, value in model.state_dict().items()}
    for number, entries in stepper.optimiser.state_dict()["state"].items():
        for name, value in entries.items():
            if value is not None:
                tensors[f"optimiser.{number}.{name}"] = _array(torch.as_tensor(value))
    counts: dict[str, Any] = {"step": stepper.step, "bad_in_a_row": stepper.bad_in_a_row}
    if stepper.scaler is not None:
        counts["scaler"] = stepper.scaler.state_dict()
    return SavedState(tensors, {**position, **counts})


def largest_state(model: nn.Module) -> int:
    """Bytes that a saved state of this network can take: weights, two moments of each, and the rest."""
    weights: int = sum(value.numel() * value.element_size() for value in model.state_dict().values())
    return 3 * weights + 2**20


def restore(state: SavedState, model: nn.Module, stepper: Stepper) -> Mapping[str, Any]:
    """Put model and stepper where `snapshot` found them; returns the position.

    Raises ModelError where the state belongs to another network.
    """
    try:
        weights = {name: torch.from_numpy(state.tensors[f"model.{name}"].copy()) for name in model.state_dict()}
        model.load_state_dict(weights)
        entries: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in state.tensors.items():
            kind, _, rest = name.partition(".")
            if kind == "optimiser":
                number, _, key = rest.partition(".")
                if value.ndim and value.shape != stepper.parameters[int(number)].shape:
                    raise ValueError("not the shape of its weight")
                entries.setdefault(int(number), {})[key] = torch.from_numpy(value.copy())
        groups = stepper.optimiser.state_dict()["param_groups"]
        stepper.optimiser.load_state_dict({"state": entries, "param_groups": groups})
        stepper.step = int(state.progress["step"])
        stepper.bad_in_a_row = int(state.progress["bad_in_a_row"])
        if stepper.scaler is not None and "scaler" in state.progress:  # not where another precision began the run
            stepper.scaler.load_state_dict(state.progress["scaler"])
    except (KeyError, RuntimeError, ValueError, IndexError) as error:
        raise ModelError("the saved state belongs to another network", "train again into another folder") from error
    return state.progress


def _array(value: torch.Tensor) -> np.ndarray:
    return value.detach().cpu().numpy().copy()
