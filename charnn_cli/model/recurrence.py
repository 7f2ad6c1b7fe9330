"""A recurrence over packed names as one operation of torch's graph, in NumPy: what trains on a processor.

torch chains some thirty small operations a step, forward and backward, of which each makes tensors of its own. Here the
equations of `charnn_cli.cells` and their derivatives are a few passes in place over arrays that stay in the processor's
cache, with the gates one after the other, (G, L, H); and what the weights' gradients are sums of over the steps is one
product over all of them. Backpropagation through time: Werbos (1990), doi:10.1109/5.58337.

L symbols of N names are packed step by step, the longest name first; step t has the first of `sizes` (T,), falling.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable

Array = NDArray[np.floating]


class Chain:
    """The steps of a cell, for one pass forward and one backward.

    `gates` (G, L, H) holds W x at first and then the gates, `states` what comes of each step, (L, H) each.
    """

    num_gates = 1
    rolled = 0  # places by which the derivatives of what U and of what W makes differ in the order of gates

    def __init__(self, sizes: Sequence[int], gates: Array, biases: Sequence[Array], U: Array, starts: Sequence[Array]):
        self.sizes, self.gates, self.U = sizes, gates, U
        self.starts = starts  # (N, H) each
        self.first = sizes[0] * (not any(start.any() for start in starts))  # rows of a step that no state comes before
        self.states = [np.empty_like(gates[0]) for _ in starts]
        self.product = np.empty((len(gates), len(starts[0]), gates.shape[2]), gates.dtype)
        self.add(*biases)

    def add(self, b: Array, d: Array) -> None:
        """Add the biases (G, 1, H) to the gates."""
        self.gates += b + d

    def forward(self) -> None:
        """Compute gates and states."""
        recurrent = self.U.transpose(0, 2, 1)
        state = list(self.starts)
        for places in stretches(self.sizes):
            count = places.stop - places.start
            state, new = [part[:count] for part in state], [part[places] for part in self.states]
            product = self.product[:, :count]
            if places.start < self.first:
                product.fill(0)
            else:
                np.matmul(state[0], recurrent, out=product)
            self.step(places, product, state, new)
            state = new

    def step(self, places: slice, product: Array, state: list[Array], new: list[Array]) -> None:
        """Make gates and new state (n, H) of U h (G, n, H) and the state (n, H)."""
        raise NotImplementedError

    def _before(self, start: Array, states: Array) -> Array:
        """Of a part of the state what each step begins with, (L, H)."""
        steps = zip(stretches(self.sizes), self.sizes[1:], strict=False)
        return np.concatenate([start, *(states[places][:count] for places, count in steps)])

    def backward(self, told: Array, ends: Sequence[Array], *, passes: bool) -> tuple[Array, list[Array]]:
        """Derivatives of the loss with respect to what W and U make, (G or more, L, H), and if it `passes` to `starts`.

        Given are those with respect to each hidden state (L, H), and to what is left of the state at the end.
        """
        derivatives = np.empty((self.num_gates + bool(self.rolled), *told.shape), told.dtype)
        self.before = [self._before(start, states) for start, states in zip(self.starts, self.states, strict=True)]
        recurrent = np.roll(self.U, self.rolled, axis=0)
        passed = [np.zeros_like(start) for start in self.starts]
        for part, end in zip(passed, ends, strict=True):
            part[: len(end)] = end
        for places in reversed(list(stretches(self.sizes))):
            count = places.stop - places.start
            state, own = [part[:count] for part in passed], derivatives[:, places]
            state[0] += told[places]
            self.step_back(places, state, own)
            if passes or places.start > 0:
                for product in np.matmul(own[: self.num_gates], recurrent, out=self.product[:, :count]):
                    state[0] += product
        return derivatives, passed

    def step_back(self, places: slice, state: list[Array], own: Array) -> None:
        """Make derivatives `own` (G or more, n, H) of those of a step's new state; leave in `state` those of the state
        before, but for what it has by U.
        """
        raise NotImplementedError


class Rnn(Chain):
    """`cells.lesson`, without an activation."""

    activate: Callable[[Array], None] = staticmethod(lambda values: None)  # in place
    slope: Callable[[Array, Array], None] = staticmethod(lambda values, out: out.fill(1))  # told by its value

    def step(self, places: slice, product: Array, state: list[Array], new: list[Array]) -> None:
        np.add(self.gates[0, places], product[0], out=new[0])
        self.activate(new[0])

    def step_back(self, places: slice, state: list[Array], own: Array) -> None:
        self.slope(self.states[0][places], own[0])
        own[0] *= state[0]
        state[0].fill(0)


class Gru(Chain):
    """`cells.gru`, with h' = n + z (h - n). U h + d of the candidate is kept, since the reset is its derivative's.

    Derivatives are ordered: the candidate as U makes it, reset, update, the candidate as W makes it.
    """

    num_gates, rolled = 3, 1

    def add(self, b: Array, d: Array) -> None:
        self.gates += b
        self.gates[:2] += d[:2]
        self.bias = d[2]
        self.recalled = np.empty_like(self.gates[2])

    def step(self, places: slice, product: Array, state: list[Array], new: list[Array]) -> None:
        both, candidate = self.gates[:2, places], self.gates[2, places]
        both += product[:2]
        sigmoid(both)
        recalled = np.add(product[2], self.bias, out=self.recalled[places])
        candidate += np.multiply(both[0], recalled, out=product[2])
        np.tanh(candidate, out=candidate)
        hidden = np.subtract(state[0], candidate, out=new[0])
        hidden *= both[1]
        hidden += candidate

    def step_back(self, places: slice, state: list[Array], own: Array) -> None:
        reset, update, candidate = self.gates[:, places]
        replaced = np.subtract(1, update, out=self.product[0, : len(update)])
        tanh_slope(candidate, own[3])
        own[3] *= replaced
        own[3] *= state[0]
        np.multiply(own[3], reset, out=own[0])
        np.subtract(1, reset, out=own[1])
        own[1] *= own[0]
        own[1] *= self.recalled[places]
        np.subtract(self.before[0][places], candidate, out=own[2])
        own[2] *= replaced
        own[2] *= update
        own[2] *= state[0]
        state[0] *= update


class Lstm(Chain):
    """`cells.lstm`."""

    num_gates = 4

    def step(self, places: slice, product: Array, state: list[Array], new: list[Array]) -> None:
        gates, (hidden, cell) = self.gates[:, places], new
        gates += product
        sigmoid(gates[:2])
        np.tanh(gates[2], out=gates[2])
        sigmoid(gates[3])
        enter, forget, candidate, leave = gates
        np.multiply(forget, state[1], out=cell)
        cell += np.multiply(enter, candidate, out=product[0])
        np.tanh(cell, out=hidden)
        hidden *= leave

    def step_back(self, places: slice, state: list[Array], own: Array) -> None:
        enter, forget, candidate, leave = self.gates[:, places]
        of_hidden, of_cell = state
        squashed, spare = self.product[:2, : len(leave)]
        np.tanh(self.states[1][places], out=squashed)
        sigmoid_slope(leave, own[3])
        own[3] *= squashed
        own[3] *= of_hidden
        tanh_slope(squashed, spare)
        spare *= leave
        spare *= of_hidden
        of_cell += spare
        sigmoid_slope(enter, own[0])
        own[0] *= candidate
        sigmoid_slope(forget, own[1])
        own[1] *= self.before[1][places]
        tanh_slope(candidate, own[2])
        own[2] *= enter
        own[:3] *= of_cell
        of_cell *= forget
        of_hidden.fill(0)


def sigmoid(values: Array) -> None:
    """1 / (1 + e⁻ᵃ) in place, by tanh, which does not overflow."""
    values *= 0.5
    np.tanh(values, out=values)
    values *= 0.5
    values += 0.5


def sigmoid_slope(values: Array, out: Array) -> None:
    """The derivative of the sigmoid, told by its value."""
    np.subtract(1, values, out=out)
    out *= values


def tanh_slope(values: Array, out: Array) -> None:
    """The derivative of tanh, told by its value."""
    np.multiply(values, values, out=out)
    np.subtract(1, out, out=out)


def relu_slope(values: Array, out: Array) -> None:
    """The derivative of the rectifier, told by its value."""
    np.greater(values, 0, out=out)


class TanhRnn(Rnn):
    """`cells.rnn`, as the other two below."""

    activate = staticmethod(lambda values: np.tanh(values, out=values))
    slope = staticmethod(tanh_slope)


class ReluRnn(Rnn):
    activate = staticmethod(lambda values: np.maximum(values, 0, out=values))
    slope = staticmethod(relu_slope)


class SigmoidRnn(Rnn):
    activate = staticmethod(sigmoid)
    slope = staticmethod(sigmoid_slope)


def stretches(sizes: Sequence[int]) -> Iterator[slice]:
    """The packed rows of each step."""
    return (slice(end - size, end) for size, end in zip(sizes, accumulate(sizes), strict=True))


class Recurrence(torch.autograd.Function):
    """A cell's hidden states (L, H) and, of more state than that, what the names of the last step end with."""

    @staticmethod
    @np.errstate(all="ignore")  # what is not finite is told by the loss
    def forward(
        ctx: Any, kind: type[Chain], sizes: list[int], vectors: Tensor, W: Tensor, U: Tensor, b: Tensor, d: Tensor,
        *starts: Tensor,
    ) -> tuple[Tensor, ...]:  # fmt: skip
        gates, hidden_size = kind.num_gates, U.shape[1]
        read, inputs = vectors.detach().numpy(), W.detach().numpy().reshape(gates, hidden_size, -1)
        chain = kind(
            sizes,
            np.matmul(read, inputs.transpose(0, 2, 1)),
            [bias.detach().numpy().reshape(gates, 1, hidden_size) for bias in (b, d)],
            U.detach().numpy().reshape(gates, hidden_size, hidden_size),
            [start.detach().numpy() for start in starts],
        )
        chain.forward()
        if any(ctx.needs_input_grad):
            ctx.kept = chain, read, inputs
        hidden, *others = map(torch.from_numpy, chain.states)
        return hidden, *(part[-sizes[-1] :] for part in others)

    @staticmethod
    @once_differentiable
    @np.errstate(all="ignore")
    def backward(ctx: Any, told: Tensor, *ends: Tensor) -> tuple[Tensor | None, ...]:
        chain, read, inputs = ctx.kept
        passes = any(ctx.needs_input_grad[7:])
        end = [told.numpy()[:0], *(end.numpy() for end in ends)]
        derivatives, starts = chain.backward(told.numpy(), end, passes=passes)
        by_state, by_input = derivatives[: chain.num_gates], derivatives[-chain.num_gates :]
        sums = derivatives.sum(axis=1)
        vectors = np.matmul(by_input, inputs).sum(axis=0) if ctx.needs_input_grad[2] else None
        found = [
            np.matmul(by_input.transpose(0, 2, 1), read),
            np.roll(
                np.matmul(by_state[:, chain.first :].transpose(0, 2, 1), chain.before[0][chain.first :]),
                -chain.rolled,
                axis=0,
            ),
            sums[-chain.num_gates :],
            np.roll(sums[: chain.num_gates], -chain.rolled, axis=0),
        ]
        weights = (torch.from_numpy(part.reshape(-1, *part.shape[2:])) for part in found[:2])
        biases = (torch.from_numpy(part.reshape(-1)) for part in found[2:])
        return (
            None, None, None if vectors is None else torch.from_numpy(vectors), *weights, *biases,
            *(torch.from_numpy(start) if passes else None for start in starts),
        )  # fmt: skip
