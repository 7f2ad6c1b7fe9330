"""What a list of names is made of: the share of each origin with its interval, of two lists side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import DataError, UsageError
from charnn_cli.plots.request import Request, Takes
from charnn_cli.plots.style import colour, drawing, key, legend_below, marker, new_figure
from charnn_cli.predict import Predictor
from charnn_cli.predict.lists import Sample
from charnn_cli.shares import Estimate
from charnn_cli.terminal import number_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TAKES = Takes(lists=2)
MOST_SHOWN = 30  # origins
LEAST_SHARE = 0.005  # of an origin that is shown, in one of the lists
ROW_INCHES = 0.26


@dataclass(frozen=True, slots=True)
class Listed:
    """A list, what it is called, and the true shares (C,) of those who know them."""

    name: str
    rows: int
    estimate: Estimate
    true: NDArray[np.float64] | None = None


def make(request: Request) -> "Figure":
    """The shares of the lists that are given, or of labelled names beside their true ones."""
    predictor = Predictor(request.run.trained)
    lists = (
        [_evaluated(request, predictor)]
        if request.answered
        else [_read(path, request, predictor) for path in request.lists]
    )
    if not lists:
        raise UsageError("shares shows what a list is made of, and no list is given", "give a file of names")
    told = [f"run {request.titles()[0]}", *dict.fromkeys(remark for one in lists for remark in _remarks(one))]
    return draw(lists, predictor.labels, caption=" · ".join(told))


def _evaluated(request: Request, predictor: Predictor) -> Listed:
    """Names whose origins are known; those that the model does not know have no share among its own."""
    assert request.answered is not None
    found, _ = request.answered
    names = [name.encode("utf-8", "surrogateescape") for name in found.names]
    estimate = Sample.of(iter([names]), len(predictor.labels)).estimate(predictor)
    known = found.origins[found.origins < len(predictor.labels)]
    true = np.bincount(known, minlength=len(predictor.labels)) / len(found.origins)
    return _listed(found.data.name, estimate, len(found.names), true)


def _read(path: Path, request: Request, predictor: Predictor) -> Listed:
    """A file of names, or a table with columns of them; raises DataError where there are none."""
    from charnn_cli.formats.opening import opened_rows

    how, encoding = str(request.table.get("how", "{}_column")).format("name"), request.table.get("encoding")
    with opened_rows(str(path), list(request.columns) or None, how, encoding=encoding, say=request.note) as source:
        sample = Sample.of(source, len(predictor.labels))
    return _listed(path.name, sample.estimate(predictor), sample.rows)


def _listed(name: str, estimate: Estimate | None, rows: int, true: NDArray[np.float64] | None = None) -> Listed:
    if estimate is None:
        raise DataError("the model can read none of the names", "give another list", where=name)
    return Listed(name, rows, estimate, true)


def _remarks(one: Listed) -> Iterator[str]:
    """What the reader should know of a list."""
    found = one.estimate
    sampled = f", estimated from {found.names:,}" if found.names < one.rows else ""
    yield f"{one.name}, {number_of(one.rows, 'row')}{sampled}"
    if found.method == "mean":
        why = (
            f"{found.odd:.0%} of its names look like none that the model has learned" if not found.fits else "few names"
        )
        yield f"shares of {one.name} as in training: {why}"
    elif not found.is_calibrated:
        yield "intervals leave out what the model itself gets wrong"


def draw(lists: Sequence[Listed], labels: Sequence[str], *, caption: str) -> "Figure":
    """A row an origin, the largest share above; a mark and its interval for each list, true shares as open diamonds."""
    from matplotlib.ticker import PercentFormatter

    largest = np.max([one.estimate.shares for one in lists], axis=0)
    order = np.argsort(-largest, kind="stable")
    shown = order[:MOST_SHOWN][largest[order[:MOST_SHOWN]] >= LEAST_SHARE]
    keys = [key(_titled(one), color=colour(at), marker=marker(at), linestyle="none") for at, one in enumerate(lists)]
    if any(one.true is not None for one in lists):
        keys.append(key("true share", color="black", marker="D", fillstyle="none", linestyle="none"))
    if left := len(labels) - len(shown):
        caption += f" · {number_of(left, 'origin')} with smaller shares left out"
    with drawing([*labels, *(one.name for one in lists)]) as lettering:
        height = ROW_INCHES * max(len(shown), 3) + 1.2
        figure = new_figure(6.4, height + 0.6, title="Shares of the origins", caption=caption, legend_rows=len(keys))
        axes = figure.add_subplot()
        for at, one in enumerate(lists):
            _marks(axes, one, shown, at, offset=(at - (len(lists) - 1) / 2) * 0.32)
        axes.set_yticks(range(len(shown)), [lettering.spell(labels[place]) for place in shown])
        axes.set(ylim=(len(shown) - 0.5, -0.5), xlabel="share of the names, with its 95 % interval")
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0 if largest.max() > 0.1 else None))
        axes.grid(axis="y", visible=False)
        legend_below(figure, keys, columns=1)
    return figure


def _titled(one: Listed) -> str:
    return f"{one.name} ({number_of(one.rows, 'row')})"


def _marks(axes: "Axes", one: Listed, shown: NDArray[np.int64], index: int, *, offset: float) -> None:
    low, high = (ends[shown] for ends in one.estimate.intervals())
    shares, places = one.estimate.shares[shown], np.arange(len(shown)) + offset
    axes.hlines(places, low, high, color=colour(index), linewidth=1.6)
    axes.plot(shares, places, marker(index), color=colour(index), clip_on=False)
    if one.true is not None:
        axes.plot(one.true[shown], places, "D", color="black", fillstyle="none", clip_on=False)
