"""One step of the optimiser: learning rate, clipping, and what to do when a number is not finite."""

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from charnn_cli.config import TrainingConfig

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
    """The configured optimiser; the fused kernels of torch do a step over a large n-gram table in one pass."""
    if config.optimiser == "sgd":
        return torch.optim.SGD(
            parameters, lr=config.lr, momentum=config.momentum, weight_decay=config.weight_decay, fused=True
        )
    kind = torch.optim.Adam if config.optimiser == "adam" else torch.optim.AdamW
    return kind(parameters, lr=config.lr, weight_decay=config.weight_decay, fused=True)


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
        self.step = 0
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
        return self.config.lr * lr_factor(self.config.schedule, self.step / self.total_steps)

    def take(self, loss: Tensor, value: float | None = None, after_backward: Callable[[], None] | None = None) -> bool:
        """Backpropagate and step; False where loss or gradient is not finite: the step is then left out.

        Where `loss` is one process's part, `value` is all of it, so that all decide alike, and `after_backward`
        completes the gradients.
        """
        self.optimiser.zero_grad(set_to_none=True)
        if finite := math.isfinite(loss.item() if value is None else value):
            self._backward(loss)
            if after_backward is not None:
                after_backward()
            if self.scaler is not None:
                self.scaler.unscale_(self.optimiser)
            finite = self._clip()
            if self.scaler is not None:
                self.scaler.update()  # a smaller scale where a gradient was not finite, from time to time a larger one
        if finite:
            for group in self.optimiser.param_groups:
                group["lr"] = self.lr
            self.optimiser.step()
        self.step += 1
        self.skipped += not finite
        self.bad_in_a_row = 0 if finite else self.bad_in_a_row + 1
        return finite

    def _backward(self, loss: Tensor) -> None:
        scaled = loss if self.scaler is None else self.scaler.scale(loss)
        scaled.backward()  # type: ignore[no-untyped-call]

    def _clip(self) -> bool:
        """Clip as configured (Pascanu et al., 2013); whether the norm before clipping is finite."""
        gradients = [parameter.grad for parameter in self.parameters if parameter.grad is not None]
        norm = nn.utils.get_total_norm(gradients)
        value = norm.item()
        if not math.isfinite(value):
            return False
        self.norms.append(value)
        clipped = False
        if self.config.clip_norm is not None and value > self.config.clip_norm:
            nn.utils.clip_grads_with_norm_(self.parameters, self.config.clip_norm, norm)
            clipped = True
        if self.config.clip_value is not None:
            largest = max((float(gradient.abs().max()) for gradient in gradients), default=0.0)
            if largest > self.config.clip_value:
                nn.utils.clip_grad_value_(self.parameters, self.config.clip_value)
                clipped = True
        self.clipped += clipped
        return True
