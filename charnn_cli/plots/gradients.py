"""What of the loss reaches each hidden state: vanishing and exploding gradients, one line a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from charnn_cli.architecture import Architecture
from charnn_cli.choices import Activation, Cell
from charnn_cli.errors import ModelError, UsageError
from charnn_cli.plots.request import Request, Takes, caption, labelled, readable
from charnn_cli.plots.style import (
    LEGEND_ROW,
    colour,
    drawing,
    key,
    legend_below,
    log_scale,
    look,
    new_figure,
    whole_ticks,
)
from charnn_cli.store import Run
from charnn_cli.text.alphabet import FIRST_SYMBOL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from charnn_cli.model import NameClassifier, Scheme

TAKES = Takes(runs=True, data=True)
MOST_NAMES = 200
FRESH_NAMES, FRESH_LETTERS, FRESH_UNITS, FRESH_ORIGINS = 64, 40, 128, 18

FEWEST_NAMES = 20  # a median of fewer jumps from step to step
MOST_BANDS = 3  # lines with a shaded spread; more of them cover each other


@dataclass(frozen=True, slots=True)
class Spread:
    """Gradient norms of one network over several names, by distance from the end, (D,) each; 0 is the last state."""

    name: str
    median: NDArray[np.float64]
    lower: NDArray[np.float64]  # first quartile
    upper: NDArray[np.float64]  # third quartile

    @classmethod
    def of(cls, name: str, norms: Sequence[NDArray[np.floating]], fewest: int = FEWEST_NAMES) -> "Spread":
        """Summarise the norms (T_n,) of N ≥ 1 names, as far from the end as `fewest` of them (or all) reach."""
        longest = max(map(len, norms), default=0)
        table = np.full((len(norms), longest), np.nan)
        for row, values in zip(table, norms, strict=True):
            row[: len(values)] = values
        reach = np.isfinite(table).sum(axis=0) >= min(fewest, len(norms))
        lower, median, upper = (
            np.nanquantile(table[:, reach], (0.25, 0.5, 0.75), axis=0) if len(norms) else np.empty((3, 0))
        )
        return cls(name, median, lower, upper)

    @property
    def vanished_at(self) -> int | None:
        """The first distance from which on the median is exactly 0, which no log axis shows."""
        zero = np.flatnonzero(self.median > 0)
        end = int(zero[-1]) + 1 if len(zero) else 0
        return end if end < len(self.median) else None


@dataclass(frozen=True, slots=True)
class FreshCell:
    """A cell and its initialisation, as the shipped recipes and the lesson name them."""

    name: str
    cell: Cell
    activation: Activation = "tanh"
    initialisation: "Scheme" = "default"


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


def make(request: Request) -> "Figure":
    """Norms of the loss's gradient by distance from the end of the name."""
    if not request.runs:
        spreads, note = fresh_cells()
        return draw(spreads, caption=note)
    spreads = [of_run(request, run, name) for run, name in zip(request.runs, request.titles(), strict=True)]
    state = "networks as initialised, untrained" if request.fresh else ""
    split = f"{'given names' if request.data else 'test split'}, the {MOST_NAMES} longest"
    return draw(spreads, caption=caption(request, split, state))


def of_run(request: Request, run: Run, name: str) -> Spread:
    """The norms over the longest of a run's test names, by its own network, or by one as it began.

    Raises UsageError for a cell without states.
    """
    import torch

    from charnn_cli.model import from_trained, hidden_state_gradients, ngram_batch

    trained = run.trained
    if not trained.architecture.kind.has_steps:
        raise UsageError(
            f"'{name}' is an {trained.architecture.cell}, which has no states",
            "leave it out, or choose a recurrent cell",
        )
    found = labelled(request, run)
    rows = longest(found.names, readable(found, run), MOST_NAMES)
    symbols = trained.encode([found.names[row] for row in rows])
    padded = symbols.padded(np.arange(len(symbols)))  # (N, T)
    norms = hidden_state_gradients(
        _as_it_began(run) if request.fresh else from_trained(trained),
        torch.from_numpy(padded.astype(np.int64)),
        torch.from_numpy(symbols.lengths),
        None if trained.ngrams is None else ngram_batch(trained.ngrams, padded),
        torch.from_numpy(found.origins[rows]),
    )
    return Spread.of(name, norms)


def _as_it_began(run: Run) -> "NameClassifier":
    from charnn_cli.model import Scheme

    section = run.config.get("model") or {}
    scheme, forget_bias = section.get("initialisation", "default"), section.get("forget_bias", 1.0)
    seed = run.config.get("seed", 0)
    if scheme not in get_args(Scheme) or not isinstance(forget_bias, int | float) or not isinstance(seed, int):
        raise ModelError("does not say how its network began", "train again", where=run.folder / "config.yaml")
    trained = run.trained
    return _untrained(
        trained.architecture,
        seed,
        num_symbols=len(trained.alphabet),
        num_labels=len(trained.labels),
        num_ngrams=0 if trained.ngrams is None else len(trained.ngrams),
        initialisation=scheme,
        forget_bias=forget_bias,
    )


def _untrained(architecture: Architecture, seed: int, **sizes_and_start: Any) -> "NameClassifier":
    import torch

    from charnn_cli.model import NameClassifier

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return NameClassifier(architecture, **sizes_and_start)


def fresh_cells() -> tuple[list[Spread], str]:
    """The norms of untrained networks over random letters, one line a cell, and the caption that says so."""
    import torch

    from charnn_cli.model import hidden_state_gradients

    rng = np.random.default_rng(0)
    num_symbols = FIRST_SYMBOL + 26
    symbols = torch.from_numpy(rng.integers(FIRST_SYMBOL, num_symbols, (FRESH_NAMES, FRESH_LETTERS)))
    lengths = torch.full((FRESH_NAMES,), FRESH_LETTERS)
    origins = torch.from_numpy(rng.integers(0, FRESH_ORIGINS, FRESH_NAMES))
    shape: dict[str, Any] = {"hidden_size": FRESH_UNITS, "bidirectional": False, "input": "one_hot", "wide": False}
    spreads = []
    for fresh in FRESH_CELLS:
        network = _untrained(
            Architecture(cell=fresh.cell, activation=fresh.activation, **shape),
            seed=0,
            num_symbols=num_symbols,
            num_labels=FRESH_ORIGINS,
            initialisation=fresh.initialisation,
        )
        spreads.append(Spread.of(fresh.name, hidden_state_gradients(network, symbols, lengths, None, origins)))
    note = (
        f"no run: networks as initialised, {FRESH_UNITS} units, one-hot letters, one direction, seed 0 · "
        f"no data, no split: {FRESH_NAMES} random texts of {FRESH_LETTERS} letters, {FRESH_ORIGINS} origins"
    )
    return spreads, note


def longest(names: Sequence[str], rows: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The rows with the longest names, at most `count`, longest first; equal lengths in their order."""
    lengths = np.array([len(names[row]) for row in rows])
    return rows[np.argsort(-lengths, kind="stable")[:count]]


def draw(spreads: Sequence[Spread], *, caption: str) -> "Figure":
    """One line a network; quartiles are shaded where there are few lines."""
    with drawing([spread.name for spread in spreads]) as lettering:
        rows = (len(spreads) + 1) // 2
        figure = new_figure(
            7.5,
            4.8 + LEGEND_ROW * rows,
            title="Gradient of the loss with respect to each hidden state",
            caption=caption,
            legend_rows=rows,
        )
        axes = figure.add_subplot()
        keys = []
        for index, spread in enumerate(spreads):
            shown = np.flatnonzero(spread.median > 0)
            every = max(len(shown) // 15, 1)
            axes.plot(shown, spread.median[shown], label=spread.name, markevery=every, **look(index))
            if len(spreads) <= MOST_BANDS:
                lower = np.maximum(spread.lower[shown], spread.median[shown] * 1e-3)
                axes.fill_between(shown, lower, spread.upper[shown], color=colour(index), alpha=0.15, linewidth=0)
            note = "" if spread.vanished_at is None else f" (exactly 0 from {spread.vanished_at} on)"
            keys.append(key(lettering.spell(spread.name) + note, **look(index)))
        log_scale(axes)
        whole_ticks(axes)
        axes.set_xlabel("distance from the end of the name (symbols)")
        shaded = " (shaded: quartiles)" if len(spreads) <= MOST_BANDS else ""
        axes.set_ylabel(f"gradient norm, median over names{shaded}")
        legend_below(figure, keys, columns=2)
    return figure
