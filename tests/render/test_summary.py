"""What a list comes to, counted beside any format and told in any layout."""

import csv
import io
import json

import numpy as np
import pytest

from charnn_cli.predict import Answers
from charnn_cli.predict.groups import Grouping
from charnn_cli.render import renderer
from charnn_cli.render.summary import Summary, Tallied, Tally
from charnn_cli.shares import Estimate

LABELS = ("Dutch", "English", "French")
SHARES = np.array([0.2, 0.7, 0.1])


def answers() -> Answers:
    probabilities = np.array([[0.9], [0.5], [0.4], [0.8]], dtype=np.float32)
    origins, reasons = np.array([[1], [1], [0], [2]]), [None, None, None, "empty"]
    return Answers(LABELS, reasons, origins, probabilities, np.log(probabilities))


def summary(**changes: object) -> Summary:
    tally = Tally(len(LABELS))
    tally.add(Tally.codes(answers()))
    found = Estimate(SHARES, np.diag(SHARES) / 1000, "em", 400, 0.04)
    told = {"rows": 4, "abstained": {"empty": 1}, "estimate": found, "model": "runs/a", "prior": "list"} | changes
    return Summary(LABELS, tally=tally, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize("layout", ["tsv", "csv", "ndjson", "json", None])
def test_rows_are_counted_and_written_as_without(layout: str | None) -> None:
    names, tally = ["a", "b", "c", ""], Tally(len(LABELS))
    counting = Tallied(tally, layout and renderer(layout, 1))  # type: ignore[arg-type]
    once = counting.answers(names, answers(), with_name=True)
    written = counting.begin(None) + counting.rows([once[row] for row in (0, 0, 1, 2, 3)]) + counting.end()
    assert tally.counts.tolist() == [1, 3, 0]
    assert tally.unsure == 2
    if layout is None:
        assert written == b""
        return
    plain = renderer(layout, 1)
    rows = plain.answers(names, answers(), with_name=True)
    assert written == plain.begin(None) + plain.rows([rows[row] for row in (0, 0, 1, 2, 3)]) + plain.end()


def test_json() -> None:
    told = summary().to_json()
    assert {key: told[key] for key in ("rows", "answered", "abstained", "unsure", "method", "model", "names")} == {
        "rows": 4, "answered": 3, "abstained": {"empty": 1}, "unsure": 2, "method": "em", "model": "runs/a",
        "names": 400,
    }  # fmt: skip
    assert [line["origin"] for line in told["shares"]] == ["English", "Dutch", "French"]
    assert [line["count"] for line in told["shares"]] == [2, 1, 0]
    assert sum(line["share"] for line in told["shares"]) == pytest.approx(1)
    assert all(0 <= line["low"] <= line["share"] <= line["high"] <= 1 for line in told["shares"])
    assert "groups" not in told
    nobody = summary(estimate=None, rows=1, abstained={"empty": 1}).to_json()
    assert (nobody["answered"], nobody["method"], nobody["shares"]) == (0, None, [])
    json.dumps(summary(estimate=Estimate(SHARES, np.eye(3), "em", 400, np.nan)).to_json(), allow_nan=False)


def test_groups_come_first_in_columns() -> None:
    grouping = Grouping(("North", "South"), np.array([0, 0, 1]))
    told = summary(grouping=grouping)
    rows = list(csv.reader(io.StringIO(told.delimited(is_tsv=False).decode())))
    assert rows[0] == ["group", "origin", "share", "low", "high", "count"]
    assert [row[:3] for row in rows[1:]] == [
        ["North", "", "0.9"], ["South", "", "0.1"],
        ["North", "English", "0.7"], ["North", "Dutch", "0.2"], ["South", "French", "0.1"],
    ]  # fmt: skip
    assert [row[-1] for row in rows[1:3]] == ["3", "0"]
    assert [group["group"] for group in told.to_json()["groups"]] == ["North", "South"]
    assert summary().delimited(is_tsv=True).decode().splitlines()[0] == "origin\tshare\tlow\thigh\tcount"


@pytest.mark.parametrize(
    ("method", "odd", "what"),
    [("em", 0.05, "the list's own"), ("em", np.nan, "gets wrong"), ("mean", 0.5, "50% of"), ("mean", 0.05, "too few")],
)
def test_what_the_shares_stand_on(method: str, odd: float, what: str) -> None:
    found = Estimate(SHARES, np.eye(3), method, 30, odd)  # type: ignore[arg-type]
    assert what in summary(estimate=found).assumption
