"""What origins are recognised by."""

from pathlib import Path

import numpy as np
import pytest

from charnn_cli.errors import DataError
from charnn_cli.plots import worth
from charnn_cli.plots.request import Request
from charnn_cli.plots.worth import PLACES, Ngram, Pieces, Recognised, draw
from charnn_cli.predict import Predictor
from charnn_cli.store import Run


def test_a_name_is_taken_apart_into_ngrams_and_marks() -> None:
    pieces = Pieces.of([("abc", "ü"), ("d", "")])
    assert dict(zip(pieces.texts, zip(pieces.places.tolist(), pieces.shortened, strict=True), strict=True)) == {
        "a–": (2, "bcü"), "–b–": (1, "acü"), "–c": (0, "abü"), "ab–": (-1, "cü"), "–bc": (-1, "aü"), "+ü": (-1, "abc"),
    }  # fmt: skip
    assert pieces.rows.tolist() == [0] * 6  # the one letter of a name is all of it


def test_the_best_endings_and_ngrams_by_hand() -> None:
    pieces = Pieces.of([("xov", "")] * 6 + [("yin", "")] * 4)
    value = {"–ov": 3.0, "–v": 2.0, "–in": 1.0, "xo–": 0.5, "yi–": -1.0}
    costs = np.array([value.get(text, 0.0) for text in pieces.texts])
    found = Recognised.of("Russian", pieces, costs, np.arange(10))
    assert found.endings == [Ngram("–ov", 3.0, 0.6), Ngram("–in", 1.0, 0.4)]  # –v is a part of –ov
    assert found.others == [Ngram("xo–", 0.5, 0.6)]  # what speaks against the origin is left out
    np.testing.assert_allclose(found.places[:4], [1.2, 0, 0, np.nan])


def test_worth_is_that_of_the_explanation_of_a_name(make_run) -> None:  # type: ignore[no-untyped-def]
    run = Run(make_run("gru"))
    predictor = Predictor(run.trained)
    explained = predictor.explain("Rossi")
    pieces = Pieces.of([("rossi", "")])
    origins = np.array([run.trained.labels.index(explained.origin)])
    without = worth._without(predictor, pieces, origins, None)
    single = pieces.places >= 0
    fall = np.log(explained.beliefs[-1].max()) - without[single]
    np.testing.assert_allclose(fall, explained.worth, atol=1e-5)


def test_rows_tiles_and_places() -> None:
    one = Recognised("A$1$", 9, [Ngram("–ov", 3.0, 0.5)], [], np.arange(PLACES) - 1.0)
    two = Recognised("B", 1, [], [Ngram("+ü", 1.0, 1.0)], np.full(PLACES, np.nan))
    axes = draw([one, two], caption="run r").axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["A$1$ (9)", "B (1)"]
    written = [text.get_text() for text in axes.texts]
    assert written[:4] == ["–ov", "50%", "−1.0", "0.0"]
    assert "+ü" in written
    darkest = [patch for patch in axes.patches if sum(patch.get_facecolor()[:3]) < 1]
    assert {patch.get_x() for patch in darkest} == {0.0, axes.get_xlim()[1] - PLACES}  # –ov, and the eighth letter


def test_a_model_that_tells_nothing_rightly_has_nothing_to_show(make_run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run = Run(make_run("gru"))
    (best,) = Predictor(run.trained).predict(["Rossi"])
    other = next(label for label in run.trained.labels if label != best.origin)
    table = tmp_path / "wrong.csv"
    table.write_text(f"name,origin\nRossi,{other}\n", encoding="utf-8")
    with pytest.raises(DataError, match="tells none of the names rightly; give other labelled names"):
        worth.make(Request((run,), data=table))
