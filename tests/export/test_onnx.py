"""ONNX Runtime and the engine tell the same of the same names."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from conftest import Charnn
from engine_models import NAMES, random_model
from numpy.typing import NDArray

from charnn_cli import load
from charnn_cli.architecture import Architecture
from charnn_cli.errors import UsageError
from charnn_cli.export import check_onnx, write_onnx
from charnn_cli.predict import Predictor
from charnn_cli.store import load_trained
from charnn_cli.store.location import SHIPPED
from charnn_cli.text.alphabet import Symbols
from charnn_cli.trained import TrainedModel

SAME = 1e-5  # of a probability
MIXED = [*NAMES, "J", "Xqzw 李", "de la Cruz y Fernández", "Wolfeschlegelsteinhausenbergerdorff" * 3]
SMALL: dict[str, Any] = {"hidden_size": 6, "embedding_size": 4}
ARCHITECTURES = {
    "lesson": Architecture("lesson", hidden_size=7, input="one_hot", wide=False),
    "rnn tanh, 2 layers, mean": Architecture("rnn", "tanh", num_layers=2, pooling="mean", wide=False, **SMALL),
    "rnn relu, max": Architecture("rnn", "relu", pooling="max", wide=False, **SMALL),
    "rnn sigmoid, forward": Architecture("rnn", "sigmoid", bidirectional=False, input="one_hot", wide=False, **SMALL),
    "gru, 2 layers, attention": Architecture("gru", num_layers=2, pooling="attention", wide=False, **SMALL),
    "lstm, n-grams of some orders": Architecture("lstm", ngram_orders=(2, 4), **SMALL),
    "mlp": Architecture("mlp", wide=False, **SMALL),
    "default": Architecture(**SMALL),
    "writes, gru": Architecture("gru", task="generate", **SMALL),
    "writes, lstm": Architecture("lstm", task="generate", num_layers=2, input="one_hot", **SMALL),
}
POWERS = {"default": 0.8, "writes, gru": 1.2}


class Exported:
    """A file as someone without charnn reads it."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), options)
        self.told = json.loads(path.with_name(f"{path.name}.json").read_text(encoding="utf-8"))

    def probabilities(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        symbols = np.full((len(rows), lengths.max()), self.told["symbols"]["padding"], dtype=np.int64)
        for row, ids in enumerate(rows):
            symbols[row, : len(ids)] = ids
        (found,) = self.session.run(["probabilities"], {"symbols": symbols, "lengths": lengths})
        return found


def rows_of(symbols: Symbols) -> list[list[int]]:
    return [part.tolist() for part in np.split(symbols.ids, symbols.offsets[1:-1])]


def exported(trained: TrainedModel, folder: Path) -> Exported:
    write_onnx(folder / "model.onnx", trained)
    return Exported(folder / "model.onnx")


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_every_kind_of_network_tells_what_the_engine_tells(kind: str, tmp_path: Path) -> None:
    trained = replace(random_model(ARCHITECTURES[kind], temperature=1.3), power=POWERS.get(kind, 1.0))
    found = exported(trained, tmp_path).probabilities(rows_of(trained.encode(MIXED)))
    expected = Predictor(trained, name_part="all").predict_proba(MIXED)
    assert np.abs(found - expected).max() <= SAME
    assert expected.std(axis=0).max() > 1e-3  # names are told apart


def test_a_name_is_told_the_same_alone_and_in_longer_company(tmp_path: Path) -> None:
    trained = random_model(ARCHITECTURES["default"])
    model, rows = exported(trained, tmp_path), rows_of(trained.encode(MIXED))
    together = model.probabilities(rows)
    for row, ids in list(enumerate(rows))[-5:]:
        assert np.abs(model.probabilities([ids])[0] - together[row]).max() <= SAME


def test_names_of_one_word_are_less_sure_where_the_model_says_so(tmp_path: Path) -> None:
    trained = replace(random_model(ARCHITECTURES["default"], names=[*NAMES, "de la Cruz"]), one_word=0.5)
    names = ["Hinton", "de la Cruz"]
    found = exported(trained, tmp_path).probabilities(rows_of(trained.encode(names)))
    assert np.abs(found - Predictor(trained).predict_proba(names)).max() <= SAME
    plain = Predictor(replace(trained, one_word=1.0)).predict_proba(names)
    assert [bool(np.abs(one - other).max() > SAME) for one, other in zip(found, plain, strict=True)] == [True, False]


def test_a_run_is_exported_with_all_that_turns_names_into_its_input(
    charnn: Charnn, tiny_run: Path, tmp_path: Path
) -> None:
    done = charnn("export", tiny_run, "--onnx", "names.onnx")
    assert (done.returncode, done.stdout) == (0, "names.onnx\n")
    assert "symbols and lengths in, probabilities of 3 origins out" in done.stderr
    model, names = Exported(tmp_path / "names.onnx"), ["Rossi", "Kimura", "Z"]
    told = model.told["symbols"]
    symbol = {letter: told["first_character"] + place for place, letter in enumerate(told["characters"])}
    rows = [[told["begin"], *(symbol.get(c, told["unknown"]) for c in name.lower()), told["end"]] for name in names]
    assert np.abs(model.probabilities(rows) - load(tiny_run).predict_proba(names)).max() <= SAME
    assert model.told["labels"] == ["Italian", "Japanese", "Russian"]
    assert model.told["text"]["max_length"] == 64
    again = tmp_path / "again.onnx"
    write_onnx(again, load_trained(tiny_run))
    assert again.read_bytes() == (tmp_path / "names.onnx").read_bytes()


def test_where_it_cannot_be_written_or_made_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"a network cannot be written as 'model.pt'; end the file's name in .onnx"):
        check_onnx(tmp_path / "model.pt")
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(UsageError, match=r"needs the package onnx; pip install 'charnn\[onnx\]'"):
        check_onnx(tmp_path / "model.onnx")


@pytest.mark.slow
def test_the_model_in_the_box_tells_the_same(tmp_path: Path) -> None:
    trained = load_trained(SHIPPED)
    names = [*MIXED, "김민준", "Сидоров", "محمد", "Nguyễn Văn An"]
    found = exported(trained, tmp_path).probabilities(rows_of(trained.encode(names)))
    assert np.abs(found - Predictor(trained).predict_proba(names)).max() <= SAME
