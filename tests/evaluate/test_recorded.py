"""What several runs have recorded, side by side, and what keeps runs from being compared."""

import csv
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import Charnn
from evaluation_runs import make_run, write_data

from charnn_cli.errors import ModelError
from charnn_cli.evaluate import Records, evaluate
from charnn_cli.store import Run


@pytest.fixture
def unfinished(tiny_run: Path, tmp_path: Path) -> Path:
    """The tiny run as it was before it ended."""
    folder = tmp_path / "runs" / "unfinished"
    shutil.copytree(tiny_run, folder)
    (folder / "metrics.json").unlink()
    return folder


def test_several_runs_are_told_by_what_they_have_recorded(charnn: Charnn, tiny_run: Path, writing_run: Path) -> None:
    done = charnn("evaluate", tiny_run, writing_run, "--format", "json")
    told = json.loads(done.stdout)
    recorded = Run(tiny_run).metrics
    first, second = told["runs"]
    assert first["metrics"] == recorded["test"]["metrics"]
    assert (first["side"], first["n"], first["finished"]) == ("test", recorded["test"]["n"], recorded["finished"])
    assert [run["recipe"] for run in told["runs"]] == ["default", "generator"]
    assert "bits_per_letter" in second["metrics"]
    assert told["differences"]["model.task"] == ["classify", "generate"]
    assert "model.hidden_size" not in told["differences"]
    assert told["apart"] == ["reading of the names"]
    assert "figures are of different names and no comparison (what differs: reading of the names)" in done.stderr
    rows = list(csv.DictReader(io.StringIO(charnn("evaluate", tiny_run, writing_run, "--format", "csv").stdout)))
    assert float(rows[0]["macro_f1"]) == first["metrics"]["macro_f1"]
    assert [row["training.batch_size"] for row in rows] == ["null", "64"]
    assert (rows[1]["macro_f1"], rows[0]["recipe"]) == ("", "default")


def test_runs_that_were_measured_on_the_same_names_are_comparable(
    charnn: Charnn, tiny_run: Path, unfinished: Path
) -> None:
    assert Records.of([Run(tiny_run), Run(tiny_run)]).apart == []
    records = Records.of([Run(tiny_run), Run(unfinished)])
    assert records.apart == ["side of the split"]
    assert "is not finished; its figures are those of its best epoch so far" in records.notes[0]
    done = charnn("evaluate", tiny_run, tiny_run)
    assert (done.returncode, done.stderr) == (0, "")
    assert "their settings are the same" in done.stdout
    assert f"{Run(tiny_run).metrics['test']['metrics']['macro_f1']:.3f}" in done.stdout


def test_what_measures_anew_is_refused_beside_several_runs(charnn: Charnn, tiny_run: Path) -> None:
    done = charnn("evaluate", tiny_run, tiny_run, "--split", "all", "--baseline")
    assert (done.returncode, done.stdout) == (2, "")
    assert "take no --split, --baseline; leave it out, or measure them: charnn evaluate " in done.stderr


@pytest.mark.parametrize(
    "content",
    ['{"test": {"metrics": {"accuracy": "high"}}}', '{"test": 5}', '{"finished": 5}', '{"training_seconds": "long"}'],
)
def test_figures_that_are_none_are_refused(unfinished: Path, content: str) -> None:
    (unfinished / "metrics.json").write_text(content)
    with pytest.raises(ModelError, match=r"metrics.json: holds (no figures of a run|figures that are no numbers)"):
        Records.of([Run(unfinished)])


def test_names_with_marks_are_known_to_a_run_that_reads_marks(tmp_path: Path) -> None:
    names = {"Alpha": [f"Aaü{letter}" for letter in "bcdefghikl"], "Beta": [f"Bbö{letter}" for letter in "bcdefghikl"]}
    data = write_data(tmp_path / "names", names)
    run, other = (Run(make_run(tmp_path / name, data)) for name in ("run", "other"))
    rules = replace(other.trained.rules, marks=("ö", "ü"))
    other.__dict__["trained"] = replace(other.trained, rules=rules)
    assert np.array_equal(run.training_hashes, other.training_hashes)
    evaluation = evaluate(run, split="train", compare=[other])
    assert evaluation.comparisons[0].seen_in_training == evaluation.seen_in_training == evaluation.n
