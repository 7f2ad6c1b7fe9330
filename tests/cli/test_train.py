"""`charnn train`, run as a process."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PATIENCE, TINY, Charnn
from trainings import SHARES, files_of, start, wait_for_epochs

from charnn_cli.cli.evaluate import metric_words
from charnn_cli.cli.options import recipe_words, run_words, setting_words
from charnn_cli.cli.plot import kind_words

RUN_FILES = {
    ".gitattributes",
    ".gitignore",
    "MODEL_CARD.md",
    "README.md",
    "config.yaml",
    "history.jsonl",
    "last/places.json",
    "last/state.safetensors",
    "metrics.json",
    "model.json",
    "model.safetensors",
    "training_names.safetensors",
}


def test_a_run_folder_holds_what_the_store_promises(tiny_run: Path) -> None:
    assert files_of(tiny_run) == RUN_FILES
    assert (tiny_run.parent / "latest").read_text() == "tiny\n"
    metrics = json.loads((tiny_run / "metrics.json").read_text())
    assert {"validation", "test", "temperature", "best_epoch"} <= metrics.keys()
    assert len((tiny_run / "history.jsonl").read_text().splitlines()) == 3
    assert "not tell a person's identity" in (tiny_run / "MODEL_CARD.md").read_text().replace("\n", " ")


def test_streams_and_default_folder(charnn: Charnn, small_names: Path, tmp_path: Path) -> None:
    for number in (1, 2):
        done = charnn("train", small_names, "--epochs", 2, *TINY, *SHARES)
        assert done.returncode == 0
        assert len([line for line in done.stderr.splitlines() if line.startswith("epoch ")]) == 2
        (run,) = (tmp_path / "runs").glob(f"*-gru-{number}")
        assert (tmp_path / "runs" / "latest").read_text() == f"{run.name}\n"
        assert done.stdout == f"runs/{run.name}\n"
    assert charnn("train", small_names, "--epochs", 1, *TINY, *SHARES, "--quiet").stderr == ""


def test_a_run_has_a_name_and_remembers_its_recipe(charnn: Charnn, small_names: Path, tmp_path: Path) -> None:
    command = ["train", small_names, "--config", "rnn", "--cell", "lstm", "--epochs", 1, *TINY, *SHARES]
    done = charnn(*command, "--name", "first one")
    assert (done.returncode, done.stdout) == (0, "runs/first one\n")
    recorded = json.loads((tmp_path / "runs" / "first one" / "model.json").read_text())["about"]
    assert recorded["recipe"] == "rnn"
    for words, fault in (
        (["--name", "first one"], "runs/first one: holds a run already; resume it, force its replacement"),
        (["--name", "a/b"], "'a/b' is no name for a run; give one without / "),
        (["--name", ".."], "'..' is no name for a run; "),
        (["--name", "Latest"], "'latest' is no name for a run"),
        (["--name", "a", "--out", "b"], "--name and --out both say where the run goes; leave one of them out"),
        (["--name", "a", "--resume", "runs/first one"], "--name"),
    ):
        done = charnn(*command, *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert fault in done.stderr
    assert [path.name for path in sorted((tmp_path / "runs").iterdir())] == ["first one", "latest"]


def test_flags_reach_the_recorded_config(charnn: Charnn, small_names: Path, tmp_path: Path) -> None:
    flags = ["--cell", "lstm", "--lr", 0.01, "--clip-norm", 2, "--seed", 7, "--device", "cpu", "--epochs", 1]
    done = charnn("train", small_names, *TINY, *flags, "--out", "here", *SHARES)
    assert done.returncode == 0, done.stderr
    config = (tmp_path / "here" / "config.yaml").read_text()
    for line in ("cell: lstm", "lr: 0.01", "clip_norm: 2.0", "seed: 7", "device: cpu", "epochs: 1", "hidden_size: 8"):
        assert line in config


def test_a_run_is_not_written_over_without_force(charnn: Charnn, small_names: Path, tmp_path: Path) -> None:
    command = ["train", small_names, "--epochs", 1, *TINY, *SHARES, "--out", "here"]
    assert charnn(*command).returncode == 0
    before = (tmp_path / "here" / "model.safetensors").read_bytes()
    done = charnn(*command, "--seed", 5)
    assert done.returncode == 2
    assert "holds a run already" in done.stderr
    assert (tmp_path / "here" / "model.safetensors").read_bytes() == before
    assert charnn(*command, "--seed", 5, "--force").returncode == 0
    assert (tmp_path / "here" / "model.safetensors").read_bytes() != before


def test_a_run_stands_until_there_is_an_epoch_to_replace_it_with(
    charnn: Charnn, small_names: Path, tmp_path: Path
) -> None:
    command = ["train", small_names, "--epochs", 1, *TINY, *SHARES, "--out", "here"]
    assert charnn(*command).returncode == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "here").glob("*.*")}
    breaks = ["--config", "rnn", "--lr", 1e9, "--clip-norm", "none", "--set", "model.activation=relu"]
    done = charnn(*command, *breaks, "--set", "training.optimiser=sgd", "--force")
    assert done.returncode == 2
    told = "no epoch ended with weights that answer in numbers; lower training.lr or set training.clip_norm"
    assert done.stderr.splitlines()[-1] == f"charnn: error: {told}"
    assert {path.name: path.read_bytes() for path in (tmp_path / "here").glob("*.*")} == before


def test_what_may_surprise_is_said(charnn: Charnn, small_names: Path) -> None:
    done = charnn("train", small_names, "--epochs", 1, *TINY, *SHARES, "--cell", "gru")
    assert "the recipes rnn, gru and lstm differ in the cell alone" in done.stderr
    assert "runs/latest, by which commands answer now, is a run of 30 names" in done.stderr


def test_the_shell_is_told_what_may_follow() -> None:
    assert recipe_words("l") == ["lesson", "lstm"]
    assert setting_words("training.sch") == ["training.schedule="]
    assert setting_words("training.schedule=c") == ["training.schedule=constant", "training.schedule=cosine"]
    assert setting_words("model.wide=") == ["model.wide=true", "model.wide=false"]
    assert "shipped" in run_words("")
    assert kind_words("co")[:2] == ["confusion", "coverage"]
    assert metric_words("macro") == ["macro_f1="]


def test_print_config_and_dry_run_train_nothing(charnn: Charnn, small_names: Path, tmp_path: Path) -> None:
    done = charnn("train", "--config", "lstm", "--lr", 0.5, "--print-config")
    assert (done.returncode, done.stderr) == (0, "")
    assert "lr: 0.5" in done.stdout
    assert "# --lr" in done.stdout
    done = charnn("train", small_names, "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Italian" in done.stdout
    assert json.loads(charnn("train", small_names, "--dry-run", "--format", "json").stdout)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_training_leaves_no_folder(charnn: Charnn, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "Only.txt").write_text("Rossi\nBianchi\n")
    done = charnn("train", "one")
    assert done.returncode == 2
    assert charnn("train", "one", "--out", "far/off/run").returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_an_interrupted_reading_says_so_and_leaves_no_folder(small_names: Path, tmp_path: Path) -> None:
    program = (
        "import sys, charnn_cli.data\n"
        "from charnn_cli.__main__ import main\n"
        "def read(*arguments, **options): raise KeyboardInterrupt\n"
        "charnn_cli.data.read = read\n"
        "main()"
    )
    command = [sys.executable, "-c", program, "train", str(small_names), "--out", "run"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (130, "interrupted before training began; nothing was written\n")
    assert not list(tmp_path.iterdir())


def test_ctrl_c_keeps_the_best_and_resume_ends_where_the_uninterrupted_run_does(
    charnn: Charnn, small_names: Path, tmp_path: Path
) -> None:
    command = [small_names, "--epochs", 60, *TINY, *SHARES]
    process = start(tmp_path, *command, "--out", "stopped")
    wait_for_epochs(process, tmp_path / "stopped" / "history.jsonl", 3)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, stderr
    assert "go on with: charnn train --resume stopped" in stderr
    assert charnn("predict", "Rossi", "--model", "stopped").returncode == 0
    done = charnn("train", "--resume", "stopped")
    assert done.returncode == 0, done.stderr
    assert charnn("train", *command, "--out", "whole").returncode == 0
    for name in ("model.safetensors", "model.json", "config.yaml", "training_names.safetensors"):
        assert (tmp_path / "stopped" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    timings = {"seconds", "names_per_second", "training_seconds", "finished"}
    for name in ("history.jsonl", "metrics.json"):
        one, other = ((tmp_path / run / name).read_text() for run in ("stopped", "whole"))
        assert _without(one, timings) == _without(other, timings), name


def test_an_interrupt_before_the_first_validation_tells_the_epochs_but_no_weights(
    small_names: Path, tmp_path: Path
) -> None:
    unvalidated = ["--epochs", 10_000, "--set", "training.validate_every=10000", *TINY, *SHARES]
    process = start(tmp_path, small_names, *unvalidated, "--out", "stopped")
    wait_for_epochs(process, tmp_path / "stopped" / "history.jsonl", 2)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert re.search(
        r"^interrupted after epoch \d+ of 10000; no weights to keep yet, go on with: charnn train --resume stopped$",
        stderr.splitlines()[-1],
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_does_what_ctrl_c_does(number: signal.Signals, small_names: Path, tmp_path: Path) -> None:
    process = start(tmp_path, small_names, "--epochs", 10_000, *TINY, *SHARES, "--out", "stopped")
    wait_for_epochs(process, tmp_path / "stopped" / "history.jsonl", 1)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, stderr
    assert "go on with: charnn train --resume stopped" in stderr.splitlines()[-1]
    assert not list((tmp_path / "stopped").rglob("*.tmp"))


def test_where_no_more_can_be_written_the_last_good_weights_stand(
    charnn: Charnn, small_names: Path, tmp_path: Path
) -> None:
    process = start(tmp_path, small_names, "--epochs", 10_000, *TINY, *SHARES, "--out", "here")
    wait_for_epochs(process, tmp_path / "here" / "history.jsonl", 1)
    (tmp_path / "here" / "last").rename(tmp_path / "here" / "gone")
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    line = stderr.splitlines()[-1]
    assert line.startswith("charnn: error: here/last/state.safetensors: cannot be written (No such file or directory)")
    assert "; the best weights so far are kept; mend that, then go on with charnn train --resume here" in line
    assert charnn("predict", "Rossi", "--model", "here").returncode == 0


def test_training_goes_on_where_nobody_can_be_told(charnn: Charnn, small_names: Path, tmp_path: Path) -> None:
    with open("/dev/full", "w") as nowhere:
        command = ["train", small_names, "--epochs", 1, *TINY, *SHARES, "--out", "here"]
        done = charnn(*command, capture_output=False, stdout=subprocess.PIPE, stderr=nowhere)
    assert (done.returncode, done.stdout) == (0, "here\n")
    assert files_of(tmp_path / "here") == RUN_FILES


def _without(text: str, keys: set[str]) -> list[object]:
    values = [json.loads(text)] if text.startswith("{\n") else [json.loads(line) for line in text.splitlines()]
    return [{key: value for key, value in entry.items() if key not in keys} for entry in values]


def test_a_run_that_was_killed_in_its_first_epoch_is_gone_on_with(
    charnn: Charnn, tiny_run: Path, tmp_path: Path
) -> None:
    (tmp_path / "run" / "last").mkdir(parents=True)
    for name in ("config.yaml", "training_names.safetensors", "history.jsonl", "last/places.json"):
        shutil.copy(tiny_run / name, tmp_path / "run" / name)
    done = charnn("train", "--resume", "run")
    assert done.returncode == 0, done.stderr
    for name in ("model.safetensors", "model.json"):
        assert (tmp_path / "run" / name).read_bytes() == (tiny_run / name).read_bytes()


def test_resume_refuses_other_settings_and_other_names(charnn: Charnn, tiny_run: Path, tmp_path: Path) -> None:
    done = charnn("train", "--resume", tiny_run, "--lr", 1)
    assert done.returncode == 2
    assert "--lr" in done.stderr
    (tmp_path / "A.txt").write_text("a\nb\nc\n")
    (tmp_path / "B.txt").write_text("d\ne\nf\n")
    done = charnn("train", tmp_path, "--resume", tiny_run)
    assert done.returncode == 2
    assert "not those that this run began with" in done.stderr


def test_a_diverging_training_is_explained_each_time(charnn: Charnn, small_names: Path) -> None:
    wild = ["--config", "rnn-relu-identity", "--set", "training.clip_norm=null", "--set", "training.optimiser=sgd"]
    wild += ["--lr", 1e6, "--epochs", 50, *TINY, *SHARES, "--out", "wild"]
    done = charnn("train", small_names, *wild)
    assert done.returncode == 2
    assert "not finite" in done.stderr.splitlines()[-1]
    done = charnn("train", "--resume", "wild")
    assert done.returncode == 2
    assert "; a run that goes on keeps its settings: train another, with a lower --lr" in done.stderr.splitlines()[-1]


def test_the_lesson_reports_its_guesses(charnn: Charnn, small_names: Path) -> None:
    short = ["--set", "training.epochs=4", "--set", "training.steps_per_epoch=50", "--set", "training.report_every=100"]
    done = charnn("train", small_names, "--config", "lesson", *short, *SHARES, "--out", "lesson")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if " / " in line]
    assert [line.split()[:2] for line in lines] == [["100", "50%"], ["200", "100%"]]
    assert all("✓" in line or "✗ (" in line for line in lines)
    text = charnn("predict", "Rossi", "--model", "lesson", "--format", "text").stdout.splitlines()
    assert text[0] == "> Rossi"
    assert len(text) == 4
    assert all(line.startswith("(-") for line in text[1:])


# Root may write anywhere but for this.
BOUND = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-all"] if os.geteuid() == 0 else []


@pytest.mark.skipif(bool(BOUND) and shutil.which(BOUND[0]) is None, reason="root may write anywhere here")
def test_a_read_only_folder_is_one_clear_error(small_names: Path, tmp_path: Path) -> None:
    command = [*BOUND, str(Path(sys.executable).with_name("charnn")), "train", str(small_names), "--out", "here"]
    tmp_path.chmod(0o500)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    tmp_path.chmod(0o700)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("charnn: error: here: cannot be made or written to (Permission denied)")
