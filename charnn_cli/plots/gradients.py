"""What of the loss reaches each hidden state: vanishing and exploding gradients, one line a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

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

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
