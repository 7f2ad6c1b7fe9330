"""Gradient norms of trained and of fresh networks, for `charnn plot gradients`; imports torch."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np
import torch

from charnn_cli.architecture import Activation, Architecture, Cell
from charnn_cli.errors import ModelError, UsageError
from charnn_cli.model import NameClassifier, Scheme, from_trained, hidden_state_gradients, ngram_batch
from charnn_cli.plots.gather import Request, examples, longest, readable
from charnn_cli.plots.gradients import Spread
from charnn_cli.text.alphabet import FIRST_SYMBOL

if TYPE_CHECKING:
    from charnn_cli.store import Run

MOST_NAMES = 200
FRESH_NAMES, FRESH_LETTERS, FRESH_UNITS, FRESH_ORIGINS = 64, 40, 128, 18


@dataclass(frozen=True, slots=True)
class FreshCell:
    """A cell and its initialisation, as the shipped recipes and the lesson name them."""

    name: str
    cell: Cell
    activation: Activation = "tanh"
    initialisation: Scheme = "default"


FRESH_CELLS = (
    FreshCell("RNN, sigmoid", "rnn", "sigmoid"),
    FreshCell("RNN, tanh", "rnn"),
    FreshCell("RNN, tanh, Xavier", "rnn", "tanh", "xavier"),
    FreshCell("RNN, ReLU, He", "rnn", "relu", "he"),
    FreshCell("RNN, ReLU, identity", "rnn", "relu", "identity"),
    FreshCell("GRU", "gru"),
    FreshCell("LSTM, forget bias 1", "lstm"),
    FreshCell("the lesson's cell", "lesson"),
)


def of_run(request: Request, run: "Run", name: str) -> Spread:
    """The norms over the longest of a run's test names, by its own network, or by one as it began.

    Raises UsageError for an `mlp`, which has no states.
    """
    if run.trained.architecture.cell == "mlp":
        raise UsageError(f"'{name}' is an mlp, which has no states", "leave it out, or choose a recurrent cell")
    found = examples(request, run)
    rows = longest(found.names, readable(found, run), MOST_NAMES)
    symbols = run.trained.encode([found.names[row] for row in rows])
    padded = symbols.padded(np.arange(len(symbols)))  # (N, T)
    ngrams = None if run.trained.ngrams is None else ngram_batch(run.trained.ngrams, padded)
    norms = hidden_state_gradients(
        _network(run, fresh=request.fresh),
        torch.from_numpy(padded.astype(np.int64)),
        torch.from_numpy(symbols.lengths),
        ngrams,
        torch.from_numpy(found.origins[rows]),
    )
    return Spread.of(name, norms)


def _network(run: "Run", *, fresh: bool) -> NameClassifier:
    if not fresh:
        return from_trained(run.trained)
    section = run.config.get("model") or {}
    scheme, forget_bias = section.get("initialisation", "default"), section.get("forget_bias", 1.0)
    seed = run.config.get("seed", 0)
    if scheme not in get_args(Scheme) or not isinstance(forget_bias, int | float) or not isinstance(seed, int):
        raise ModelError("does not say how its network began", "train again", where=run.folder / "config.yaml")
    ngrams = run.trained.ngrams
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return NameClassifier(
            run.trained.architecture,
            num_symbols=len(run.trained.alphabet),
            num_labels=len(run.trained.labels),
            num_ngrams=0 if ngrams is None else len(ngrams),
            initialisation=scheme,
            forget_bias=forget_bias,
        )


def fresh_cells() -> tuple[list[Spread], str]:
    """The norms of untrained networks over random letters, one line a cell, and the caption that says so."""
    rng = np.random.default_rng(0)
    num_symbols = FIRST_SYMBOL + 26
    symbols = torch.from_numpy(rng.integers(FIRST_SYMBOL, num_symbols, (FRESH_NAMES, FRESH_LETTERS)))
    lengths = torch.full((FRESH_NAMES,), FRESH_LETTERS)
    origins = torch.from_numpy(rng.integers(0, FRESH_ORIGINS, FRESH_NAMES))
    spreads = []
    for cell in FRESH_CELLS:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            network = NameClassifier(
                _fresh_architecture(cell),
                num_symbols=num_symbols,
                num_labels=FRESH_ORIGINS,
                initialisation=cell.initialisation,
            )
        spreads.append(Spread.of(cell.name, hidden_state_gradients(network, symbols, lengths, None, origins)))
    note = (
        f"no run: networks as initialised, {FRESH_UNITS} units, one-hot letters, one direction, seed 0 · "
        f"no data, no split: {FRESH_NAMES} random texts of {FRESH_LETTERS} letters, {FRESH_ORIGINS} origins"
    )
    return spreads, note


def _fresh_architecture(cell: FreshCell) -> Architecture:
    return Architecture(
        cell=cell.cell,
        activation=cell.activation,
        hidden_size=FRESH_UNITS,
        bidirectional=False,
        input="one_hot",
        wide=False,
    )
