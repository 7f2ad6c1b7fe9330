"""Curves of a run's history."""

import numpy as np
import pytest

from charnn_cli.plots.loss import Curves, draw

HISTORY = [
    {"epoch": 1, "step": 10, "train_loss": 2.0, "validation_loss": 1.5, "validation_macro_f1": 0.2,
     "gradient_norm": 3.0, "clipped_share": 1.0, "is_best": True},
    {"epoch": 2, "step": 20, "train_loss": 1.0, "validation_loss": None, "validation_macro_f1": None,
     "gradient_norm": 2.0, "clipped_share": 0.25, "is_best": False},
    {"epoch": 3, "step": 30, "train_loss": 0.5, "validation_loss": 0.75, "validation_macro_f1": 0.6,
     "gradient_norm": 1.0, "clipped_share": 0.0, "is_best": True},
]  # fmt: skip


def test_a_history_becomes_arrays_with_gaps() -> None:
    curves = Curves.of("run", HISTORY, "step")
    assert curves.position.tolist() == [10, 20, 30]
    np.testing.assert_array_equal(curves.validation_loss, [1.5, np.nan, 0.75])
    assert curves.best == 2


def test_two_runs_are_laid_over_each_other() -> None:
    runs = [Curves.of("first", HISTORY, "epoch"), Curves.of("$second_1$", HISTORY[:2], "epoch")]
    figure = draw(runs, against="epoch", caption="runs first, second · data d · training and validation split")
    loss, score, norm, clipped = figure.axes
    lines = {name: [line for line in axes.lines if line.get_gid() != "best"] for name, axes in
             (("loss", loss), ("score", score), ("norm", norm), ("clipped", clipped))}  # fmt: skip
    assert {name: len(found) for name, found in lines.items()} == {"loss": 4, "score": 2, "norm": 2, "clipped": 2}
    training, validation = lines["loss"][:2]
    assert training.get_ydata().tolist() == [2.0, 1.0, 0.5]
    assert training.get_linestyle() == "--"
    assert validation.get_xdata().tolist() == [1, 3]
    assert validation.get_ydata().tolist() == [1.5, 0.75]
    assert lines["clipped"][0].get_ydata().tolist() == [100, 25, 0]
    assert [line.get_xdata().tolist() for line in score.lines if line.get_gid() == "best"] == [[3], [1]]
    assert [axes.get_ylabel() for axes in figure.axes] == [
        "loss (nats per name)", "macro-F1, validation", "gradient norm, mean\nbefore clipping", "clipped steps (%)",
    ]  # fmt: skip
    assert norm.get_xlabel() == clipped.get_xlabel() == "epoch"
    names, styles = figure.legends
    assert [text.get_text() for text in names.get_texts()] == ["first", "$second_1$"]
    assert [text.get_text() for text in styles.get_texts()] == [
        "training", "validation", "epoch whose weights were kept",
    ]  # fmt: skip
    assert figure.get_supxlabel().startswith("runs first, second")


def test_runs_differ_in_colour_and_in_mark() -> None:
    runs = [Curves.of(str(number), HISTORY, "epoch") for number in range(3)]
    norm = draw(runs, against="epoch", caption="").axes[2]
    assert len({line.get_color() for line in norm.lines}) == len({line.get_marker() for line in norm.lines}) == 3


def test_a_run_that_never_validated_says_so() -> None:
    history = [{"step": step, "train_loss": 1.0} for step in (1000, 2000)]
    figure = draw([Curves.of("lesson", history, "step")], against="step", caption="")
    assert [text.get_text() for text in figure.axes[1].texts] == ["no epoch was validated"]
    assert figure.axes[2].get_xlabel() == "step"


@pytest.mark.parametrize(("largest", "scale"), [(40.0, "linear"), (1e6, "log")])
def test_norms_that_explode_get_a_log_axis(largest: float, scale: str) -> None:
    history = [{"epoch": 1, "gradient_norm": 1.0}, {"epoch": 2, "gradient_norm": largest}]
    figure = draw([Curves.of("run", history, "epoch")], against="epoch", caption="")
    assert figure.axes[2].get_yscale() == scale
