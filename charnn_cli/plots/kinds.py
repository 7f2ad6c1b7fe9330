"""The kinds of plots: from a request to a figure, each kind in one function."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from charnn_cli.errors import ModelError, UsageError
from charnn_cli.plots.gather import Request, caption, data_title, held_out, read_texts, sample, shown_symbols

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_POINTS = 3000  # names in `embedding`; more of them are one blot


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of plot: what `charnn plot --help` says of it, and what it takes."""

    shows: str
    make: Callable[[Request], "Figure"]
    takes_runs: bool = False  # several at once
    takes_names: bool = False


def loss(request: Request) -> "Figure":
    """Loss, macro-F1, gradient norm and clipped steps of one or several runs."""
    from charnn_cli.plots.loss import Curves, draw

    by_step = any(run.config.get("model", {}).get("cell") == "lesson" for run in request.runs)
    curves = []
    for run, name in zip(request.runs, request.titles(), strict=True):
        if not run.history:
            raise ModelError("has no finished epoch to plot", "train on with --resume", where=run.folder)
        curves.append(Curves.of(name, run.history, "step" if by_step else "epoch"))
    return draw(
        curves, against="step" if by_step else "epoch", caption=caption(request, "training and validation split")
    )


def confusion(request: Request) -> "Figure":
    """True against predicted origins of the test split."""
    from charnn_cli.engine import Engine
    from charnn_cli.metrics import Outcomes, confusion
    from charnn_cli.plots.confusion import draw

    found = held_out(request, request.run)
    logits = Engine(request.run.trained).logits(found.symbols(request.run))
    counts = confusion(Outcomes.of(_softmax(logits), found.origins))
    labels = found.labels[: len(counts)]
    split = f"test split, {len(found):,} names"
    return draw(counts, labels, order=request.order, caption=caption(request, split, found.remark))


def calibration(request: Request) -> "Figure":
    """Reliability on the test split before and after temperature."""
    from charnn_cli.engine import Engine
    from charnn_cli.metrics import Outcomes, figures, reliability
    from charnn_cli.plots.calibration import Diagram, draw

    run = request.run
    found = held_out(request, run)
    logits = Engine(run.trained).logits(found.symbols(run))
    temperature = run.trained.temperature
    wanted = {"before, temperature 1": 1.0, f"after, temperature {temperature:.2f}": temperature}
    if temperature == 1.0:
        wanted = {"temperature 1, as none lowered the validation NLL": 1.0}
    diagrams = []
    for name, value in wanted.items():
        outcomes = Outcomes.of(_softmax(logits, value), found.origins)
        bins = reliability(outcomes)
        diagrams.append(
            Diagram(
                name,
                np.array([one.confidence for one in bins]),
                np.array([one.accuracy for one in bins]),
                figures(outcomes)["ece"],
                outcomes.confidence,
            )
        )
    fitted = "temperature fitted on the validation split" if len(wanted) > 1 else ""
    split = f"test split, {len(found):,} names"
    return draw(diagrams, caption=caption(request, split, fitted, found.remark))


def gradients(request: Request) -> "Figure":
    """Norms of the loss's gradient by distance from the end of the name."""
    from charnn_cli.plots.gather_gradients import fresh_cells, of_run
    from charnn_cli.plots.gradients import draw

    if not request.runs:
        spreads, note = fresh_cells()
        return draw(spreads, caption=note)
    spreads = [of_run(request, run, name) for run, name in zip(request.runs, request.titles(), strict=True)]
    state = "networks as initialised, untrained" if request.fresh else ""
    split = "test split, its 200 longest names"
    return draw(spreads, caption=caption(request, split, state))


def gates(request: Request) -> "Figure":
    """Gates and states of the wanted names, symbol by symbol."""
    from charnn_cli.engine import Engine
    from charnn_cli.plots.gates import Heat, Reading, draw

    trained = request.run.trained
    if trained.architecture.cell == "mlp":
        raise UsageError("a network of the cell 'mlp' has no states to show", "plot a run with a recurrent cell")
    engine = Engine(trained)
    readings = []
    for name, text in read_texts(request):
        symbols = trained.alphabet.encode([text], boundaries=trained.rules.boundaries)
        letters = shown_symbols(symbols.ids.tolist(), trained.alphabet.characters)
        parts = engine.trace(symbols).directions
        for part in parts:
            heats = [
                Heat(f"{gate} gate", part.gates[gate], is_gate=True)
                for gate in ("forget", "input", "output", "reset", "update")
                if gate in part.gates
            ]
            state = Heat("cell state", part.gates["cell"], False) if "cell" in part.gates else None
            heats.append(state or Heat("hidden state", part.states, is_gate=False))
            where = f"{name}, layer {part.layer + 1}, {part.direction}" if len(parts) > 1 else name
            readings.append(Reading(where, letters, tuple(heats)))
    return draw(readings, caption=_told(request, "units sorted by the mean of the row's first panel"))


def belief(request: Request) -> "Figure":
    """Probabilities of the leading origins after each letter of the wanted names."""
    from charnn_cli.engine import Engine, probabilities
    from charnn_cli.plots.belief import Belief, draw

    trained = request.run.trained
    engine = Engine(trained)
    beliefs = []
    for name, text in read_texts(request):
        prefixes = [text[: end + 1] for end in range(len(text))]
        logits = engine.logits(trained.alphabet.encode(prefixes, boundaries=trained.rules.boundaries))
        beliefs.append(Belief(name, text, probabilities(logits, trained.temperature)))
    note = "each beginning is read as if it were the whole name"
    return draw(beliefs, trained.labels, caption=_told(request, note))


def embedding(request: Request) -> "Figure":
    """Symbols and test names in the two directions in which they vary most."""
    from charnn_cli.plots.embedding import Projection, draw
    from charnn_cli.plots.gather_embedding import name_vectors, symbol_vectors

    run = request.run
    found = held_out(request, run)
    shown = found.take(sample(len(found), MOST_POINTS))
    symbols, letters, symbols_title = symbol_vectors(run.trained)
    names, names_title = name_vectors(run.trained, shown.symbols(run))
    split = f"test split, {len(found):,} names"
    part = f"{len(shown):,} of them drawn, seed 0" if len(shown) < len(found) else ""
    return draw(
        letters,
        Projection.of(symbols),
        Projection.of(names),
        shown.origins,
        shown.labels,
        titles=(symbols_title, names_title),
        caption=caption(request, split, part, shown.remark),
    )


KINDS: dict[str, Kind] = {
    "loss": Kind("loss, macro-F1, gradient norm and clipped steps by epoch", loss, takes_runs=True),
    "confusion": Kind("which origins the test names are taken for", confusion),
    "calibration": Kind("how often a probability holds, before and after temperature", calibration),
    "gradients": Kind("how much of the loss reaches each hidden state", gradients, takes_runs=True),
    "gates": Kind("gates and states of --name, letter by letter", gates, takes_names=True),
    "belief": Kind("probabilities of the origins after each letter of --name", belief, takes_names=True),
    "embedding": Kind("learned symbols and test names in two dimensions", embedding),
}


def _told(request: Request, note: str) -> str:
    """The caption of a plot of names that the reader gave."""
    told = " · ".join([f"trained on the training split of {data_title(request.run)}", "names as given", note])
    return f"run {request.titles()[0]} · {told}"


def _softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    from charnn_cli.engine import probabilities

    return probabilities(logits, temperature)
