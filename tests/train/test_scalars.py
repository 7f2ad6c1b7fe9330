"""The scalars for TensorBoard are those of history.jsonl."""

import json
import sys
from pathlib import Path

import pytest
from conftest import TINY, Charnn
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from charnn_cli.errors import UsageError
from charnn_cli.train.scalars import ScalarLog, check_tensorboard


def scalars_of(folder: Path) -> dict[str, list[tuple[int, float]]]:
    events = EventAccumulator(str(folder))
    events.Reload()
    return {name: [(one.step, one.value) for one in events.Scalars(name)] for name in events.Tags()["scalars"]}


def test_every_scalar_of_the_history_is_written(charnn: Charnn, small_names: Path, tmp_path: Path) -> None:
    watched = ["--set", "training.tensorboard=true", "--out", "run", "--epochs", 2]
    for _ in range(2):  # a run that is replaced leaves no events behind
        done = charnn("train", small_names, *TINY, *watched, "--force")
        assert done.returncode == 0, done.stderr
    history = [json.loads(line) for line in (tmp_path / "run" / "history.jsonl").read_text().splitlines()]
    scalars = scalars_of(tmp_path / "run" / "tensorboard")
    names = {name for record in history for name, value in record.items() if name != "epoch" and value is not None}
    assert scalars.keys() == names
    for name, points in scalars.items():
        expected = [(record["epoch"], float(record[name])) for record in history if record[name] is not None]
        assert points == [(step, pytest.approx(value, rel=1e-6)) for step, value in expected]


def test_epochs_that_a_resumed_training_repeats_stand_once(tmp_path: Path) -> None:
    for first in (1, 2):
        with ScalarLog(tmp_path, epoch=first - 1) as log:
            for epoch in range(first, 4):
                log.write({"epoch": epoch, "train_loss": 10.0 * first + epoch, "validation_loss": None})
    assert scalars_of(tmp_path) == {"train_loss": [(1, 11.0), (2, 22.0), (3, 23.0)]}


def test_a_missing_package_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(UsageError, match="needs the package tensorboard"):
        check_tensorboard()
