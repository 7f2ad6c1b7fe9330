"""Run folders with random weights and a made-up history: plots need no training."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine_models import random_model

from charnn_cli.architecture import Architecture
from charnn_cli.data import TRAIN, read, split
from charnn_cli.store import RunWriter

SPLIT: dict[str, Any] = {"seed": 0, "validation_fraction": 0.2, "test_fraction": 0.2}
SHAPES = {
    "gru": Architecture(hidden_size=6, embedding_size=4, ngram_orders=(1, 2)),
    "lstm": Architecture(cell="lstm", hidden_size=6, embedding_size=4, input="embedding", wide=False),
    "rnn": Architecture(cell="rnn", hidden_size=6, bidirectional=False, input="one_hot", wide=False),
    "lesson": Architecture(cell="lesson", hidden_size=6, bidirectional=False, input="one_hot", wide=False),
    "mlp": Architecture(cell="mlp", hidden_size=6, bidirectional=False, input="one_hot", wide=False),
}
MakeRun = Callable[..., Path]


def record(epoch: int, **values: Any) -> dict[str, Any]:
    """A line of a history, with some values put in."""
    return {
        "epoch": epoch,
        "step": 100 * epoch,
        "train_loss": 3.0 / epoch,
        "validation_loss": 2.0 / epoch,
        "validation_macro_f1": 0.1 * epoch,
        "gradient_norm": 1.0 + epoch,
        "clipped_share": 0.5 / epoch,
        "is_best": epoch == 2,
        **values,
    }


@pytest.fixture
def make_run(small_names: Path, tmp_path: Path) -> MakeRun:
    """Write a run of the given cell on the thirty names, under `tmp_path`."""

    def make(cell: str = "gru", name: str | None = None, temperature: float = 1.5) -> Path:
        architecture = SHAPES[cell]
        model = random_model(architecture, labels=("Italian", "Japanese", "Russian"), temperature=temperature)
        dataset = read(small_names, rules=model.rules)
        sides = split(dataset, **SPLIT)
        data = {"path": str(small_names), "fingerprint": dataset.fingerprint, "rows": len(dataset)}
        about = {"charnn_version": "0", "data": data, "split": SPLIT, "epoch": 2}
        folder = tmp_path / "runs" / (name or cell)
        flat = architecture.to_json() | {"ngram_orders": list(architecture.ngram_orders)}
        with RunWriter(folder) as writer:
            training = {"batch_size": 1 if cell == "lesson" else 128}
            settings = json.dumps({"model": flat, "training": training})  # JSON is YAML, too
            writer.save_settings(settings, np.unique(dataset.hashes[sides == TRAIN]), about)
            writer.save_best(replace(model, about=about))
            writer.finish({"best_epoch": 2}, "# by hand\n")
        lines = "".join(json.dumps(record(epoch)) + "\n" for epoch in (1, 2, 3))
        (folder / "history.jsonl").write_text(lines, encoding="utf-8")
        return folder

    return make
