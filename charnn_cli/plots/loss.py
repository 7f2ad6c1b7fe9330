"""How training went: loss and macro-F1 above, gradient norm and clipped steps below, one colour a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import ModelError
from charnn_cli.plots.request import Request, Takes, caption
from charnn_cli.plots.style import (
    GREY,
    LEGEND_ROW,
    colour,
    drawing,
    key,
    legend_below,
    log_scale,
    marker,
    new_figure,
    whole_ticks,
)
from charnn_cli.store import is_shipped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

TAKES = Takes(runs=True)
Against = Literal["epoch", "step"]
MOST_MARKS = 25  # more of them on a line would hide it


@dataclass(frozen=True, slots=True)
class Curves:
    """One run's history as arrays (R,), one entry a record; NaN where nothing was measured."""

    name: str
    position: NDArray[np.float64]  # epochs or steps
    train_loss: NDArray[np.float64]  # nats a name
    validation_loss: NDArray[np.float64]
    validation_macro_f1: NDArray[np.float64]
    gradient_norm: NDArray[np.float64]  # mean over the record's steps, before clipping
    clipped_share: NDArray[np.float64]  # 0 to 1
    best: int | None  # index of the record whose weights were kept

    @classmethod
    def of(cls, name: str, history: Sequence[Mapping[str, Any]], against: Against) -> "Curves":
        """The curves of a run's `history.jsonl`."""

        def column(key: str) -> NDArray[np.float64]:
            values = (record.get(key) for record in history)
            return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

        best = [index for index, record in enumerate(history) if record.get("is_best")]
        return cls(
            name,
            column(against),
            column("train_loss"),
            column("validation_loss"),
            column("validation_macro_f1"),
            column("gradient_norm"),
            column("clipped_share"),
            best[-1] if best else None,
        )


def make(request: Request) -> "Figure":
    """Loss, macro-F1, gradient norm and clipped steps of one or several runs."""
    if any(is_shipped(run.folder) for run in request.runs):
        raise ModelError("the model that comes with charnn keeps no record of its training", "name a run folder")
    by_step = any(run.config.get("training", {}).get("batch_size") == 1 for run in request.runs)  # as the lesson trains
    against: Against = "step" if by_step else "epoch"
    curves = []
    for run, name in zip(request.runs, request.titles(), strict=True):
        if not run.history:
            raise ModelError("has no finished epoch to plot", "resume its training", where=run.folder)
        curves.append(Curves.of(name, run.history, against))
    return draw(curves, against=against, caption=caption(request, "training and validation split"))


def draw(runs: Sequence[Curves], *, against: Against, caption: str) -> "Figure":
    """Four panels over one horizontal axis, and one legend beneath them that names runs and line styles."""
    with drawing([run.name for run in runs]) as lettering:
        rows = max((len(runs) + 1) // 2, 3)
        figure = new_figure(8.0, 5.4 + LEGEND_ROW * rows, title="Training", caption=caption, legend_rows=rows)
        panels = figure.subplots(2, 2, sharex=True, height_ratios=(3, 2))
        loss, score, norm, clipped = panels.flat
        for index, run in enumerate(runs):
            _line(loss, run, run.train_loss, index, dashed=True)
            _line(loss, run, run.validation_loss, index, best=True)
            _line(score, run, run.validation_macro_f1, index, best=True)
            _line(norm, run, run.gradient_norm, index)
            _line(clipped, run, 100 * run.clipped_share, index)
        loss.set_ylabel("loss (nats per name)")
        score.set_ylabel("macro-F1, validation")
        norm.set_ylabel("gradient norm, mean\nbefore clipping")
        score.set_ylim(0, 1.1 * score.get_ylim()[1])
        clipped.set_ylabel("clipped steps (%)")
        clipped.set_ylim(-4, 104)
        for axes in (norm, clipped):
            axes.set_xlabel(against)
            whole_ticks(axes)
        _scale(norm, [run.gradient_norm for run in runs])
        _note_where_empty(score, [run.validation_macro_f1 for run in runs], "no epoch was validated")
        keys = [
            key(lettering.spell(run.name), color=colour(index), marker=marker(index)) for index, run in enumerate(runs)
        ]
        legend_below(figure, keys, columns=2)
        legend_below(figure, _line_styles(against), columns=1, right=True)
    return figure


def _line(
    axes: "Axes", run: Curves, values: NDArray[np.float64], index: int, *, dashed: bool = False, best: bool = False
) -> None:
    """The known values of a run: full marks on a full line, hollow ones on a dashed line."""
    known = np.isfinite(values)
    axes.plot(
        run.position[known],
        values[known],
        color=colour(index),
        linestyle="--" if dashed else "-",
        marker=marker(index),
        markerfacecolor="white" if dashed else colour(index),
        markersize=3.5,
        markevery=max(int(known.sum()) // MOST_MARKS, 1),
        label=run.name,
    )
    if best and run.best is not None and known[run.best]:
        axes.plot(run.position[run.best], values[run.best], "*", color=colour(index), markersize=11, gid="best")


def _scale(axes: "Axes", norms: Sequence[NDArray[np.float64]]) -> None:
    """From zero, or by powers of ten where the norms differ more than fiftyfold."""
    values = np.concatenate([norm[np.isfinite(norm) & (norm > 0)] for norm in norms] or [np.zeros(0)])
    if len(values) and values.max() > 50 * values.min():
        log_scale(axes)
    else:
        axes.set_ylim(bottom=0)


def _note_where_empty(axes: "Axes", series: Sequence[NDArray[np.float64]], note: str) -> None:
    if not any(np.isfinite(values).any() for values in series):
        axes.text(0.5, 0.5, note, transform=axes.transAxes, ha="center", va="center")


def _line_styles(against: Against) -> list["Line2D"]:
    return [
        key("training", color=GREY, linestyle="--", marker="o", markerfacecolor="white"),
        key("validation", color=GREY, linestyle="-", marker="o"),
        key(f"{against} whose weights were kept", color=GREY, linestyle="", marker="*", markersize=9),
    ]
