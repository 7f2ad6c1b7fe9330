"""A run that writes, measured: the figures of its training again, beside n-grams, and what judges say of its names."""

import json
from pathlib import Path

import numpy as np
import pytest
import typer

from charnn_cli.cli.evaluate import evaluate as command
from charnn_cli.cli.writing_output import csv_rows
from charnn_cli.errors import UsageError
from charnn_cli.evaluate import WritingEvaluation, evaluate_writing, missed, parse_bounds
from charnn_cli.metrics.letters import LETTER_METRICS, LetterOutcomes, letter_metrics
from charnn_cli.store import Run


@pytest.fixture(scope="module")
def evaluation(writing_run: Path) -> WritingEvaluation:
    return evaluate_writing(Run(writing_run), with_baseline=True, written=30)


def test_the_figures_are_those_of_the_training(evaluation: WritingEvaluation, writing_run: Path) -> None:
    recorded = json.loads((writing_run / "metrics.json").read_text(encoding="utf-8"))["test"]
    told = json.loads(json.dumps(evaluation.to_json()))
    assert told["metrics"] == pytest.approx(recorded["metrics"], rel=1e-6)
    assert told["ngrams"]["metrics"]["bits_per_letter"] == pytest.approx(recorded["ngrams"]["bits_per_letter"])
    assert told["ngrams"]["order"] == recorded["ngrams"]["order"]
    assert told["as_classifier"]["metrics"]["accuracy"] == recorded["as_classifier"]["accuracy"]
    assert [row["origin"] for row in told["per_origin"]] == [row["origin"] for row in recorded["per_origin"]]
    for metric, (low, high) in told["intervals"].items():
        assert low < told["metrics"][metric] < high
    assert told["seen_in_training"] == 0


def test_what_it_writes_is_judged_as_real_names_are(evaluation: WritingEvaluation) -> None:
    written, held_out = evaluation.to_json()["names"].values()
    assert written.keys() == held_out.keys() == {
        "new", "distinct", "taken for their origin by the model in the box",
        "taken for their origin by the linear model",
    }  # fmt: skip
    assert written["distinct"]["n"] == 30
    assert held_out["new"]["share"] == held_out["distinct"]["share"] == 1.0
    assert all(row["interval"][0] <= row["share"] <= row["interval"][1] for row in written.values())


def test_a_figure_a_row(evaluation: WritingEvaluation) -> None:
    header, *values = csv_rows(evaluation)
    rows = [dict(zip(header, row, strict=True)) for row in values]
    (bits,) = (row for row in rows if row["metric"] == "bits_per_letter" and row["model"] == evaluation.run
               and not row["origin"] and not row["against"])  # fmt: skip
    assert bits["value"] == evaluation.metrics["bits_per_letter"]
    assert {row["names"] for row in rows} == {"all", "written", "held out"}


def test_bounds_are_of_its_own_metrics(evaluation: WritingEvaluation) -> None:
    bounds = parse_bounds(["bits_per_letter=0.1", "perplexity=1e9"], LETTER_METRICS)
    (miss,) = missed(bounds, evaluation.metrics)
    assert miss.startswith("bits_per_letter is ")
    with pytest.raises(UsageError, match="no metric 'accuracy' to bound"):
        parse_bounds(["accuracy=0.5"], LETTER_METRICS)


def test_a_bound_is_of_letters_or_of_the_answers_by_bayes_rule(
    evaluation: WritingEvaluation,
    writing_run: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("charnn_cli.evaluate.evaluate_writing", lambda *_, **__: evaluation)
    command([writing_run], fail_under=["macro_f1=0", "bits_per_letter=99", "nll=99"], output_format="csv")
    with pytest.raises(typer.Exit):
        command([writing_run], fail_under=["macro_f1=1.5", "perplexity=1"], output_format="csv")
    missed = [line.split(" is ")[0] for line in capsys.readouterr().err.splitlines()]
    assert missed == ["charnn: macro_f1", "charnn: perplexity"]
    with pytest.raises(UsageError, match=r"no metric 'f1' to bound; use one of nats_per_letter, .*, macro_f1"):
        command([writing_run], fail_under=["f1=0.5"])


@pytest.mark.parametrize("options", [{"compare": [Path("other")]}, {"report": Path("page.html")}])
def test_what_is_for_runs_that_tell_origins_is_refused(writing_run: Path, options: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="writes names"):
        command([writing_run], **options)


def test_letters_are_summed_before_they_are_divided() -> None:
    outcomes = LetterOutcomes(np.array([2.0, 10.0]), np.array([1, 9]), np.array([0, 1]))
    assert outcomes.metrics()["nats_per_letter"] == pytest.approx(1.2)
    assert letter_metrics(np.log(8)) == pytest.approx(
        {"nats_per_letter": np.log(8), "bits_per_letter": 3, "perplexity": 8}
    )
    same = outcomes.minus(LetterOutcomes(outcomes.nats + outcomes.letters, outcomes.letters, outcomes.origins))
    assert same == pytest.approx((-1 / np.log(2),) * 3)  # paired: each name costs as much less
