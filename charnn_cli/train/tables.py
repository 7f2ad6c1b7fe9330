"""AdamW for tables of n-grams, of which a step reads few rows.

A row that no name of a step reads has a gradient of zero, but AdamW (Loshchilov & Hutter, 2019) moves it all the same:
its moments fade, and what is left of the first goes on moving it. With g = 0 from step s to step t,

    m_t = β₁ᵗ⁻ˢ m_s
    v_t = β₂ᵗ⁻ˢ v_s
    w_t ≈ (w_s - m_s / √v_s Σ lrᵤ (β₁ / √β₂)ᵘ⁻ˢ √(1 - β₂ᵘ) / (1 - β₁ᵘ)) Π(1 - lrᵤ λ)

with u from s + 1 to t; tests hold it to torch's AdamW. So a row catches up when it is read next, or when the table is
to be whole, and a step costs what its rows cost, however many the table has.
"""

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from charnn_cli.model.embeddings import NgramSum

FADED = 1e-10  # what a first moment that has fallen to this share of itself moves is not counted
BLOCK_ROWS = 1 << 16


class TableRows:
    """The rows of a table that a step reads, and the optimiser's part for them.

    `optimiser`, an Adam or AdamW of one group, keeps the moments; it takes no more than `total_steps`.
    """

    def __init__(self, table: NgramSum, optimiser: torch.optim.Optimizer, total_steps: int) -> None:
        self.table, self.optimiser, self.total_steps = table, optimiser, total_steps
        (group,) = optimiser.param_groups
        (self.beta1, self.beta2), self.eps, self.weight_decay = group["betas"], group["eps"], group["weight_decay"]
        moments = {name: torch.zeros_like(table.weight) for name in ("exp_avg", "exp_avg_sq")}
        optimiser.state[table.weight] = {"step": torch.tensor(0.0), **moments}
        ratio = self.beta1 / math.sqrt(self.beta2)
        self.fading = ratio ** np.arange(1, math.ceil(math.log(FADED) / math.log(ratio)))
        self.begin()

    @property
    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.optimiser.state[self.table.weight]
        return state

    @property
    def _matrices(self) -> tuple[Tensor, Tensor, Tensor]:
        """Weights and moments, (G + 1, C) each."""
        return self.table.weight.detach(), self._state["exp_avg"], self._state["exp_avg_sq"]

    def begin(self) -> None:
        """Take the table as it is with its moments: none of its rows is behind."""
        self.first = self.steps = int(self._state["step"])
        self.up_to = np.full(len(self.table.weight), self.steps)  # the step that each row has come to
        # Of each step s since: what a row that was read in it last has moved, as a multiple of m_s / √v_s; and of the
        # shares that weight decay leaves the sum of logarithms up to it.
        self.moved, self.left = np.zeros((2, self.total_steps + 1 - self.first))

    def read(self, rows: NDArray[np.int64]) -> None:
        """Read the table for these rows alone (R,), sorted, of which 0 is the first, until the next call."""
        self.rows = rows
        weights, self.first_moments, self.second_moments = self._caught_up(rows)
        self.table.narrow(weights)

    def _caught_up(self, rows: NDArray[np.int64]) -> list[Tensor]:
        """Weights and moments (R, C) of some rows, as they are after the last step."""
        weights, first, second = (matrix.index_select(0, torch.from_numpy(rows)) for matrix in self._matrices)
        up_to = self.up_to[rows]
        behind, places = self.steps - up_to, up_to - self.first
        spread = second.sqrt().add_(_column(self.eps * np.sqrt(1 - self.beta2 ** np.maximum(up_to, 1))))
        weights.sub_(torch.div(first, spread, out=spread).mul_(_column(self.moved[places])))
        weights.mul_(_column(np.exp(self.left[self.steps - self.first] - self.left[places])))
        return [weights, first.mul_(_column(self.beta1**behind)), second.mul_(_column(self.beta2**behind))]

    @torch.no_grad()
    def step(self, lr: float) -> None:
        """Move the rows that were read by the gradient of what the table was read for."""
        weights = self.table.part
        assert weights is not None, "read first"
        gradient = weights.grad
        assert gradient is not None, "every table is read"
        self._count(lr)
        first = self.first_moments.lerp_(gradient, 1 - self.beta1)
        second = self.second_moments.mul_(self.beta2).addcmul_(gradient, gradient, value=1 - self.beta2)
        spread = second.sqrt().div_(math.sqrt(1 - self.beta2**self.steps)).add_(self.eps)
        weights.mul_(1 - lr * self.weight_decay).addcdiv_(first, spread, value=-lr / (1 - self.beta1**self.steps))
        self._put(self.rows, [weights, first, second])

    def _count(self, lr: float) -> None:
        """Note what the next step does to the rows that it does not read."""
        place = self.steps - self.first  # of the last step
        self.steps += 1
        recent = self.moved[max(place + 1 - len(self.fading), 0) : place + 1]
        size = lr * math.sqrt(1 - self.beta2**self.steps) / (1 - self.beta1**self.steps)
        recent += size * self.fading[: len(recent)][::-1]
        self.left[place + 1] = self.left[place] + math.log1p(-lr * self.weight_decay)

    def _put(self, rows: NDArray[np.int64], values: list[Tensor]) -> None:
        for matrix, value in zip(self._matrices, values, strict=True):
            matrix.index_copy_(0, torch.from_numpy(rows), value)
        self.up_to[rows] = self.steps

    @torch.no_grad()
    def finish(self) -> None:
        """Make the table whole: let every row catch up."""
        for first in range(0, len(self.up_to), BLOCK_ROWS):
            rows = np.arange(first, min(first + BLOCK_ROWS, len(self.up_to)))
            self._put(rows, self._caught_up(rows))
        self._state["step"] = torch.tensor(float(self.steps))
        self.table.widen()
        self.begin()


def _column(values: NDArray[np.float64]) -> Tensor:
    """Numbers (R,) as (R, 1)."""
    return torch.from_numpy(values.astype(np.float32)[:, None])
