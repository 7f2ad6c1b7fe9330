"""What gates do, letter by letter: how far they open above, the units that the answer rests on below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import UsageError
from charnn_cli.plots.lettering import Lettering
from charnn_cli.plots.request import (
    Request,
    Takes,
    caption_of_names,
    check_panels,
    plain_text,
    read_as,
    read_texts,
    shown_symbols,
)
from charnn_cli.plots.style import (
    DIVERGING,
    LEGEND_ROW,
    colour,
    drawing,
    key,
    legend_below,
    letter_ticks,
    look,
    new_figure,
    percent,
    wrapped,
)
from charnn_cli.predict import Predictor
from charnn_cli.trained import TrainedModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

    from charnn_cli.engine.trace import DirectionTrace

TAKES = Takes(names=True, writers=False)
GATES = {"forget": "keep", "input": "write", "output": "show", "reset": "read the state", "update": "keep"}
MOST_UNITS = 16
GATES_INCHES, UNIT_INCHES = 1.5, 0.17
MOST_ACROSS = 3  # panels side by side
BOLD = 10.5  # points that letters in bold take of the 9 that they have
MARKED = 0.25  # of the largest state; what lies as far below 0 gets a minus


@dataclass(frozen=True, slots=True)
class Panel:
    """What one direction of the last layer did with one name of T symbols."""

    name: str
    plain: str  # its text without marks
    answer: str
    way: str  # how it reads, where it reads both ways
    symbols: tuple[str, ...]  # T, begin and end included
    gates: Mapping[str, NDArray[np.floating]]  # (T, H) each, between 0 and 1
    states: NDArray[np.floating]  # (T, K), of the units shown
    units: NDArray[np.int64]  # (K,) their numbers


def make(request: Request) -> "Figure":
    """Gates, and the states of the units that the answers rest on, symbol by symbol."""
    trained = request.run.trained
    if not trained.architecture.kind.has_steps:
        raise UsageError(
            f"a network of the cell '{trained.architecture.cell}' has no states to show",
            "plot a run with a recurrent cell",
        )
    predictor = Predictor(trained)
    texts = read_texts(request, predictor)
    ways = len(trained.architecture.directions)
    check_panels(-(-len(texts) * ways // _across(len(texts), ways)) * 2)
    symbols = trained.encode_texts(texts)
    probabilities = predictor.probabilities(predictor.logits_of_texts(texts))
    answers = probabilities.argmax(axis=1)
    units = leading_units(trained, predictor.reader.features(symbols), answers)
    panels = []
    for name, text, best, shares in zip(request.names, texts, answers, probabilities, strict=True):
        own = trained.encode_texts([text])
        letters = shown_symbols(own.ids.tolist(), trained.alphabet.characters, trained.rules.marks or ())
        answer = f"{trained.labels[best]} {percent(shares[best])}"
        for part, chosen in zip(predictor.reader.trace(own).directions[-ways:], units, strict=True):
            told = (name, plain_text(name, trained.rules), answer)
            panels.append(_panel(part, chosen, told, letters, both=ways > 1))
    depth = trained.architecture.num_layers
    layer = f"layer {depth} of {depth}, which is the one that the answer is read from" if depth > 1 else ""
    chosen_by = "units by what they add to the logit of the answer, most first"
    what = "cell state" if "cell" in trained.architecture.kind.state else "hidden state"
    note = " · ".join(filter(None, [chosen_by, layer]))
    return draw(panels, what, across=_across(len(texts), ways), caption=caption_of_names(request, note))


def leading_units(
    trained: TrainedModel, features: NDArray[np.floating], answers: NDArray[np.integer], count: int = MOST_UNITS
) -> list[NDArray[np.int64]]:
    """For each direction the units that most of these answers (N,) rest on, read from features (N, D); most first.

    A unit's part is its feature times how far its weight for the answer lies from its mean weight for all origins.
    """
    architecture = trained.architecture
    weights = trained.tensors[f"{architecture.head}.weight"]  # (C, D)
    parts = np.abs((weights[answers] - weights.mean(axis=0)) * features).sum(axis=0)  # (D,)
    parts = parts[len(parts) - architecture.feature_size :]  # of a joint cell, the last input stands before
    directions = np.split(parts, len(architecture.directions))
    return [np.argsort(-of_direction, kind="stable")[:count] for of_direction in directions]


def _panel(
    part: "DirectionTrace",
    units: NDArray[np.int64],
    told: tuple[str, str, str],
    symbols: tuple[str, ...],
    *,
    both: bool,
) -> Panel:
    gates = {gate: part.gates[gate] for gate in GATES if gate in part.gates}
    way = f" · {part.direction}" if both else ""
    states = part.gates.get("cell", part.states)[:, units]
    return Panel(*told, way, symbols, gates, states, units)


def _across(names: int, ways: int) -> int:
    """How many panels stand side by side."""
    return ways if ways > 1 else min(names, MOST_ACROSS)


def draw(panels: Sequence[Panel], what: str, *, across: int, caption: str) -> "Figure":
    """Panels in rows of `across`: median and quartiles of each gate over `what` of the units, on one scale for all."""
    gates = list(dict.fromkeys(gate for panel in panels for gate in panel.gates))
    most = max(len(panel.units) for panel in panels)
    longest = max(len(panel.symbols) for panel in panels)
    inches = ([GATES_INCHES] if gates else []) + [max(UNIT_INCHES * most, 0.6)]
    down = -(-len(panels) // across)
    width = min(max(0.26 * longest + 0.9, 3.0), 9.0)
    strongest = max(max(float(np.abs(panel.states).max(initial=0)) for panel in panels), 1e-6)
    texts = (text for panel in panels for text in (panel.name, panel.plain, panel.answer, *panel.symbols))
    with drawing(texts) as lettering:
        figure = new_figure(
            max(width * across + 1.2, 6.0),
            0.8 + LEGEND_ROW * bool(gates) + (sum(inches) + 0.75) * down,
            title=f"What it keeps, letter by letter: {'gates and ' if gates else ''}{what}",
            caption=caption,
            legend_rows=bool(gates),
        )
        grid = figure.subplots(len(inches) * down, across, squeeze=False, height_ratios=inches * down)
        for place, panel in enumerate(panels):
            row, column = divmod(place, across)
            *above, below = grid[row * len(inches) : (row + 1) * len(inches), column]
            first = column == 0 or bool(panel.way)
            for axes in above:
                _gates(axes, panel, gates, first=first)
            image = _states(below, panel, strongest, [lettering.spell(symbol) for symbol in panel.symbols], first=first)
            (above[0] if above else below).set_title(
                wrapped(_title(panel, lettering), width - 0.9, BOLD), fontsize=9, fontweight="bold"
            )
        for axes in grid.flat:
            if not axes.has_data():
                axes.set_axis_off()
        bar = figure.colorbar(image, ax=grid, fraction=0.03, pad=0.01, aspect=35, shrink=0.6)
        bar.set_label(f"{what} (−: below 0)", fontsize=8)
        keys = [key(f"{gate} gate (1: {GATES[gate]})", **look(place)) for place, gate in enumerate(gates)]
        if keys:
            legend_below(figure, keys, columns=len(keys))
    return figure


def _title(panel: Panel, lettering: Lettering) -> str:
    return f"{read_as(panel.name, panel.plain, lettering)} → {lettering.spell(panel.answer)}{panel.way}"


def _gates(axes: "Axes", panel: Panel, gates: Sequence[str], *, first: bool) -> None:
    """Median of each gate over all units as a line, its quartiles as a band."""
    places = np.arange(len(panel.symbols))
    for place, gate in enumerate(gates):
        low, middle, high = np.quantile(panel.gates[gate], (0.25, 0.5, 0.75), axis=1)
        axes.fill_between(places, low, high, color=colour(place), alpha=0.12, linewidth=0)
        axes.plot(places, middle, label=gate, clip_on=False, **look(place))
    axes.set(xlim=(-0.5, len(places) - 0.5), ylim=(0, 1))
    axes.set_xticks(places, [""] * len(places))
    if first:
        units = len(next(iter(panel.gates.values()))[0])
        axes.set_ylabel(f"median of {units} units\n(band: quartiles)", fontsize=8)


def _states(axes: "Axes", panel: Panel, strongest: float, symbols: Sequence[str], *, first: bool) -> "AxesImage":
    """States of the chosen units, one a row; what is well below 0 is marked, for those who see no colour."""
    image = axes.imshow(panel.states.T, aspect="auto", vmin=-strongest, vmax=strongest, cmap=DIVERGING)
    axes.grid(False)
    letter_ticks(axes, range(len(symbols)), symbols)
    if first:
        axes.set_yticks(range(len(panel.units)), [f"unit {unit}" for unit in panel.units], fontsize=7)
    else:
        axes.set_yticks([])
    for step, unit in zip(*np.nonzero(panel.states < -MARKED * strongest), strict=True):
        dark = panel.states[step, unit] < -0.6 * strongest
        text = axes.text(step, unit, "−", fontsize=7, ha="center", va="center", color="white" if dark else "0.2")
        text.set_in_layout(False)
    return image
