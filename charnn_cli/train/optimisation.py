"""The optimiser's part of a step, and all that a training is at the end of an epoch, as arrays.

Randomness has no place in what is saved: every epoch draws from its own seed.
"""

import inspect
import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from charnn_cli.config import TrainingConfig
from charnn_cli.errors import ModelError
from charnn_cli.model.embeddings import NgramSum
from charnn_cli.train.tables import TableRows
from charnn_cli.trained import SavedState

WARM_UP = 0.1  # share of the steps in which `one_cycle` rises


def lr_factor(schedule: str, progress: float) -> float:
    """Multiple of the configured learning rate after a share `progress` of all steps.

    `cosine` falls from 1 to 0 along half a cosine (Loshchilov & Hutter, 2017); `one_cycle` first rises in a straight
    line (Smith & Topin, 2019).
    """
    if schedule == "constant":
        return 1.0
    if schedule == "one_cycle":
        if progress < WARM_UP:
            return max(progress / WARM_UP, 0.01)
        progress = (progress - WARM_UP) / (1 - WARM_UP)
    return 0.5 * (1 + math.cos(math.pi * progress))


def build_optimiser(parameters: Iterable[nn.Parameter], config: TrainingConfig) -> torch.optim.Optimizer:
    """The configured optimiser; the fused kernels of torch do a step over all weights in one pass."""
    options: dict[str, Any] = {"lr": config.lr, "weight_decay": config.weight_decay, "fused": True}
    if config.optimiser == "sgd":
        options["momentum"] = config.momentum
    kinds = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    return _without_compiler(kinds[config.optimiser])(parameters, **options)


def _without_compiler(kind: type[torch.optim.Optimizer]) -> Callable[..., torch.optim.Optimizer]:
    """The same optimiser, to be called where no gradient is noted.

    Around some methods torch tells its compiler to look away, and loads it for that alone, which takes a second.
    """
    names = "add_param_group", "zero_grad", "step", "state_dict", "load_state_dict"
    methods = {name: getattr(kind, name) for name in names}
    return type(kind.__name__, (kind,), {name: inspect.unwrap(method) for name, method in methods.items()})


def _tables(model: nn.Module, config: TrainingConfig, *, on: str = "cpu") -> list[NgramSum]:
    """The tables of which a step reads few rows and leaves the others as they are, or as they would come to be.

    On a GPU the whole table is moved sooner than some rows of it; torch.compile would make a kernel for each number of
    rows. A decay that leaves nothing of a row in one step has no closed form.
    """
    moves_alike = (config.optimiser == "adamw" and config.lr * config.weight_decay < 1) or (
        config.optimiser == "adam" and not config.weight_decay
    )
    tables = [module for module in model.modules() if isinstance(module, NgramSum)]
    return [table for table in tables if moves_alike and not config.compile and table.weight.device.type == on]


class Stepper:
    """Takes steps of the optimiser and counts what happened to them."""

    def __init__(
        self, model: nn.Module, config: TrainingConfig, total_steps: int, scaler: torch.amp.GradScaler | None = None
    ) -> None:
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.config = config
        self.total_steps = total_steps
        self.scaler = scaler
        self.optimiser = build_optimiser(self.parameters, config)
        self.tables = [TableRows(table, self.optimiser, total_steps) for table in _tables(model, config)]
        self.steps = 0  # those that were left out among them
        self.bad_in_a_row = 0
        self.reset_counts()

    def reset_counts(self) -> None:
        """Begin a new epoch's figures."""
        self.norms: list[float] = []
        self.clipped = 0
        self.skipped = 0

    @property
    def lr(self) -> float:
        """Learning rate of the next step."""
        return self.config.lr * lr_factor(self.config.schedule, self.steps / self.total_steps)

    def read(self, rows: NDArray[np.int64] | None) -> None:
        """Before a forward pass: `rows` (R,) of n-gram tables are what it reads, sorted and row 0 the first."""
        for table in self.tables:
            assert rows is not None, "a table is read"
            table.read(rows)

    def finish(self) -> None:
        """Behind the last step of an epoch: make tables whole."""
        for table in self.tables:
            table.finish()

    @property
    def learned(self) -> list[Tensor]:
        """What has gradients: all weights, and of n-gram tables what is read of them."""
        return [*self.parameters, *(rows.table.part for rows in self.tables if rows.table.part is not None)]

    def backward(self, loss: Tensor) -> None:
        """Put the gradient of a loss () beside each weight, in place of the last one."""
        self.optimiser.zero_grad(set_to_none=True)
        scaled = loss if self.scaler is None else self.scaler.scale(loss)
        scaled.backward()  # type: ignore[no-untyped-call]

    def clip(self) -> bool:
        """Clip the gradient as configured (Pascanu et al., 2013); whether its norm before clipping is finite."""
        if self.scaler is not None:
            self.scaler.unscale_(self.optimiser)
        finite = self._clip()
        if self.scaler is not None:
            self.scaler.update()  # a smaller scale where a gradient was not finite, from time to time a larger one
        return finite

    def _clip(self) -> bool:
        learned = self.learned
        gradients = [weights.grad for weights in learned if weights.grad is not None]
        norm = nn.utils.get_total_norm(gradients)
        value = norm.item()
        if not math.isfinite(value):
            return False
        self.norms.append(value)
        clipped = False
        if self.config.clip_norm is not None and value > self.config.clip_norm:
            nn.utils.clip_grads_with_norm_(learned, self.config.clip_norm, norm)
            clipped = True
        if self.config.clip_value is not None:
            largest = max((float(gradient.abs().max()) for gradient in gradients), default=0.0)
            if largest > self.config.clip_value:
                nn.utils.clip_grad_value_(learned, self.config.clip_value)
                clipped = True
        self.clipped += clipped
        return True

    @torch.no_grad()
    def step(self) -> None:
        """Move the weights by what the optimiser makes of the gradient."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.lr
        self.optimiser.step()
        for table in self.tables:
            table.step(self.lr)
        self.steps += 1
        self.bad_in_a_row = 0

    def skip(self) -> None:
        """Leave the weights as they are, where loss or gradient is not finite."""
        self.steps += 1
        self.skipped += 1
        self.bad_in_a_row += 1


@dataclass
class Position:
    """How far a training is, after an epoch."""

    epoch: int = 0
    best: float = -math.inf  # the score of the best epoch so far; -inf where none has given weights to keep
    seconds: float = 0.0
    stale: int = 0  # epochs judged since the best one

    def compare(self, score: float) -> bool:
        """Take an epoch's score, -inf for one without; True where it is the best so far."""
        if score > self.best:
            self.best, self.stale = score, 0
            return True
        self.stale += score > -math.inf
        return False


def snapshot(model: nn.Module, stepper: Stepper, position: Position) -> SavedState:
    """Weights, the optimiser's arrays, and the position in the run."""
    tensors = {f"model.{name}": _array(value) for name, value in model.state_dict().items()}
    for number, entries in stepper.optimiser.state_dict()["state"].items():
        for name, value in entries.items():
            if value is not None:
                tensors[f"optimiser.{number}.{name}"] = _array(torch.as_tensor(value))
    counts: dict[str, Any] = {"step": stepper.steps, "bad_in_a_row": stepper.bad_in_a_row}
    if stepper.scaler is not None:
        counts["scaler"] = stepper.scaler.state_dict()
    return SavedState(tensors, {**asdict(position), **counts})


def largest_state(model: nn.Module) -> int:
    """Bytes that a saved state of this network can take: weights, two moments of each, and the rest."""
    weights: int = sum(value.numel() * value.element_size() for value in model.state_dict().values())
    return 3 * weights + 2**20


def restore(state: SavedState, model: nn.Module, stepper: Stepper) -> Position:
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
        for table in stepper.tables:
            table.begin()
        stepper.steps = int(state.progress["step"])
        stepper.bad_in_a_row = int(state.progress["bad_in_a_row"])
        if stepper.scaler is not None and "scaler" in state.progress:  # not where another precision began the run
            stepper.scaler.load_state_dict(state.progress["scaler"])
        return Position(**{name: state.progress[name] for name in Position.__dataclass_fields__})
    except (KeyError, RuntimeError, ValueError, IndexError) as error:
        raise ModelError("the saved state belongs to another network", "train again into another folder") from error


def _array(value: torch.Tensor) -> np.ndarray:
    return value.detach().cpu().numpy().copy()
