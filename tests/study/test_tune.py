"""`charnn study --tune`: a search as a command, and that what it finds is what a training makes of it."""

import csv
import json
from pathlib import Path

import pytest
from conftest import TINY, Charnn

SHARES = ["--set", "data.validation_fraction=0.2", "--set", "data.test_fraction=0.2"]
SEARCH = ["--config", "gru", *TINY, *SHARES, "--set", "training.epochs=2", "--set", "search.training.lr=[1e-3, 0.03]"]


def test_what_is_found_is_what_a_training_makes_of_it(charnn: Charnn, small_names: Path, tmp_path: Path) -> None:
    command = ["study", small_names, *SEARCH, "--set", "search.model.hidden_size={low: 4, high: 9}", "--jobs", 1]
    first = charnn(*command, "--tune", 1, "--out", "found")
    assert first.returncode == 0, first.stderr
    done = charnn(*command, "--tune", 3, "--out", "found")
    assert "1 trial done; searching training.lr, model.hidden_size into found" in done.stderr
    title, header, *rows = done.stdout.splitlines()
    assert title.endswith("; 3 trained to the end, 0 not")
    assert header.split() == ["trial", "nll", "accuracy", "macro_f1", "settings"]
    assert [row.split()[4] for row in rows] == ["lr"] * 3
    with (tmp_path / "found" / "trials.csv").open(encoding="utf-8", newline="") as stream:
        trials = list(csv.DictReader(stream))
    assert [(trial["trial"], trial["state"]) for trial in trials] == [(str(n), "complete") for n in range(3)]
    assert (tmp_path / "found" / "trials.md").read_text("utf-8").count("| complete |") == 3
    assert (tmp_path / "found" / "trials.png").read_bytes().startswith(b"\x89PNG")

    trained = charnn("train", small_names, "--config", "found/best.yaml", "--seed", 0, "--out", "run")
    assert trained.returncode == 0, trained.stderr
    records = map(json.loads, (tmp_path / "run" / "history.jsonl").read_text("utf-8").splitlines())
    kept = [record for record in records if record["is_best"]][-1]
    best = min(trials, key=lambda trial: float(trial["nll"]))
    assert (kept["validation_loss"], kept["epoch"]) == (float(best["nll"]), int(best["best_epoch"]))
    assert kept["validation_macro_f1"] == float(best["macro_f1"])


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (["--tune", "0"], "--tune 0 leaves nothing to do; give 1 or more trials, or a time as 30m"),
        (["--tune", "soon"], "--tune soon is no time; write it as 90s, 30m or 2h"),
        (["--tune", "3", "--splits", "2", "--config", "rnn"], "does nothing with --splits, a second --config; leave"),
        (["--engine", "ray"], "--engine ray is for the trials of --tune; add --tune, or leave --engine out"),
    ],
)
def test_what_does_not_go_together_is_told(options: list[str], fault: str, charnn: Charnn, small_names: Path) -> None:
    done = charnn("study", small_names, "--config", "gru", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert fault in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
def test_on_a_cluster_trials_are_those_of_this_machine(charnn: Charnn, small_names: Path, tmp_path: Path) -> None:
    told = []
    for engine in ("local", "ray"):
        done = charnn("study", small_names, *SEARCH, "--tune", 2, "--jobs", 1, "--out", engine, "--engine", engine)
        assert done.returncode == 0, done.stderr
        with (tmp_path / engine / "trials.csv").open(encoding="utf-8", newline="") as stream:
            told.append([{**row, "seconds": ""} for row in csv.DictReader(stream)])
    assert told[0] == told[1]
    assert len(told[0]) == 2
