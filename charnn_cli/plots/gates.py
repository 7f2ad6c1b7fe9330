"""What gates do, letter by letter: heat maps of gates and states, one row of panels a layer and direction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charnn_cli.plots.style import GATE_COLOURS, STATE_COLOURS, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Heat:
    """One quantity of every hidden unit after each symbol."""

    title: str
    values: NDArray[np.floating]  # (T, H)
    is_gate: bool  # between 0 and 1; else a state around 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What one layer and direction did with one name."""

    title: str
    symbols: tuple[str, ...]  # T, begin and end included
    heats: tuple[Heat, ...]

    def unit_order(self) -> NDArray[np.int64]:
        """Units by rising mean of the first quantity, so that units alike stand together in every panel, (H,)."""
        return np.argsort(self.heats[0].values.mean(axis=0), kind="stable")


def draw(readings: Sequence[Reading], *, caption: str) -> "Figure":
    """A row of panels a reading, a column a quantity; symbols across, hidden units up."""
    columns = max(len(reading.heats) for reading in readings)
    longest = max(len(reading.symbols) for reading in readings)
    width = min(max(0.2 * longest + 1.2, 2.9), 7.0)
    with drawing(text for reading in readings for text in (reading.title, *reading.symbols)) as lettering:
        figure = new_figure(
            max(width * columns, 6.0),
            0.8 + 3.0 * len(readings),
            title="Gates and states, symbol by symbol",
            caption=caption,
        )
        panels = figure.subplots(len(readings), columns, squeeze=False)
        for row, reading in zip(panels, readings, strict=True):
            order = reading.unit_order()
            symbols = [lettering.spell(symbol) for symbol in reading.symbols]
            for axes, heat in zip(row, reading.heats, strict=False):
                _heat(figure, axes, heat, order, symbols, width)
            row[0].set_ylabel(f"{lettering.spell(reading.title)}\nhidden unit, sorted", fontsize=8)
            for axes in row[len(reading.heats) :]:
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
