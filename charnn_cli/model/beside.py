"""Parts of a network that wait for nothing of each other, each in a thread of its own.

The two directions of a layer are such parts. torch computes one operation after the other, forward and backward; here
every part is a graph of its own, whose operations run beside those of the others, on another core where there is one.
What each computes, and so every bit of it, is the same as one after the other.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor

from charnn_cli.processes import processors

Part = Callable[..., list[Tensor]]


def side_by_side(part: Part, inputs: Sequence[Sequence[Tensor]]) -> list[list[Tensor]]:
    """`part(*tensors)` for each list of input tensors; gradients pass through the inputs alone.

    In threads on the CPU where a process has two processors; one after the other elsewhere, and inside autocast, whose
    state other threads do not share.
    """
    on_cpu = inputs[0][0].device.type == "cpu" and not torch.is_autocast_enabled("cpu")
    if len(inputs) < 2 or not on_cpu or _processors() < 2:
        return [part(*tensors) for tensors in inputs]
    if not torch.is_grad_enabled():  # which other threads do not share either
        return _each([partial(torch.no_grad()(part), *tensors) for tensors in inputs])
    graphs: list[_Graph] = [_Graph(tensors) for tensors in inputs]
    outputs = iter(_Beside.apply(part, graphs, *(tensor for tensors in inputs for tensor in tensors)))  # type: ignore[no-untyped-call]
    return [[next(outputs) for _ in graph.outputs] for graph in graphs]


class _Graph:
    """What a part computes from inputs of its own.

    The part itself is not kept: where it can reach what it was asked for, no collector would see the circle.
    """

    def __init__(self, inputs: Sequence[Tensor]) -> None:
        self.inputs = [tensor.detach().requires_grad_(tensor.requires_grad) for tensor in inputs]
        self.outputs: list[Tensor] = []

    def forward(self, part: Part) -> None:
        with torch.enable_grad():
            self.outputs = part(*self.inputs)

    def backward(self, gradients: Sequence[Tensor]) -> list[Tensor | None]:
        """The inputs' gradients, None where one needs none."""
        asked = [tensor for tensor in self.inputs if tensor.requires_grad]
        found = iter(torch.autograd.grad(self.outputs, asked, gradients, allow_unused=True))
        return [next(found) if tensor.requires_grad else None for tensor in self.inputs]


class _Beside(torch.autograd.Function):
    """The graphs as one operation of the graph around them."""

    @staticmethod
    def forward(ctx: Any, part: Part, graphs: list[_Graph], *inputs: Tensor) -> tuple[Tensor, ...]:
        ctx.graphs = graphs
        _each([partial(graph.forward, part) for graph in graphs])
        return tuple(output.detach() for graph in graphs for output in graph.outputs)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        given = iter(gradients)
        own = [[next(given) for _ in graph.outputs] for graph in ctx.graphs]
        calls = [lambda graph=graph, own=own: graph.backward(own) for graph, own in zip(ctx.graphs, own, strict=True)]
        return (None, None, *(gradient for found in _each(calls) for gradient in found))


def _each(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What the calls return: the last made here, the others beside it."""
    *others, last = calls
    running = [_threads().submit(call) for call in others]
    here = last()
    return [*(one.result() for one in running), here]


@cache
def _processors() -> int:
    """How many this process has, of those that torchrun's processes share."""
    return processors() // int(os.environ.get("LOCAL_WORLD_SIZE", "1"))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="direction")
