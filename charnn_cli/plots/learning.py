"""What more names would bring: test accuracy against the number of training names, beside the linear model.

The networks are trained for it, by the run's own settings on growing shares of the names; the last one is the run.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.data import TEST, TRAIN
from charnn_cli.errors import DataError, ModelError
from charnn_cli.metrics import share_interval
from charnn_cli.plots.placing import LineEnd, name_ends
from charnn_cli.plots.request import Request, Takes, caption, labelled_names
from charnn_cli.plots.style import colour, drawing, look, new_figure
from charnn_cli.store import Run, is_shipped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from charnn_cli.config import Settings
    from charnn_cli.evaluate import LabelledNames
    from charnn_cli.trained import TrainedModel

TAKES = Takes(data=True)
HALVINGS = 5
FEWEST_NAMES = 8  # to train on
BUDGET = 1200.0  # seconds of training; larger shares that would take it beyond are left out
LEFT_OUT = TEST + 1  # a side that nothing reads
GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # mixes the hashes that the split was drawn by (Knuth, TAOCP 3, 6.4)
HEIGHT = 4.0  # inches, of the axes

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Curve:
    """A kind of model, learned from S sets of names, and how many of the test names it told rightly."""

    name: str
    training: NDArray[np.int64]  # (S,) names, rising
    right: NDArray[np.int64]  # (S,)
    tested: int


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the names to learn from; the test names are always the same."""

    sides: NDArray[np.int8]  # (N,)
    is_run: bool  # all of them, which the run itself has learned from

    def rows(self, side: int) -> NDArray[np.int64]:
        return np.flatnonzero(self.sides == side)

    @property
    def training(self) -> int:
        return int((self.sides == TRAIN).sum())


def make(request: Request) -> "Figure":
    """Accuracy on the test names of networks and linear models that have learned from growing shares of the others."""
    run = request.run
    if is_shipped(run.folder):
        raise ModelError("the model that comes with charnn does not say how it was trained", "name a run folder")
    settings = run.settings()
    source = labelled_names(request, run)
    shares = shares_of(source)
    if len(source.rows("test")) == 0 or len(shares) < 2:
        raise DataError("there are too few names for shares of them", "give more names", where=source.path)
    affordable, seconds = within_budget(shares, run, settings)
    left_out = len(shares) - len(affordable)
    networks = sum(not share.is_run for share in affordable)
    request.note(
        f"training {networks} networks on up to {max(share.training for share in affordable if not share.is_run):,} "
        f"names, some {max(seconds, 1):,.0f} s by what the run took; "
        "then the linear model on as many, which may take longer"
    )
    curves = [
        Curve(request.titles()[0], *_each(affordable, lambda share: _network(request, source, settings, share))),
        Curve("linear model", *_each(affordable, lambda share: _linear(request, source, share))),
    ]
    told = f"test split, {curves[0].tested:,} names · each with the run's settings, on a share of its training names"
    unseen = (
        f"{left_out} larger shares left out, which would take more than {BUDGET / 60:.0f} minutes" if left_out else ""
    )
    return draw(curves, caption=caption(request, told, unseen, fingerprint=source.dataset.fingerprint))


def _each(shares: Sequence[Share], right: Callable[[Share], int]) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Training names, names told rightly and names tested, of each share."""
    counts = np.array([right(share) for share in shares], dtype=np.int64)
    return np.array([share.training for share in shares]), counts, len(shares[0].rows(TEST))


def shares_of(source: "LabelledNames") -> list[Share]:
    """Shares of the training and validation names, each twice the one before and holding it; the smallest first."""
    with np.errstate(over="ignore"):
        place = (source.dataset.hashes * GOLDEN) / 2.0**64  # (N,) of each name, in [0, 1)
    shares = []
    for halvings in range(HALVINGS, -1, -1):
        kept = (source.sides == TEST) | (place < 0.5**halvings)
        share = Share(np.where(kept, source.sides, LEFT_OUT).astype(np.int8), halvings == 0 and source.unchanged)
        origins = np.unique(source.dataset.origins[share.rows(TRAIN)])
        if share.training >= FEWEST_NAMES and len(origins) > 1:
            shares.append(share)
    return shares


def within_budget(shares: Sequence[Share], run: Run, settings: "Settings") -> tuple[list[Share], float]:
    """The shares that can be trained in the budget, two at least, and the seconds that takes by what the run took."""
    whole = float(run.history[-1].get("seconds") or 0.0) if run.history else 0.0
    names = max(int(run.history[-1].get("names_seen") or 0) // int(run.history[-1]["epoch"]), 1) if run.history else 1
    is_bounded = settings.config.training.steps_per_epoch is not None
    chosen, total = [], 0.0
    for place, share in enumerate(shares):
        seconds = 0.0 if share.is_run else whole * (1.0 if is_bounded else share.training / names)
        if place < 2 or total + seconds <= BUDGET:
            chosen.append(share)
            total += seconds
    return chosen, total


def _network(request: Request, source: "LabelledNames", settings: "Settings", share: Share) -> int:
    """How many test names a network tells rightly that has learned from a share of the names."""
    from charnn_cli.evaluate import answer, renumbered

    trained = request.run.trained
    if not share.is_run:
        trained = _trained(source, settings, share, request.stage(f"training on {share.training:,} names"))
    rows = share.rows(TEST)
    origins, _ = renumbered(source.dataset.origins[rows], source.dataset.labels, trained.labels)
    outcomes = answer(trained, [source.dataset.names[row] for row in rows], origins).outcomes
    return int(outcomes.correct.sum())


def _trained(
    source: "LabelledNames", settings: "Settings", share: Share, on_progress: OnProgress | None
) -> "TrainedModel":
    """The best network of a training by these settings."""
    from charnn_cli.train import Session

    def on_step(epoch: int, seen: int, names: int, loss: float) -> None:
        if on_progress is not None:
            on_progress((epoch - 1) * names + seen, settings.config.training.epochs * names)

    session = Session.prepare(settings, source.dataset, source.path, sides=share.sides)
    return session.in_memory(on_step=on_step).trained


def _linear(request: Request, source: "LabelledNames", share: Share) -> int:
    """How many test names the linear model tells rightly that has learned from a share of the names."""
    from charnn_cli.evaluate.baseline import spell
    from charnn_cli.evaluate.rivals import fit_linear

    on_fit = request.stage(f"fitting the linear model on {share.training:,} names")
    chosen = fit_linear(request.run, replace(source, sides=share.sides), on_fit)
    rows = share.rows(TEST)
    probabilities = chosen.model.probabilities(spell(source.dataset.names[rows], request.run.trained.rules))
    return int((probabilities.argmax(axis=1) == source.dataset.origins[rows]).sum())


def draw(curves: Sequence[Curve], *, caption: str) -> "Figure":
    """Accuracy with its 95 % interval against the training names, on a logarithm; a line a kind of model."""
    with drawing([curve.name for curve in curves]) as lettering:
        figure = new_figure(7.6, HEIGHT + 1.2, title="Learning: what more names bring", caption=caption)
        axes = figure.add_subplot()
        axes.set_xscale("log")
        for index, curve in enumerate(curves):
            _line(axes, curve, index)
        _ticks(axes, sorted({int(names) for curve in curves for names in curve.training}))
        axes.set(xlabel="training names", ylabel="accuracy on the test names, %")
        axes.set_ylim(*axes.get_ylim())
        ends = [
            LineEnd(
                float(curve.training[-1]),
                100 * float(curve.right[-1] / curve.tested),
                f"{lettering.spell(curve.name, 28)}\n{curve.right[-1] / curve.tested:.1%}",
                colour(index),
            )
            for index, curve in enumerate(curves)
        ]
        name_ends(axes, ends, height=HEIGHT)
    return figure


def _line(axes: "Axes", curve: Curve, index: int) -> None:
    low, high = share_interval(curve.right, np.full(len(curve.right), curve.tested))
    band: dict[str, Any] = {"color": colour(index), "alpha": 0.15, "linewidth": 0}
    axes.fill_between(curve.training, 100 * low, 100 * high, **band)
    axes.plot(curve.training, 100 * curve.right / curve.tested, label=curve.name, **look(index))


def _ticks(axes: "Axes", sizes: Sequence[int]) -> None:
    """The sizes themselves, each twice the one before."""
    from matplotlib.ticker import NullFormatter

    axes.set_xlim(0.9 * sizes[0], 1.1 * sizes[-1])
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="x", which="minor", length=0)
