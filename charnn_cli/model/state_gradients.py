"""How much of the loss reaches each hidden state: what vanishes, and what explodes."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from charnn_cli.errors import UsageError
from charnn_cli.model.layers import Unrolling
from charnn_cli.model.network import NameClassifier


def hidden_state_gradients(
    model: NameClassifier, symbols: Tensor, lengths: Tensor, ngrams: Tensor | None, origins: Tensor
) -> list[NDArray[np.float32]]:
    """For each name the norms (T_n,) of its cross-entropy's gradient with respect to each hidden state.

    Entry d belongs to the state d steps before the last symbol, in the last layer's forward direction; the
    lesson's output never reads the state after the last symbol, so its entries begin with the state before it
    and are one fewer. A state's gradient holds every way in which it reaches the loss: as a feature, and
    through the states after it (of an LSTM, its cell state too). Dropout and truncation are off, the weights' own
    gradients untouched. Raises UsageError for an `mlp`, which has no states.
    """
    kind = model.architecture.kind
    if not kind.has_steps:
        raise UsageError(f"an {model.architecture.cell} has no hidden states", "choose a network with a recurrent cell")
    how = Unrolling(every=1, cut=False, states=[])
    training = model.training
    model.eval()
    try:
        with torch.enable_grad():
            logits = model.unrolled(symbols, lengths, ngrams, how)
            loss = functional.cross_entropy(logits, origins, reduction="sum")  # of names that share nothing
    finally:
        model.train(training)
    read = (lengths - 1 if kind.joint else lengths).clamp(min=0).cpu()
    if not how.states or not how.states[-1]:
        return [np.zeros(0, dtype=np.float32) for _ in range(len(lengths))]
    steps = how.states[-len(model.architecture.directions)]
    gradients = torch.autograd.grad(loss, steps, materialize_grads=True)
    norms = np.zeros((len(lengths), len(steps)), dtype=np.float32)
    longest_first = torch.sort(read, descending=True, stable=True).indices.numpy()
    for step, gradient in enumerate(gradients):
        # In double precision, as the squares of what has all but vanished are zero in float32.
        of_names = gradient.cpu().double().norm(dim=-1).flatten()  # of the names that have this step, longest first
        norms[longest_first[: len(of_names)], step] = of_names.numpy()
    return [row[:length][::-1].copy() for row, length in zip(norms, read.tolist(), strict=True)]
