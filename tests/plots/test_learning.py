"""Accuracy against the number of training names."""

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from small_examples import settings_of

from charnn_cli.data import TEST, TRAIN, VALIDATION, read
from charnn_cli.errors import ModelError
from charnn_cli.evaluate import LabelledNames
from charnn_cli.plots import learning
from charnn_cli.plots.learning import HALVINGS, LEFT_OUT, Curve, Share, draw, shares_of, within_budget
from charnn_cli.plots.request import Request
from charnn_cli.store import Run, RunWriter, locate
from charnn_cli.train import Session


@pytest.fixture(scope="module")
def run(small_names: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of two epochs on the thirty names."""
    settings = settings_of("training.epochs=2")
    dataset = read(small_names, rules=settings.config.text.rules())
    session = Session.prepare(settings, dataset, small_names)
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    with RunWriter(folder) as writer:
        list(session.run(writer))
        session.finish(writer)
    return Run(folder)


def test_shares_hold_each_other_and_none_of_the_test_names() -> None:
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, 2000, dtype=np.uint64)
    hashes[:100], sides = hashes[100:200], np.tile([TRAIN, TRAIN, TRAIN, VALIDATION, TEST], 400)  # of several origins
    dataset = SimpleNamespace(hashes=hashes, origins=rng.integers(0, 3, 2000))
    source = cast(LabelledNames, SimpleNamespace(dataset=dataset, sides=sides, unchanged=True))
    shares = shares_of(source)
    sizes = np.array([share.training for share in shares])
    np.testing.assert_allclose(sizes[1:] / sizes[:-1], 2, rtol=0.3)
    assert (len(shares), sizes[-1]) == (HALVINGS + 1, 1200)
    for smaller, larger in pairwise(shares):
        for side in (TRAIN, VALIDATION):
            assert set(smaller.rows(side)) < set(larger.rows(side)) <= set(np.flatnonzero(sides == side))
        assert smaller.rows(TEST).tolist() == np.flatnonzero(sides == TEST).tolist()
        left_out = smaller.sides == LEFT_OUT
        assert not set(hashes[left_out]) & set(hashes[~left_out & (sides != TEST)])  # whole or not at all
    assert [share.is_run for share in shares] == [False] * HALVINGS + [True]


def test_the_last_point_is_the_run_and_the_reader_is_told_what_it_takes(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "FEWEST_NAMES", 2)
    notes: list[str] = []
    stages: list[str] = []
    request = Request((run,), note=notes.append, on_stage=lambda what, done, total: stages.append(what))
    figure = learning.make(request)
    network, linear = figure.axes[0].lines
    test = run.metrics["test"]
    assert network.get_ydata()[-1] == pytest.approx(100 * test["metrics"]["accuracy"])
    training = int((LabelledNames.of(run, None).sides == TRAIN).sum())
    assert network.get_xdata()[-1] == linear.get_xdata()[-1] == training
    assert len(notes) == 1
    assert notes[0].startswith(f"training {len(network.get_xdata()) - 1} networks on up to ")
    assert {stage.split(" on ")[0] for stage in stages} == {"training", "fitting the linear model"}
    assert f"test split, {test['n']} names" in " ".join(figure.get_supxlabel().split())


def test_larger_shares_are_left_out_where_they_take_too_long(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shares = [Share(np.full(size, TRAIN, np.int8), is_run=size == 80) for size in (10, 20, 40, 80)]
    run = Run(run.folder)
    run.history[-1].update(seconds=1000.0, names_seen=2 * 80)
    settings = settings_of()
    assert within_budget(shares, run, settings) == (shares, pytest.approx(875))
    monkeypatch.setattr(learning, "BUDGET", 500.0)
    assert within_budget(shares, run, settings) == ([shares[0], shares[1], shares[3]], pytest.approx(375))
    bounded = settings_of("training.steps_per_epoch=3")
    assert within_budget(shares[:2], run, bounded)[1] == 2000  # as long with fewer names


def test_curves_and_the_figures_at_their_ends() -> None:
    sizes = np.array([100, 200, 400])
    figure = draw(
        [Curve("$gru$", sizes, np.array([30, 40, 45]), 50), Curve("linear model", sizes, np.array([20, 35, 40]), 50)],
        caption="",
    )
    (axes,) = figure.axes
    assert axes.lines[0].get_ydata().tolist() == [60, 80, 90]
    assert axes.get_xscale() == "log"
    assert [text.get_text() for text in axes.get_xticklabels()] == ["100", "200", "400"]
    assert [text.get_text() for text in axes.texts] == ["$gru$\n90.0%", "linear model\n80.0%"]
    assert len(axes.collections) == 2  # intervals


def test_the_model_in_the_box_does_not_say_how_it_was_trained() -> None:
    with pytest.raises(ModelError, match="does not say how it was trained; name a run folder"):
        learning.make(Request((Run(locate(Path("shipped"))),)))
