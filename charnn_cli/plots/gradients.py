"""What of the gradient at the end of a name arrives further back: vanishing and exploding, one line a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from charnn_cli.architecture import Architecture
from charnn_cli.choices import Activation, Cell
from charnn_cli.errors import ModelError, UsageError
from charnn_cli.plots.lettering import told_apart
from charnn_cli.plots.placing import LineEnd, name_ends
from charnn_cli.plots.request import Request, Takes, caption, labelled, readable
from charnn_cli.plots.style import colour, drawing, log_scale, look, new_figure, power_of_ten, whole_ticks
from charnn_cli.store import Run
from charnn_cli.text.alphabet import FIRST_SYMBOL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from charnn_cli.model import NameClassifier, Scheme

TAKES = Takes(runs=True, data=True, writers=False)
MOST_NAMES = 200
FRESH_NAMES, FRESH_LETTERS, FRESH_UNITS, FRESH_ORIGINS = 64, 40, 128, 18

FEWEST_NAMES = 20  # a median of fewer jumps from step to step
MOST_QUARTILES = 4  # lines with their quartiles beside them; more of them cover each other
LONGEST_NAME = 28  # characters
FLOOR = 1e-12  # where the axis ends, and an arrow says how far down it goes
HEIGHT = 4.4  # inches, of the axes


@dataclass(frozen=True, slots=True)
class Spread:
    """Gradients of one network over several names, by distance from the end, (D,) each; 0 is the last state."""

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

    @classmethod
    def of_shares(cls, name: str, norms: Sequence[NDArray[np.floating]]) -> "Spread":
        """The same of norms (T_n,) as shares of each name's own at the end, names without a gradient left out."""
        return cls.of(name, [values / values[0] for values in norms if len(values) and values[0] > 0])

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
        fresh, note = fresh_norms()
        return draw([Spread.of_shares(name, norms) for name, norms in fresh.items()], caption=note)
    named = zip(request.runs, request.titles(), strict=True)
    spreads = [Spread.of_shares(name, norms_of(request, run, name)) for run, name in named]
    state = "networks as initialised, untrained" if request.fresh else ""
    split = f"{'given names' if request.data else 'test split'}, the {MOST_NAMES} longest"
    return draw(spreads, caption=caption(request, split, state))


def norms_of(request: Request, run: Run, name: str) -> list[NDArray[np.float32]]:
    """The norms (T_n,) of the longest of a run's test names, by its own network, or by one as it began.

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
    return hidden_state_gradients(
        _as_it_began(run) if request.fresh else from_trained(trained),
        torch.from_numpy(padded.astype(np.int64)),
        torch.from_numpy(symbols.lengths),
        None if trained.ngrams is None else ngram_batch(trained.ngrams, padded),
        torch.from_numpy(found.origins[rows]),
    )


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


def fresh_norms() -> tuple[dict[str, list[NDArray[np.float32]]], str]:
    """The norms of untrained networks over random letters, by cell, and the caption that says so."""
    import torch

    from charnn_cli.model import hidden_state_gradients

    rng = np.random.default_rng(0)
    num_symbols = FIRST_SYMBOL + 26
    symbols = torch.from_numpy(rng.integers(FIRST_SYMBOL, num_symbols, (FRESH_NAMES, FRESH_LETTERS)))
    lengths = torch.full((FRESH_NAMES,), FRESH_LETTERS)
    origins = torch.from_numpy(rng.integers(0, FRESH_ORIGINS, FRESH_NAMES))
    shape: dict[str, Any] = {"hidden_size": FRESH_UNITS, "bidirectional": False, "input": "one_hot", "wide": False}
    norms = {}
    for fresh in FRESH_CELLS:
        network = _untrained(
            Architecture(cell=fresh.cell, activation=fresh.activation, **shape),
            seed=0,
            num_symbols=num_symbols,
            num_labels=FRESH_ORIGINS,
            initialisation=fresh.initialisation,
        )
        norms[fresh.name] = hidden_state_gradients(network, symbols, lengths, None, origins)
    note = (
        f"no run: networks as initialised, {FRESH_UNITS} units, one-hot letters, one direction, seed 0 · "
        f"no data, no split: {FRESH_NAMES} random texts of {FRESH_LETTERS} letters, {FRESH_ORIGINS} origins"
    )
    return norms, note


def longest(names: Sequence[str], rows: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The rows with the longest names, at most `count`, longest first; equal lengths in their order."""
    lengths = np.array([len(names[row]) for row in rows])
    return rows[np.argsort(-lengths, kind="stable")[:count]]


def draw(spreads: Sequence[Spread], *, caption: str) -> "Figure":
    """One line a network, its name at its end; quartiles are thin lines where there are few networks."""
    with drawing([spread.name for spread in spreads]) as lettering:
        names = [lettering.spell(name) for name in told_apart([spread.name for spread in spreads], LONGEST_NAME)]
        figure = new_figure(
            8.2, HEIGHT + 1.2, title="What of the gradient arrives, by distance from the end", caption=caption
        )
        axes = figure.add_subplot()
        log_scale(axes)
        whole_ticks(axes)
        furthest = max((len(spread.median) for spread in spreads), default=1)
        least = min((float(spread.lower[spread.lower > 0].min(initial=1.0)) for spread in spreads), default=1.0)
        most = max((float(spread.upper.max(initial=1.0)) for spread in spreads), default=1.0)
        axes.set(xlim=(0, max(furthest - 1, 1)), ylim=(max(0.5 * least, FLOOR), 2 * most))
        ends = [
            _line(axes, spread, name, index, len(spreads))
            for index, (spread, name) in enumerate(zip(spreads, names, strict=True))
        ]
        name_ends(axes, [end for end in ends if end is not None], height=HEIGHT)
        axes.set_xlabel("distance from the end of the name (symbols)")
        thin = " (thin: quartiles)" if len(spreads) <= MOST_QUARTILES else ""
        axes.set_ylabel(
            f"gradient of the loss at each hidden state,\nas a share of that at the end: median over names{thin}"
        )
    return figure


def _line(axes: "Axes", spread: Spread, name: str, index: int, of: int) -> LineEnd | None:
    """A network's line down to where it leaves the axes, which an arrow says; what to call it, and where."""
    above = spread.median >= axes.get_ylim()[0]
    end = int(np.argmin(above)) if not above.all() else len(above)  # the first place below
    if not end:
        return None
    shown = np.arange(end)
    axes.plot(shown, spread.median[:end], label=name, markevery=max(end // 15, 1), **look(index))
    if of <= MOST_QUARTILES:
        for values in (spread.lower, spread.upper):
            axes.plot(shown, values[:end], color=colour(index), linewidth=0.6, alpha=0.7, label="_quartile")
    note = ""
    if spread.vanished_at is not None:
        note = f"\n(exactly 0 from {spread.vanished_at} on)"
    elif end < len(above):
        note = f"\n↓ {power_of_ten(10.0 ** round(float(np.log10(spread.median[-1]))))} at {len(above) - 1}"
        axes.plot(end - 1, spread.median[end - 1], marker=11, markersize=9, color=colour(index), label="_arrow")
    return LineEnd(float(shown[-1]), float(spread.median[end - 1]), name + note, colour(index))
