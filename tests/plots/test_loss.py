"""Curves of a run's history."""

import numpy as np
import pytest

from charnn_cli.plots.loss import Curves, draw

HISTORY = [
    {"epoch": 1, "step": 10, "names_seen": 95, "train_loss": 2.0,
     "network_validation_loss": 1.75, "validation_loss": 1.5, "validation_macro_f1": 0.2,
     "gradient_norm": 3.0, "clipped_share": 1.0, "is_best": True},
    {"epoch": 2, "step": 20, "names_seen": 190, "train_loss": 1.0, "validation_loss": None, "validation_macro_f1": None,
     "gradient_norm": 2.0, "clipped_share": 0.25, "is_best": False},
    {"epoch": 3, "step": 30, "names_seen": 285, "train_loss": 0.5,
     "network_validation_loss": 1.0, "validation_loss": 0.75, "validation_macro_f1": 0.6,
     "gradient_norm": 1.0, "clipped_share": 0.0, "is_best": True},
]  # fmt: skip


def test_a_history_becomes_arrays_with_gaps() -> None:
    curves = Curves.of("run", HISTORY, 10)
    assert curves.names_seen.tolist() == [95, 190, 285]
    np.testing.assert_array_equal(curves.network_loss, [1.75, np.nan, 1.0])
    assert curves.is_blended
    np.testing.assert_array_equal(curves.validation_loss, [1.5, np.nan, 0.75])
    assert curves.best == 2


def test_a_history_of_before_counts_names_by_steps_and_has_one_validation_line() -> None:
    old = [{"epoch": 1, "step": 10, "train_loss": 2.0, "validation_loss": 1.5}]
    curves = Curves.of("run", old, 8)
    assert curves.names_seen.tolist() == [80]
    figure = draw([curves], caption="")
    assert len([line for line in figure.axes[0].lines if line.get_gid() != "best"]) == 2
    assert [text.get_text() for text in figure.legends[1].get_texts()][1] == "validation"


def test_a_network_that_nothing_is_blended_with_has_one_validation_line() -> None:
    alone = [{**record, "network_validation_loss": record["validation_loss"]} for record in HISTORY]
    assert not Curves.of("run", alone).is_blended


def test_the_linear_model_is_a_reference_in_both_panels() -> None:
    figure = draw([Curves.of("run", HISTORY)], {"nll": 0.6, "macro_f1": 0.5}, caption="")
    levels = [[line.get_ydata()[0] for line in axes.lines if line.get_gid() == "linear"] for axes in figure.axes]
    assert levels == [[0.6], [0.5], [], []]


@pytest.mark.parametrize(("longer", "scale"), [(9, "linear"), (10, "log")])
def test_runs_that_differ_tenfold_share_a_logarithmic_axis(longer: int, scale: str) -> None:
    runs = [Curves.of(str(last), [{"names_seen": last, "train_loss": 1.0}]) for last in (1000, 1000 * longer)]
    assert draw(runs, caption="").axes[0].get_xscale() == scale


@pytest.mark.parametrize("longer", [10, 1000, 10**7])
def test_ticks_of_a_logarithmic_axis_are_few_and_differ(longer: int) -> None:
    runs = [Curves.of(str(last), [{"names_seen": last, "train_loss": 1.0}]) for last in (300, 300 * longer)]
    figure = draw(runs, caption="")
    figure.draw_without_rendering()
    low, high = figure.axes[2].get_xlim()
    ticks = [tick.label1.get_text() for tick in figure.axes[2].xaxis.get_major_ticks() if low <= tick.get_loc() <= high]
    assert 2 <= len(set(ticks)) == len(ticks) <= 8


def test_one_epoch_has_whole_ticks_of_its_own() -> None:
    figure = draw([Curves.of("run", HISTORY[:1])], caption="")
    figure.draw_without_rendering()
    ticks = [text.get_text() for text in figure.axes[2].get_xticklabels() if text.get_text()]
    assert len(set(ticks)) == len(ticks) > 2


def test_two_runs_are_laid_over_each_other() -> None:
    runs = [Curves.of("first", HISTORY), Curves.of("$second_1$", HISTORY[:2])]
    figure = draw(runs, caption="runs first, second · data d · training and validation split")
    loss, score, norm, clipped = figure.axes
    lines = {name: [line for line in axes.lines if line.get_gid() != "best"] for name, axes in
             (("loss", loss), ("score", score), ("norm", norm), ("clipped", clipped))}  # fmt: skip
    assert {name: len(found) for name, found in lines.items()} == {"loss": 6, "score": 2, "norm": 2, "clipped": 2}
    training, network, validation = lines["loss"][:3]
    assert training.get_ydata().tolist() == [2.0, 1.0, 0.5]
    assert training.get_linestyle() == "--"
    assert network.get_ydata().tolist() == [1.75, 1.0]
    assert network.get_linestyle() == ":"
    assert validation.get_xdata().tolist() == [95, 285]
    assert validation.get_ydata().tolist() == [1.5, 0.75]
    assert lines["clipped"][0].get_ydata().tolist() == [100, 25, 0]
    assert [line.get_xdata().tolist() for line in score.lines if line.get_gid() == "best"] == [[285], [95]]
    assert [axes.get_ylabel() for axes in figure.axes] == [
        "loss (nats per name)", "macro-F1, validation", "gradient norm, mean\nbefore clipping", "clipped steps (%)",
    ]  # fmt: skip
    assert norm.get_xlabel() == clipped.get_xlabel() == "names seen in training"
    assert score.get_ylim()[0] > 0.15  # zoomed
    names, styles = figure.legends
    assert [text.get_text() for text in names.get_texts()] == ["first", "$second_1$"]
    assert [text.get_text() for text in styles.get_texts()] == [
        "training: the network, with dropout", "validation: the network alone",
        "validation: with the language models, as kept", "epoch whose weights were kept",
    ]  # fmt: skip
    assert figure.get_supxlabel().startswith("runs first, second")


def test_runs_differ_in_colour_and_in_mark() -> None:
    runs = [Curves.of(str(number), HISTORY) for number in range(14)]
    norm = draw(runs, caption="").axes[2]
    assert len({(line.get_color(), line.get_marker()) for line in norm.lines}) == 14


def test_a_run_that_never_validated_says_so() -> None:
    history = [{"step": step, "train_loss": 1.0} for step in (1000, 2000)]
    figure = draw([Curves.of("lesson", history)], caption="")
    assert [text.get_text() for text in figure.axes[1].texts] == ["no epoch was validated"]


@pytest.mark.parametrize(("largest", "scale"), [(40.0, "linear"), (1e6, "log")])
def test_norms_that_explode_get_a_log_axis(largest: float, scale: str) -> None:
    history = [{"step": 1, "gradient_norm": 1.0}, {"step": 2, "gradient_norm": largest}]
    figure = draw([Curves.of("run", history)], caption="")
    assert figure.axes[2].get_yscale() == scale


def test_the_highest_norm_is_no_mark_cut_in_two() -> None:
    nearly_even = [{**epoch, "gradient_norm": 1.2 + 0.01 * epoch["epoch"]} for epoch in HISTORY]
    norm = draw([Curves.of("run", nearly_even)], caption="").axes[2]
    assert norm.get_ylim()[0] == 0
    assert norm.get_ylim()[1] > 1.25
