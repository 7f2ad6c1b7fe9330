"""Bounds that a metric must meet."""

import math

import pytest

from charnn_cli.errors import UsageError
from charnn_cli.evaluate import Bound, missed, parse_bounds


def test_parse() -> None:
    assert parse_bounds(["macro_f1=0.5", "ece = .02", "macro-f1=0.6"]) == [
        Bound("macro_f1", 0.5),
        Bound("ece", 0.02),
        Bound("macro_f1", 0.6),
    ]


@pytest.mark.parametrize("word", ["macro_f1", "f1=0.5", "accuracy=", "accuracy=half", "accuracy=nan", "=1", ""])
def test_refused_with_a_remedy(word: str) -> None:
    with pytest.raises(UsageError, match="bound") as caught:
        parse_bounds([word])
    assert caught.value.do


def test_a_bound_is_met_by_a_value_as_good_as_it() -> None:
    metrics = {"accuracy": 0.5, "nll": 1.5, "ece": math.nan}
    bounds = parse_bounds(["accuracy=0.5", "nll=1.5"])
    assert missed(bounds, metrics) == []
    assert missed(parse_bounds(["accuracy=0.500001"]), metrics) == ["accuracy is 0.5, under its bound 0.500001"]
    assert missed(parse_bounds(["nll=1.4"]), metrics) == ["nll is 1.5, above its bound 1.4"]
    assert len(missed(parse_bounds(["ece=1"]), metrics)) == 1
