"""How training went: loss and macro-F1 above, gradient norm and clipped steps below, one colour a run."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import ModelError, UsageError
from charnn_cli.plots.lettering import told_apart
from charnn_cli.plots.request import Request, Takes, caption, labelled_names
from charnn_cli.plots.style import (
    GREY,
    LEGEND_ROW,
    colour,
    counted_ticks,
    drawing,
    key,
    legend_below,
    log_scale,
    marker,
    new_figure,
)
from charnn_cli.store import is_shipped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

TAKES = Takes(runs=True, baseline=True)
MOST_MARKS = 15  # more of them on a line would hide it
APART = 10  # times as many names in one run as in another, from which on a logarithm shows both
SHORT_NAME = 16  # characters of a run's name, of which two fit side by side in the legend
SAME_LOSS = 1e-6  # nats; a network that nothing was blended with has the loss of what is kept


@dataclass(frozen=True, slots=True)
class Curves:
    """One run's history as arrays (R,), one entry a record; NaN where nothing was measured."""

    name: str
    names_seen: NDArray[np.float64]
    train_loss: NDArray[np.float64]  # nats a name, of the network, with dropout
    validation_loss: NDArray[np.float64]  # of what is kept: the network with the language models
    network_loss: NDArray[np.float64]  # of the network alone, on the validation side
    validation_macro_f1: NDArray[np.float64]
    gradient_norm: NDArray[np.float64]  # mean over the record's steps, before clipping
    clipped_share: NDArray[np.float64]  # 0 to 1
    best: int | None  # index of the record whose weights were kept
    perplexity: NDArray[np.float64]  # of letters, on the validation side; losses are bits a letter where it is known

    @property
    def writes(self) -> bool:
        return not np.isnan(self.perplexity).all()

    @classmethod
    def of(cls, name: str, history: Sequence[Mapping[str, Any]], batch_size: int = 1) -> "Curves":
        """The curves of a run's `history.jsonl`; names seen, where it lacks them, are steps of `batch_size` names."""

        def column(key: str) -> NDArray[np.float64]:
            values = (record.get(key) for record in history)
            return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

        best = [index for index, record in enumerate(history) if record.get("is_best")]
        names_seen, bits = column("names_seen"), column("validation_bits_per_letter")
        unit = 1.0 if np.isnan(bits).all() else math.log(2)
        return cls(
            name,
            np.where(np.isnan(names_seen), column("step") * batch_size, names_seen),
            column("train_loss") / unit,
            column("validation_loss") / unit,
            column("network_validation_loss") / unit,
            column("validation_macro_f1"),
            column("gradient_norm"),
            column("clipped_share"),
            best[-1] if best else None,
            2.0**bits,
        )

    @property
    def is_blended(self) -> bool:
        """Whether what is kept is known to be another model than the network."""
        return bool((np.abs(self.network_loss - self.validation_loss) > SAME_LOSS).any())


def make(request: Request) -> "Figure":
    """Loss, macro-F1, gradient norm and clipped steps of one or several runs."""
    if any(is_shipped(run.folder) for run in request.runs):
        raise ModelError("the model that comes with charnn keeps no record of its training", "name a run folder")
    curves = []
    for run, name in zip(request.runs, request.titles(), strict=True):
        if not run.history:
            raise ModelError("has no finished epoch to plot", "resume its training", where=run.folder)
        batch_size = (run.config.get("training") or {}).get("batch_size") or 1
        curves.append(Curves.of(name, run.history, batch_size))
    if len({run.writes for run in curves}) > 1:
        raise UsageError("what letters cost and what names cost are no losses to compare", "plot them apart")
    linear = None
    if request.baseline and curves[0].writes:
        raise UsageError("the linear model writes no names", "leave the baseline out")
    if request.baseline:
        from charnn_cli.evaluate.rivals import fit_linear

        own = labelled_names(request, request.run)
        chosen = fit_linear(request.run, own, request.stage("fitting the linear model"))
        linear = chosen.validation.get(chosen.setting.name)
    return draw(curves, linear, caption=caption(request, "training and validation split"))


def draw(runs: Sequence[Curves], linear: Mapping[str, float] | None = None, *, caption: str) -> "Figure":
    """Four panels over one horizontal axis, and one legend beneath them that names runs and line styles.

    `linear` are the metrics of the linear model on the validation side.
    """
    with drawing([run.name for run in runs]) as lettering:
        names = [lettering.spell(name) for name in told_apart([run.name for run in runs])]
        styles = _line_styles(runs, linear is not None)
        columns = 2 if max(map(len, names)) <= SHORT_NAME else 1
        rows = max(-(-len(runs) // columns), len(styles))
        figure = new_figure(8.0, 5.4 + LEGEND_ROW * rows, title="Training", caption=caption, legend_rows=rows)
        panels = figure.subplots(2, 2, sharex=True, height_ratios=(3, 2))
        loss, score, norm, clipped = panels.flat
        for index, run in enumerate(runs):
            _line(loss, run, run.train_loss, index, "--")
            if run.is_blended:
                _line(loss, run, run.network_loss, index, ":")
            _line(loss, run, run.validation_loss, index, best=True)
            _line(score, run, run.perplexity if run.writes else run.validation_macro_f1, index, best=True)
            _line(norm, run, run.gradient_norm, index)
            _line(clipped, run, 100 * run.clipped_share, index)
        for axes, metric in ((loss, "nll"), (score, "macro_f1")):
            if linear is not None:
                axes.axhline(linear[metric], color=GREY, linestyle=(0, (6, 2)), linewidth=1.2, gid="linear")
        writes = runs[0].writes
        loss.set_ylabel("loss (bits per letter)" if writes else "loss (nats per name)")
        score.set_ylabel("perplexity of letters, validation" if writes else "macro-F1, validation")
        norm.set_ylabel("gradient norm, mean\nbefore clipping")
        clipped.set_ylabel("clipped steps (%)")
        clipped.set_ylim(-4, 104)
        _across(clipped, runs)
        for axes in (norm, clipped):
            axes.set_xlabel("names seen in training")
        _scale(loss, [series for run in runs for series in (run.train_loss, run.validation_loss)], from_zero=False)
        _scale(norm, [run.gradient_norm for run in runs])
        if not writes:
            _note_where_empty(score, [run.validation_macro_f1 for run in runs], "no epoch was validated")
        keys = [key(name, color=colour(index), marker=marker(index)) for index, name in enumerate(names)]
        legend_below(figure, keys, columns=columns)
        legend_below(figure, styles, columns=1, right=True)
    return figure


def _line(
    axes: "Axes", run: Curves, values: NDArray[np.float64], index: int, dashes: str = "-", *, best: bool = False
) -> None:
    """The known values of a run: full marks on a full line, hollow ones on a dashed or dotted line."""
    known = np.isfinite(values)
    axes.plot(
        run.names_seen[known],
        values[known],
        color=colour(index),
        linestyle=dashes,
        marker=marker(index),
        markerfacecolor=colour(index) if dashes == "-" else "white",
        markersize=3.5,
        markevery=max(int(known.sum()) // MOST_MARKS, 1),
        label=run.name,
    )
    if best and run.best is not None and known[run.best]:
        axes.plot(run.names_seen[run.best], values[run.best], "*", color=colour(index), markersize=11, gid="best")


def _across(axes: "Axes", runs: Sequence[Curves]) -> None:
    """The horizontal axis: from zero, or by a logarithm where the longest run saw ten times the names of another."""
    ends = [float(run.names_seen[-1]) for run in runs]
    is_log = min(ends) > 0 and max(ends) >= APART * min(ends)
    if not is_log:
        axes.set_xlim(0, 1.04 * max(ends))
    counted_ticks(axes, is_log=is_log)


def _scale(axes: "Axes", series: Sequence[NDArray[np.float64]], *, from_zero: bool = True) -> None:
    """By powers of ten where the values differ more than fiftyfold."""
    values = np.concatenate([one[np.isfinite(one) & (one > 0)] for one in series] or [np.zeros(0)])
    if len(values) and values.max() > 50 * values.min():
        log_scale(axes)
    elif from_zero:
        axes.set_ylim(0, 1.05 * values.max() if len(values) else None)


def _note_where_empty(axes: "Axes", series: Sequence[NDArray[np.float64]], note: str) -> None:
    if not any(np.isfinite(values).any() for values in series):
        axes.text(0.5, 0.5, note, transform=axes.transAxes, ha="center", va="center")


def _line_styles(runs: Sequence[Curves], has_linear: bool) -> list["Line2D"]:
    blended = any(run.is_blended for run in runs)
    hollow: dict[str, Any] = {"color": GREY, "marker": "o", "markerfacecolor": "white"}
    styles = [key("training: the network, with dropout", linestyle="--", **hollow)]
    if blended:
        styles.append(key("validation: the network alone", linestyle=":", **hollow))
    kept = "validation: with the language models, as kept" if blended else "validation"
    styles.append(key(kept, color=GREY, linestyle="-", marker="o"))
    styles.append(key("epoch whose weights were kept", color=GREY, linestyle="", marker="*", markersize=9))
    if has_linear:
        styles.append(key("linear model, validation", color=GREY, linestyle=(0, (6, 2)), linewidth=1.2))
    return styles
