"""Recurrent layers over packed symbols, by torch's own kernels where it has them.

The weights carry torch's gate order (GRU: reset, update, candidate; LSTM: input, forget, cell, output), and the
GRU resets after the candidate's matrix product, as torch and cuDNN do.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import sqrt

import torch
from torch import Tensor, nn
from torch.nn import functional

from charnn_cli.architecture import Architecture
from charnn_cli.model.layout import Layout

State = tuple[Tensor, ...]  # the hidden state (1, N, H), and the LSTM's cell state (1, N, H)
Kernel = Callable[[Tensor, State, list[Tensor]], tuple[Tensor, State]]  # (T, N, I) → (T, N, H)


@dataclass(slots=True)
class Unrolling:
    """How the steps of a name are chained.

    With `every` = k the kernel runs at most k steps at a time, in each direction counted from where it begins to
    read. `cut` then detaches the state every k steps: truncated backpropagation through time (Williams & Peng,
    1990), in which the loss sends no gradient to symbols before the last cut, although the state goes on.
    `states`, where it is a list, gets one list for each layer and direction: its hidden states run by run.
    """

    every: int | None = None
    cut: bool = True
    states: list[list[Tensor]] | None = field(default=None)

    def runs(self, sizes: list[int]) -> list[tuple[int, int, bool]]:
        """Stretches of steps with one number of names: (steps, names, whether the state is cut before them).

        Such a stretch is a full rectangle, so that nothing is ever computed for padding.
        """
        runs: list[tuple[int, int, bool]] = []
        for step, names in enumerate(sizes):
            divides = self.every is not None and step % self.every == 0
            if divides or not runs or names != runs[-1][1]:
                runs.append((1, names, divides and self.cut))
            else:
                runs[-1] = (runs[-1][0] + 1, names, runs[-1][2])
        return runs


class Direction(nn.Module):
    """A layer's weights in one direction: input (gates·H, I), recurrent (gates·H, H), two biases (gates·H,)."""

    def __init__(self, input_size: int, hidden_size: int, gates: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        bound = 1.0 / sqrt(hidden_size)  # as torch's recurrent modules
        rows = gates * hidden_size
        self.weight_ih = nn.Parameter(torch.empty(rows, input_size).uniform_(-bound, bound))
        self.weight_hh = nn.Parameter(torch.empty(rows, hidden_size).uniform_(-bound, bound))
        self.bias_ih = nn.Parameter(torch.empty(rows).uniform_(-bound, bound))
        self.bias_hh = nn.Parameter(torch.empty(rows).uniform_(-bound, bound))

    def forward(self, vectors: Tensor, sizes: list[int], kernel: Kernel, parts: int, how: Unrolling) -> Tensor:
        """Packed vectors (L, I) in reading order → hidden states (L, H); `parts` states go from step to step."""
        weights: list[Tensor] = [self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh]
        state: State = (vectors.new_zeros(1, sizes[0], self.hidden_size),) * parts
        runs = how.runs(sizes)
        inputs = torch.split(vectors, [steps * names for steps, names, _ in runs])
        outputs = []
        for (steps, names, cut), rows in zip(runs, inputs, strict=True):
            going_on = tuple(part[:, :names] for part in state)
            if cut:
                going_on = tuple(part.detach() for part in going_on)
            output, state = kernel(rows.view(steps, names, -1), going_on, weights)
            # The hidden state goes on as the output's last step, so that an output of one step is the state itself.
            state = (output[-1:], *state[1:])
            outputs.append(output)
        if how.states is not None:
            how.states.append(outputs)
        return torch.cat([output.flatten(0, 1) for output in outputs])


class RecurrentLayer(nn.Module):
    """One layer read in each direction of the architecture: vectors (L, I) → states (L, directions·H)."""

    def __init__(self, architecture: Architecture, input_size: int) -> None:
        super().__init__()
        self.kernel = KERNELS[architecture.activation if architecture.cell == "rnn" else architecture.cell]
        self.parts = 2 if architecture.cell == "lstm" else 1
        self.names = architecture.directions
        for name in self.names:
            # add_module refuses the name `forward`, which a method has too; the stored weights are named by it.
            self._modules[name] = Direction(input_size, architecture.hidden_size, architecture.gates)

    def directions(self) -> list[Direction]:
        return [module for module in self.children() if isinstance(module, Direction)]

    def forward(self, vectors: Tensor, layout: Layout, how: Unrolling) -> Tensor:
        outputs = []
        for name, direction in zip(self.names, self.directions(), strict=True):
            if name == "forward":
                outputs.append(direction(vectors, layout.sizes, self.kernel, self.parts, how))
            else:
                mirrored = vectors.index_select(0, layout.mirrored)
                states = direction(mirrored, layout.sizes, self.kernel, self.parts, how)
                outputs.append(states.index_select(0, layout.mirrored))
        return outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=1)


def _gru(vectors: Tensor, state: State, weights: list[Tensor]) -> tuple[Tensor, State]:
    output, hidden = torch.gru(vectors, _whole(state[0]), weights, True, 1, 0.0, torch.is_grad_enabled(), False, False)
    return output, (hidden,)


def _lstm(vectors: Tensor, state: State, weights: list[Tensor]) -> tuple[Tensor, State]:
    whole = [_whole(part) for part in state]
    output, hidden, cell = torch.lstm(vectors, whole, weights, True, 1, 0.0, torch.is_grad_enabled(), False, False)
    return output, (hidden, cell)


def _tanh(vectors: Tensor, state: State, weights: list[Tensor]) -> tuple[Tensor, State]:
    whole = _whole(state[0])
    output, hidden = torch.rnn_tanh(vectors, whole, weights, True, 1, 0.0, torch.is_grad_enabled(), False, False)
    return output, (hidden,)


def _relu(vectors: Tensor, state: State, weights: list[Tensor]) -> tuple[Tensor, State]:
    whole = _whole(state[0])
    output, hidden = torch.rnn_relu(vectors, whole, weights, True, 1, 0.0, torch.is_grad_enabled(), False, False)
    return output, (hidden,)


def _sigmoid(vectors: Tensor, state: State, weights: list[Tensor]) -> tuple[Tensor, State]:
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    hidden = state[0].squeeze(0)
    outputs = []
    for step in functional.linear(vectors, weight_ih, bias_ih + bias_hh).unbind():
        hidden = torch.sigmoid(step + functional.linear(hidden, weight_hh))
        outputs.append(hidden)
    return torch.stack(outputs), (hidden,)


def _whole(state: Tensor) -> Tensor:
    """A state (1, N, H) in memory of its own layout: cuDNN takes no other."""
    return state.contiguous()


KERNELS: dict[str, Kernel] = {"gru": _gru, "lstm": _lstm, "tanh": _tanh, "relu": _relu, "sigmoid": _sigmoid}
