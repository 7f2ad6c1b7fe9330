"""Recurrent layers over packed symbols: on a processor by `recurrence`, elsewhere by torch's kernels where it has them.

The weights carry torch's gate order, which is that of `cells.CELLS`; what a kernel computes at each step is written
out there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial, reduce
from math import sqrt
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from charnn_cli import cells
from charnn_cli.architecture import Architecture
from charnn_cli.model.beside import side_by_side
from charnn_cli.model.recurrence import Chain, Gru, Lstm, Recurrence, ReluRnn, Rnn, SigmoidRnn, TanhRnn

State = tuple[Tensor, ...]  # (1, N, H) each, as many as the cell has
# Packed rows (L, I), the names (T,) that have each of their steps, the state of all names before them and the weights →
# the hidden states as rows (L, H), and the state behind each name's last step, or of those alone that have all steps.
Kernel = Callable[[Tensor, list[int], State, list[Tensor]], tuple[Tensor, State]]
Tell = Callable[..., list[Tensor]]  # a direction's states (L, H) in reading order and tensors → what is told of them
DIRECTIONS = "forward", "backward"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each symbol of a batch of names lies when only real symbols are kept.

    Padding is left out of every product instead of being masked afterwards: symbols are laid out step by step, the
    longest name first within a step, which is the order of torch's packed sequences. N of the B names have symbols, L
    in all, at most T each.
    """

    batch_size: int  # B
    names: Tensor  # (N,) row in the batch of each name, longest first
    lengths: Tensor  # (N,) symbols of each name, falling
    sizes: list[int]  # (T,) names that have a symbol at each step
    sources: Tensor  # (L,) place of each packed symbol in the flattened batch
    mirrored: Tensor  # (L,) packed row of the symbol that is read instead when each name is read from its end
    last: Tensor  # (N,) packed row of each name's last symbol; its first is row n
    starts: Tensor  # (T,) packed row at which each step begins

    @classmethod
    def of(cls, lengths: Tensor, width: int) -> "Layout":
        """The layout of names of these lengths (B,), padded on the right to `width` symbols."""
        if len(lengths) == 1 and (length := int(lengths)) > 0:  # one name lies in the order of its symbols
            steps = torch.arange(length, device=lengths.device)
            return cls(1, steps[:1], lengths, [1] * length, steps, steps.flip(0), steps[-1:], steps)
        falling, names = torch.sort(lengths, descending=True, stable=True)
        count = int((falling > 0).sum())
        falling, names = falling[:count], names[:count]
        steps = torch.arange(int(falling[0]) if count else 0, device=lengths.device)
        inside = steps[:, None] < falling  # (T, N)
        sizes = inside.sum(dim=1)
        starts = sizes.cumsum(0) - sizes
        step, name = inside.nonzero(as_tuple=True)  # (L,), (L,)
        return cls(
            batch_size=len(lengths),
            names=names,
            lengths=falling,
            sizes=sizes.tolist(),
            sources=names[name] * width + step,
            mirrored=starts[falling[name] - 1 - step] + name,
            last=starts[falling - 1] + torch.arange(count, device=lengths.device),
            starts=starts,
        )

    def padded(self, packed: Tensor) -> tuple[Tensor, Tensor]:
        """Packed rows (L, D) as (N, T, D) with zeros for padding, and which of its steps are real (N, T)."""
        inside = torch.arange(len(self.starts), device=packed.device) < self.lengths[:, None]  # (N, T)
        rows = self.starts + torch.arange(len(self.names), device=packed.device)[:, None]  # (N, T)
        matrix = packed.index_select(0, rows.where(inside, 0).flatten()).view(*rows.shape, packed.shape[1])
        return matrix.masked_fill(~inside[:, :, None], 0.0), inside

    def in_order(self, packed: Tensor, direction: str) -> Tensor:
        """Packed rows in the order in which a direction reads them; or back again."""
        return packed if direction == "forward" else packed.index_select(0, self.mirrored)

    def joined(self, states: Sequence[Tensor]) -> Tensor:
        """The states (L, H) of the directions, each in its order, as (L, directions·H) in that of the symbols."""
        told = [self.in_order(rows, name) for rows, name in zip(states, DIRECTIONS, strict=False)]
        return told[0] if len(told) == 1 else torch.cat(told, dim=1)

    @property
    def going_on(self) -> Tensor:
        """(L - N,) packed row of the symbol before each symbol but the first of its name."""
        sizes = torch.tensor(self.sizes, device=self.names.device)
        return torch.arange(len(self.names), len(self.sources), device=sizes.device) - sizes[:-1].repeat_interleave(
            sizes[1:]
        )

    def batch(self, by_name: Tensor) -> Tensor:
        """Values of the names in the layout (N, D) as those of the batch (B, D), zero where a name is empty."""
        if self.batch_size == len(by_name) == 1:
            return by_name
        return by_name.new_zeros(self.batch_size, by_name.shape[1]).index_copy(0, self.names, by_name)


@dataclass(slots=True)
class Unrolling:
    """How the steps of a name are chained.

    With `every` = k the kernel runs at most k steps at a time, in each direction counted from where it begins to
    read. `cut` then detaches the state every k steps: truncated backpropagation through time (Williams & Peng,
    1990), in which the loss sends no gradient to symbols before the last cut, although the state goes on.
    `states`, where it is a list, gets one list for each layer and direction: its states as rows, k steps a piece.
    `beside` is made of each direction of the last layer while the others are still computed: of its states (L, H) in
    reading order, the layout, the symbols (L,) as read and `tensors` of its own; `made` gets what comes of it.
    """

    every: int | None = None
    cut: bool = True
    states: list[list[Tensor]] | None = field(default=None)
    beside: Callable[..., Tensor] | None = None
    tensors: list[list[Tensor]] = field(default_factory=list)
    made: list[Tensor] = field(default_factory=list)


class Direction(nn.Module):
    """A layer's weights in one direction: input (gates·H, I), recurrent (gates·H, H), two biases (gates·H,)."""

    def __init__(self, input_size: int, hidden_size: int, gates: tuple[str, ...]) -> None:
        super().__init__()
        self.hidden_size, self.gates = hidden_size, gates
        bound = 1.0 / sqrt(hidden_size)  # as torch's recurrent modules
        rows = len(gates) * hidden_size
        self.weight_ih = nn.Parameter(torch.empty(rows, input_size).uniform_(-bound, bound))
        self.weight_hh = nn.Parameter(torch.empty(rows, hidden_size).uniform_(-bound, bound))
        self.bias_ih = nn.Parameter(torch.empty(rows).uniform_(-bound, bound))
        self.bias_hh = nn.Parameter(torch.empty(rows).uniform_(-bound, bound))

    @property
    def weights(self) -> list[Tensor]:
        return [self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh]


class RecurrentLayer(nn.Module):
    """One layer read in each direction of the architecture: vectors (L, I) → states (L, directions·H)."""

    def __init__(self, architecture: Architecture, input_size: int) -> None:
        super().__init__()
        kind = architecture.kind
        self.kernel = ACTIVATED[architecture.activation] if kind.has_activation else KERNELS[kind.step]
        self.parts, self.hidden_size = len(kind.state), architecture.hidden_size
        self.names = architecture.directions
        for name in self.names:
            # add_module refuses the name `forward`, which a method has too; the stored weights are named by it.
            self._modules[name] = Direction(input_size, architecture.hidden_size, kind.gates)

    def directions(self) -> list[Direction]:
        return [module for module in self.children() if isinstance(module, Direction)]

    def forward(
        self, vectors: Tensor, layout: Layout, how: Unrolling, tell: Tell, tensors: Sequence[Sequence[Tensor]]
    ) -> list[list[Tensor]]:
        """What `tell` makes of each direction's states (L, H), in the order in which it reads, and of tensors."""
        starts = vectors.new_zeros(self.parts, 1, len(layout.names), self.hidden_size).unbind()

        def told(read: Tensor, *others: Tensor) -> list[Tensor]:
            pieces = unroll(self.kernel, read, layout.sizes, starts, list(others[:4]), how)
            if how.states is not None:
                how.states.append(pieces)
            return tell(pieces[0] if len(pieces) == 1 else torch.cat(pieces), *others[4:])

        read = [layout.in_order(vectors, name) for name in self.names]
        own = [direction.weights for direction in self.directions()]
        inputs = [[rows, *weights, *others] for rows, weights, others in zip(read, own, tensors, strict=True)]
        # Who asks for the states of single steps wants gradients of the ones with respect to the others: in one graph.
        in_threads = how.every is None and how.states is None
        return side_by_side(told, inputs) if in_threads else [told(*own) for own in inputs]


def recurrent_layers(architecture: Architecture, input_size: int) -> nn.ModuleList:
    """The layers of a network that reads vectors of this size at first."""
    sizes = [input_size] + [architecture.feature_size] * (architecture.num_layers - 1)
    return nn.ModuleList([RecurrentLayer(architecture, size) for size in sizes])


def through(
    layers: nn.ModuleList,
    vectors: Tensor,
    layout: Layout,
    how: Unrolling,
    *,
    dropout: nn.Module,
    tell: Tell,
    tensors: Sequence[Sequence[Tensor]],
) -> list[list[Tensor]]:
    """Vectors (L, I) → what `tell` makes of the last layer's directions; with dropout between the layers."""
    *lower, last = layers
    for layer in lower:
        states = layer(vectors, layout, how, lambda states: [states], [[]] * len(tensors))
        vectors = dropout(layout.joined([told for (told,) in states]))
    outputs: list[list[Tensor]] = last(vectors, layout, how, tell, tensors)
    return outputs


class JointLayer(nn.Linear):
    """The lesson's `i2h`: one matrix (H, I + H) reads the input and the state side by side.

    Vectors (L, I) → the state that each name ends with (N, H).
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size + hidden_size, hidden_size)

    @property
    def blocks(self) -> tuple[Tensor, Tensor]:
        """What the input (H, I) and the state (H, H) are multiplied with."""
        inputs, states = self.weight.split_with_sizes([self.in_features - self.out_features, self.out_features], dim=1)
        return inputs, states

    def forward(self, vectors: Tensor, layout: Layout, how: Unrolling) -> Tensor:  # type: ignore[override]
        start = vectors.new_zeros(1, len(layout.names), self.out_features)
        pieces = unroll(KERNELS[cells.lesson], vectors, layout.sizes, (start,), [*self.blocks, self.bias], how)
        if how.states is not None:
            how.states.append(pieces)
        return torch.cat(pieces).index_select(0, layout.last)


def unroll(
    kernel: Kernel, vectors: Tensor, sizes: list[int], state: State, weights: list[Tensor], how: Unrolling
) -> list[Tensor]:
    """Packed vectors (L, I) in reading order, of which `sizes` (T,) names have each step → the hidden states.

    They are rows (steps·names, H), in as many pieces as `how` divides the steps into.
    """
    stretch = how.every or max(len(sizes), 1)
    stretches = [sizes[first : first + stretch] for first in range(0, len(sizes), stretch)]
    pieces: list[Tensor] = []
    for steps, rows in zip(stretches, vectors.split_with_sizes([sum(steps) for steps in stretches]), strict=True):
        going_on = tuple(part[:, : steps[0]] for part in state)
        if how.every and how.cut:
            going_on = tuple(part.detach() for part in going_on)
        states, state = kernel(rows, steps, going_on, weights)
        if len(steps) == 1:  # what is told is the state itself, so that a gradient of the one is that of the other
            state = (states[None], *state[1:])
        pieces.append(states)
    return pieces


def _fused(
    call: Callable[..., Any], vectors: Tensor, sizes: list[int], state: State, weights: list[Tensor]
) -> tuple[Tensor, State]:
    """One of torch's recurrent functions. cuDNN wants states in memory of their own layout."""
    whole = [part.contiguous() for part in state]
    start = whole if len(whole) > 1 else whole[0]
    states, *state_after = call(
        vectors, torch.tensor(sizes), start, weights, True, 1, 0.0, torch.is_grad_enabled(), False
    )
    return states, tuple(state_after)


def _step_by_step(
    activation: Callable[[Tensor], Tensor], vectors: Tensor, sizes: list[int], state: State, weights: list[Tensor]
) -> tuple[Tensor, State]:
    """`cells.rnn`, for activations that torch has no kernel of."""
    W, U, *biases = weights
    recurrent = U.t()
    hidden = state[0][0]  # (N, H)
    states = []
    for step in functional.linear(vectors, W, reduce(torch.add, biases)).split_with_sizes(sizes):
        hidden = activation(torch.addmm(step, hidden[: len(step)], recurrent))
        states.append(hidden)
    return torch.cat(states), (hidden[None],)


def _either(
    chain: type[Chain],
    elsewhere: Kernel,
    vectors: Tensor,
    sizes: list[int],
    state: State,
    weights: list[Tensor],
) -> tuple[Tensor, State]:
    """On a processor the chain, unless autocast narrows its products; elsewhere the other kernel."""
    if vectors.device.type != "cpu" or torch.is_autocast_enabled("cpu"):
        return elsewhere(vectors, sizes, state, weights)
    W, U, b, *d = weights
    starts = (part[0] for part in state)
    states, *ends = Recurrence.apply(chain, sizes, vectors, W, U, b, *(d or [torch.zeros_like(b)]), *starts)  # type: ignore[no-untyped-call]
    return states, tuple(part[None] for part in (states[-sizes[-1] :], *ends))


KERNELS: Mapping[Any, Kernel] = {  # by the equation of one step, to which tests hold it
    cells.lesson: partial(_either, Rnn, partial(_step_by_step, lambda state: state)),
    cells.gru: partial(_either, Gru, partial(_fused, torch.gru)),
    cells.lstm: partial(_either, Lstm, partial(_fused, torch.lstm)),
}
ACTIVATED: Mapping[str, Kernel] = {  # of `cells.rnn`
    "tanh": partial(_either, TanhRnn, partial(_fused, torch.rnn_tanh)),
    "relu": partial(_either, ReluRnn, partial(_fused, torch.rnn_relu)),
    "sigmoid": partial(_either, SigmoidRnn, partial(_step_by_step, torch.sigmoid)),
}
