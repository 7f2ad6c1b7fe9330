"""The kinds of plots: from a request to a figure, each kind in one function."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from charnn_cli.errors import ModelError, UsageError
from charnn_cli.plots.gather import (
    Request,
    caption,
    data_title,
    examples,
    read_texts,
    readable,
    sample,
    shown_symbols,
    split_title,
)
from charnn_cli.store import is_shipped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GATES = {"forget": "keep", "input": "write", "output": "show", "reset": "read the state", "update": "keep"}
MOST_PANELS = 40  # rows of panels, three inches each
MOST_POINTS = 3000  # names in `embedding`; more of them are one blot


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of plot: what `charnn plot --help` says of it, and what it takes."""

    shows: str
    make: Callable[[Request], "Figure"]
    takes_runs: bool = False  # several at once
    takes_names: bool = False
    takes_data: bool = False  # labelled names


def loss(request: Request) -> "Figure":
    """Loss, macro-F1, gradient norm and clipped steps of one or several runs."""
    from charnn_cli.plots.loss import Curves, draw

    if any(is_shipped(run.folder) for run in request.runs):
        raise ModelError("the model that comes with charnn keeps no record of its training", "name a run folder")
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
    """True against predicted origins."""
    from charnn_cli.evaluate import answer
    from charnn_cli.metrics import confusion
    from charnn_cli.plots.confusion import draw

    found = examples(request, request.run)
    outcomes = answer(request.run.trained, found.names, found.origins).outcomes
    silent = int((outcomes.predicted < 0).sum())
    remarks = [f"{silent:,} without an answer left out" if silent else "", *found.notes]
    told = caption(request, split_title(found), *remarks)
    return draw(confusion(outcomes), found.labels[: outcomes.num_labels], order=request.order, caption=told)


def calibration(request: Request) -> "Figure":
    """Reliability before and after temperature."""
    from charnn_cli.evaluate import answer
    from charnn_cli.plots.calibration import Diagram, draw

    found = examples(request, request.run)
    trained = request.run.trained
    answers = answer(trained, found.names, found.origins)
    before = Diagram.of("before, temperature 1", answers.uncalibrated)
    after = Diagram.of(f"after, temperature {trained.temperature:.2f}", answers.outcomes)
    if trained.temperature == 1.0:
        diagrams = [Diagram.of("temperature 1, as none lowered the validation loss", answers.outcomes)]
    else:
        diagrams = [before, after]
    fitted = "temperature fitted on the validation split"
    return draw(diagrams, caption=caption(request, split_title(found), fitted, *found.notes))


def gradients(request: Request) -> "Figure":
    """Norms of the loss's gradient by distance from the end of the name."""
    from charnn_cli.plots.gather_gradients import MOST_NAMES, fresh_cells, of_run
    from charnn_cli.plots.gradients import draw

    if not request.runs:
        spreads, note = fresh_cells()
        return draw(spreads, caption=note)
    spreads = [of_run(request, run, name) for run, name in zip(request.runs, request.titles(), strict=True)]
    state = "networks as initialised, untrained" if request.fresh else ""
    split = f"{'given names' if request.data else 'test split'}, the {MOST_NAMES} longest"
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
        symbols = trained.encode_texts([text])
        letters = shown_symbols(symbols.ids.tolist(), trained.alphabet.characters)
        parts = engine.trace(symbols).directions
        for part in parts:
            heats = [
                Heat(f"{gate} gate (1: {open_means})", part.gates[gate], is_gate=True)
                for gate, open_means in GATES.items()
                if gate in part.gates
            ]
            state = Heat("cell state", part.gates["cell"], False) if "cell" in part.gates else None
            heats.append(state or Heat("hidden state", part.states, is_gate=False))
            where = f"{name}, layer {part.layer + 1}, {part.direction}" if len(parts) > 1 else name
            readings.append(Reading(where, letters, tuple(heats)))
    _check_panels(len(readings))
    return draw(readings, caption=_told(request, "units sorted by the mean of the row's first panel"))


def belief(request: Request) -> "Figure":
    """Probabilities of the leading origins after each letter of the wanted names."""
    from charnn_cli.engine import Engine, probabilities
    from charnn_cli.plots.belief import Belief, draw

    trained = request.run.trained
    engine = Engine(trained)
    _check_panels(len(request.names))
    beliefs = []
    for name, text in read_texts(request):
        prefixes = [text[: end + 1] for end in range(len(text))]
        logits = engine.logits(trained.encode_texts(prefixes))
        beliefs.append(Belief(name, text, probabilities(logits, trained.temperature)))
    note = "each beginning is read as if it were the whole name"
    return draw(beliefs, trained.labels, caption=_told(request, note))


def embedding(request: Request) -> "Figure":
    """Symbols and test names in the two directions in which they vary most."""
    from charnn_cli.plots.embedding import Projection, draw
    from charnn_cli.plots.gather_embedding import name_vectors, symbol_vectors

    run = request.run
    found = examples(request, run)
    rows = sample(readable(found, run), MOST_POINTS)
    symbols, letters, symbols_title = symbol_vectors(run.trained)
    names, names_title = name_vectors(run.trained, run.trained.encode([found.names[row] for row in rows]))
    return draw(
        letters,
        Projection.of(symbols),
        Projection.of(names),
        found.origins[rows],
        found.labels,
        titles=(symbols_title, names_title),
        caption=caption(request, split_title(found, len(rows)), *found.notes),
    )


KINDS: dict[str, Kind] = {
    "loss": Kind("loss, macro-F1, gradient norm and clipped steps", loss, takes_runs=True),
    "confusion": Kind("which origins the test names are taken for", confusion, takes_data=True),
    "calibration": Kind("how often a probability holds, before and after temperature", calibration, takes_data=True),
    "gradients": Kind("how much of the loss reaches each hidden state", gradients, takes_runs=True, takes_data=True),
    "gates": Kind("gates and states of --name, letter by letter", gates, takes_names=True),
    "belief": Kind("probabilities of the origins after each letter of --name", belief, takes_names=True),
    "embedding": Kind("learned symbols and test names in two dimensions", embedding, takes_data=True),
}


def _check_panels(count: int) -> None:
    if count > MOST_PANELS:
        raise UsageError(f"{count} rows of panels do not fit on one picture", "give fewer names")


def _told(request: Request, note: str) -> str:
    """The caption of a plot of names that the reader gave."""
    told = " · ".join([f"trained on the training split of {data_title(request.run)}", "names as given", note])
    return f"run {request.titles()[0]} · {told}"
