"""What gates do, letter by letter: heat maps of gates and states, one row of panels a layer and direction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import UsageError
from charnn_cli.plots.request import Request, Takes, caption_of_names, check_panels, read_texts, shown_symbols
from charnn_cli.plots.style import GATE_COLOURS, STATE_COLOURS, drawing, new_figure
from charnn_cli.predict import Predictor

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from charnn_cli.engine.trace import DirectionTrace

TAKES = Takes(names=True)
GATES = {"forget": "keep", "input": "write", "output": "show", "reset": "read the state", "update": "keep"}


@dataclass(frozen=True, slots=True)
class Heat:
    """One quantity of every hidden unit after each symbol."""

    title: str
    values: NDArray[np.floating]  # (T, H)
    is_gate: bool  # between 0 and 1; else a state around 0


@dataclass(frozen=True, slots=True)
class HeatRow:
    """What one layer and direction did with one name."""

    title: str
    symbols: tuple[str, ...]  # T, begin and end included
    heats: tuple[Heat, ...]

    def unit_order(self) -> NDArray[np.int64]:
        """Units by rising mean of the first quantity, so that units alike stand together in every panel, (H,)."""
        return np.argsort(self.heats[0].values.mean(axis=0), kind="stable")


def make(request: Request) -> "Figure":
    """Gates and states of the wanted names, symbol by symbol."""
    trained = request.run.trained
    if not trained.architecture.kind.has_steps:
        raise UsageError(
            f"a network of the cell '{trained.architecture.cell}' has no states to show",
            "plot a run with a recurrent cell",
        )
    predictor = Predictor(trained)
    rows = []
    for name, text in zip(request.names, read_texts(request, predictor), strict=True):
        symbols = trained.encode_texts([text])
        letters = shown_symbols(symbols.ids.tolist(), trained.alphabet.characters)
        parts = predictor.reader.trace(symbols).directions
        for part in parts:
            where = f"{name}, layer {part.layer + 1}, {part.direction}" if len(parts) > 1 else name
            rows.append(HeatRow(where, letters, _heats(part)))
    check_panels(len(rows))
    return draw(rows, caption=caption_of_names(request, "units sorted by the mean of the row's first panel"))


def _heats(part: "DirectionTrace") -> tuple[Heat, ...]:
    heats = [
        Heat(f"{gate} gate (1: {open_means})", part.gates[gate], is_gate=True)
        for gate, open_means in GATES.items()
        if gate in part.gates
    ]
    if "cell" in part.gates:
        return (*heats, Heat("cell state", part.gates["cell"], is_gate=False))
    return (*heats, Heat("hidden state", part.states, is_gate=False))


def draw(rows: Sequence[HeatRow], *, caption: str) -> "Figure":
    """Rows of panels, a column a quantity; symbols across, hidden units up."""
    columns = max(len(row.heats) for row in rows)
    longest = max(len(row.symbols) for row in rows)
    width = min(max(0.2 * longest + 1.2, 2.9), 7.0)
    with drawing(text for row in rows for text in (row.title, *row.symbols)) as lettering:
        figure = new_figure(
            max(width * columns, 6.0),
            0.8 + 3.0 * len(rows),
            title="Gates and states, symbol by symbol",
            caption=caption,
        )
        grid = figure.subplots(len(rows), columns, squeeze=False)
        for panels, row in zip(grid, rows, strict=True):
            order = row.unit_order()
            symbols = [lettering.spell(symbol) for symbol in row.symbols]
            for axes, heat in zip(panels, row.heats, strict=False):
                _heat(figure, axes, heat, order, symbols, width)
            panels[0].set_ylabel(f"{lettering.spell(row.title)}\nhidden unit, sorted", fontsize=8)
            for axes in panels[len(row.heats) :]:
                axes.set_axis_off()
    return figure


def _heat(
    figure: "Figure", axes: "Axes", heat: Heat, order: NDArray[np.int64], symbols: Sequence[str], width: float
) -> None:
    from matplotlib.ticker import MaxNLocator

    values = heat.values[:, order].T  # (H, T)
    strongest = max(float(np.abs(values).max(initial=0)), 1e-6)
    low, high, colours = (0.0, 1.0, GATE_COLOURS) if heat.is_gate else (-strongest, strongest, STATE_COLOURS)
    image = axes.imshow(values, aspect="auto", origin="lower", vmin=low, vmax=high, cmap=colours)
    axes.grid(False)
    axes.set_title(heat.title)
    axes.set_xticks(range(len(symbols)), symbols, fontsize=min(9.0, 72 * (width - 1.0) / len(symbols) * 1.1))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    bar = figure.colorbar(image, ax=axes, fraction=0.06, pad=0.02)
    if heat.is_gate:
        bar.ax.set_yticks([0, 0.5, 1], ["0", "0.5", "1"], fontsize=7)
    else:
        bar.ax.tick_params(labelsize=7)
