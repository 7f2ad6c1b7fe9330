"""Vectors of symbols and of names, for `charnn plot embedding`."""

import numpy as np
from numpy.typing import NDArray

from charnn_cli.plots.gather import shown_symbols
from charnn_cli.text.alphabet import BEGIN, END, FIRST_SYMBOL, Symbols
from charnn_cli.trained import TrainedModel


def symbol_vectors(trained: TrainedModel) -> tuple[NDArray[np.float32], tuple[str, ...], str]:
    """A vector (D,) for each learned symbol, the symbols as shown, and what the vectors are.

    Where symbols have no vectors of their own, as with one-hot input, a symbol's column of the first layer's input
    weights stands for it: all that the network makes of that symbol.
    """
    tensors, size = trained.tensors, len(trained.alphabet)
    what = "symbols, by their weights into the first layer"
    if "embedding.weight" in tensors:
        vectors, what = tensors["embedding.weight"], "symbols, by their embeddings"  # (V, E)
    elif "i2h.weight" in tensors:
        vectors = tensors["i2h.weight"][:, :size].T  # (V, H)
    elif "layers.0.weight" in tensors:
        vectors = tensors["layers.0.weight"].T
    else:
        parts = [tensors[f"layers.0.{direction}.weight_ih"] for direction in trained.architecture.directions]
        vectors = np.concatenate(parts).T
    learned = [*((BEGIN, END) if trained.rules.boundaries else ()), *range(FIRST_SYMBOL, size)]
    return vectors[learned], shown_symbols(learned, trained.alphabet.characters), what


def name_vectors(trained: TrainedModel, symbols: Symbols) -> tuple[NDArray[np.float32], str]:
    """A vector for each name, (N, D), and what it is: what the head reads; of the lesson's cell, its last state."""
    from charnn_cli.engine import Engine

    engine = Engine(trained)
    if trained.architecture.cell != "lesson":
        return engine.features(symbols), "names, by the state that the answer is read from"
    states = np.zeros((len(symbols), trained.architecture.hidden_size), dtype=np.float32)
    for row, (start, end) in enumerate(zip(symbols.offsets[:-1], symbols.offsets[1:], strict=True)):
        if end > start:
            one = Symbols(symbols.ids[start:end], np.array([0, end - start]))
            states[row] = engine.trace(one).of(0, "forward").states[-1]
    return states, "names, by their last hidden state"
