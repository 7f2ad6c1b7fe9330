"""Shares of lists: what is drawn is what was estimated, and a list that does not fit is said to be none."""

from pathlib import Path

import numpy as np
import pytest

from charnn_cli.errors import CharnnError
from charnn_cli.plots import kind
from charnn_cli.plots.request import Request
from charnn_cli.plots.shares import Listed, draw
from charnn_cli.shares import Estimate
from charnn_cli.store import Run

LABELS = ("Dutch", "English", "French", "Greek")
SHARES = np.array([0.2, 0.5, 0.299, 0.001])


def listed(name: str, shares: np.ndarray, true: np.ndarray | None = None, **told: object) -> Listed:
    found = {"method": "em", "names": 400, "odd": 0.05} | told
    return Listed(name, 500, Estimate(shares, np.diag(shares) / 400, **found), true)  # type: ignore[arg-type]


def test_a_mark_and_an_interval_for_each_list_and_origin() -> None:
    one, other = listed("a.txt", SHARES), listed("b.txt", SHARES[[1, 0, 2, 3]], true=SHARES)
    figure = draw([one, other], LABELS, caption="two lists")
    axes = figure.axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["Dutch", "English", "French"]
    marks = [line.get_xdata().tolist() for line in axes.lines]
    assert marks == [[0.2, 0.5, 0.299], [0.5, 0.2, 0.299], [0.2, 0.5, 0.299]]  # the last are the true shares
    low, high = one.estimate.intervals()
    drawn = [(piece[0][0], piece[1][0]) for piece in axes.collections[0].get_segments()]
    np.testing.assert_allclose(drawn, np.stack([low, high], axis=1)[:3])
    assert figure.get_supxlabel() == "two lists · 1 origin with smaller shares left out"
    entries = [text.get_text() for text in figure.legends[0].get_texts()]
    assert entries == ["a.txt (500 rows)", "b.txt (500 rows)", "true share"]


def test_lists_are_read_with_their_columns(make_run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "list.csv").write_text("given,family\n" + "Anna,Rossi\n" * 70)
    request = Request((Run(make_run("gru")),), lists=(tmp_path / "list.csv",), columns=("given", "family"))
    caption = kind("shares").make(request).get_supxlabel()
    assert caption.startswith("run gru · list.csv, 70 rows · intervals leave out what the model itself gets wrong")


@pytest.mark.parametrize(("text", "what"), [(None, "no list is given"), ("123\n456\n", "can read none of the names")])
def test_what_cannot_be_drawn(text: str | None, what: str, make_run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "list.txt").write_text(text or "")
    request = Request((Run(make_run("gru")),), lists=() if text is None else (tmp_path / "list.txt",))
    with pytest.raises(CharnnError, match=what):
        kind("shares").make(request)
