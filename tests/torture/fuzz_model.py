"""Model files whose digests fit but whose content lies: refused, or a model that answers in probabilities."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from common import scratch
from engine_models import random_model
from safetensors.numpy import load, save

from charnn_cli.architecture import Architecture
from charnn_cli.errors import CharnnError
from charnn_cli.files import digest
from charnn_cli.predict.predictor import Predictor
from charnn_cli.store import load_trained, save_trained
from charnn_cli.store.model_files import own_digest

ARCHITECTURES = [
    Architecture(hidden_size=3, embedding_size=2, ngram_orders=(1, 2)),
    Architecture(cell="lstm", hidden_size=2, num_layers=2, pooling="attention", embedding_size=4),
    Architecture(cell="rnn", activation="relu", hidden_size=3, input="one_hot", wide=False, pooling="max"),
    Architecture(cell="lesson", hidden_size=3, input="one_hot", wide=False, bidirectional=False),
    Architecture(cell="mlp", hidden_size=3, embedding_size=2, wide=False, bidirectional=False),
]
NAMES = ["Hinton", "O'Neill", "", "李", "x" * 70]
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2, 3, 64, 2**31, 2**63, 2**64, 10**30, 0.5, -0.0, 1e-320, 1e300, float("nan"),
    float("inf"), "", "x", "gru", "lstm", "lesson", "mean", "one_hot", "relu", "../x",
    "\x1b[31m", "\ud800", "\U0001d400",
    [], [1], [1, 2], [0], [13], ["LATIN"], ["a", "a"], {}, {"a": 1}, [[[[]]]], "9" * 5000,
]  # fmt: skip
TYPES = ["float16", "float64", "int8", "uint64", "bool", "int64"]
_FOLDER = scratch()


def _originals() -> Iterator[tuple[dict[str, Any], bytes]]:
    for architecture in ARCHITECTURES:
        save_trained(_FOLDER, random_model(architecture, names=["Hinton", "Kim"]))
        description = json.loads((_FOLDER / "model.json").read_text())
        del description["sha256"]
        yield description, (_FOLDER / "model.safetensors").read_bytes()


ORIGINALS = list(_originals())
SEEDS = [bytes([model, step, *range(at, at + 4)]) for model in range(5) for step in range(6) for at in (0, 7, 30)]


class _Choices:
    """Numbers drawn from bytes; zeros when they are used up."""

    def __init__(self, data: bytes) -> None:
        self.rest = list(data)

    def below(self, count: int) -> int:
        value = self.rest.pop(0) if self.rest else 0
        if count > 256:
            value = 256 * value + (self.rest.pop(0) if self.rest else 0)
        return value % count


def check(data: bytes) -> None:
    """The first byte chooses a model; each step that follows changes one thing in its description or its weights."""
    choices = _Choices(data)
    original, weights = ORIGINALS[choices.below(len(ORIGINALS))]
    description = json.loads(json.dumps(original))
    while choices.rest:
        step = choices.below(6)
        if step == 0:
            weights = _patched(weights, choices)
        elif step == 1:
            weights = _reshaped(weights, choices)
        else:
            _changed(description, choices)
    if isinstance(description.get("weights"), dict):
        description["weights"] |= {"sha256": digest(weights), "bytes": len(weights)}
    (_FOLDER / "model.safetensors").write_bytes(weights)
    content = json.dumps(description | {"sha256": own_digest(description)}, ensure_ascii=False)
    (_FOLDER / "model.json").write_text(content, encoding="utf-8", errors="surrogatepass")
    try:
        trained = load_trained(_FOLDER)
        predictor = Predictor(trained, threads=1)
        shares = predictor.predict_proba(NAMES)
        answers = predictor.predict(NAMES, k=2)
        for answer in answers:
            if answer.status == "ok":
                predictor.explain(answer.name)  # beginnings may overflow where the whole name does not
    except CharnnError as error:
        for line in error.lines():
            assert "; " in line, line
            assert "\n" not in line, line
        return
    told = [answer.status == "ok" for answer in answers]
    assert np.isnan(shares[~np.array(told)]).all()
    np.testing.assert_allclose(shares[told].sum(axis=1), 1, atol=1e-6)
    trained.rules.to_json()


def _patched(weights: bytes, choices: _Choices) -> bytes:
    """A byte of the file changed, the header's bytes most often."""
    changed = bytearray(weights)
    at = choices.below(min(len(changed), 65536))
    changed[at % len(changed)] = choices.below(256)
    return bytes(changed)


def _reshaped(weights: bytes, choices: _Choices) -> bytes:
    """A tensor dropped, renamed, of another shape or type, or with a number that is none."""
    try:
        tensors = {name: tensor.copy() for name, tensor in load(weights).items()}
    except Exception:
        return weights  # patched beyond reading already
    if not tensors:
        return weights
    name = sorted(tensors)[choices.below(len(tensors))]
    tensor = tensors.pop(name)
    way = choices.below(8)
    if way == 1:
        tensors[f"{name}x"] = tensor
    elif way == 2:
        tensors[name] = tensor.reshape(-1)
    elif way == 3:
        tensors[name] = tensor[..., :-1].copy()
    elif way == 4:
        with np.errstate(all="ignore"):
            tensors[name] = tensor.astype(TYPES[choices.below(len(TYPES))])
    elif way == 5:
        tensors[name] = np.full_like(tensor, [3.4e38, -3.4e38, 0, 1][choices.below(4)])
    elif way == 6 and tensor.size:
        tensor.reshape(-1)[choices.below(tensor.size)] = (
            [np.nan, np.inf, 3.4e38, 7][choices.below(4)] if (tensor.dtype.kind == "f") else 7
        )
        tensors[name] = tensor
    elif way == 7:
        tensors[name] = np.flip(tensor).copy()
    return bytes(save(tensors))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container inside a JSON value, with each of its keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _changed(description: dict[str, Any], choices: _Choices) -> None:
    """A value of the description dropped, or replaced by another."""
    places = list(_places(description))
    if not places:
        return
    container, key = places[choices.below(len(places))]
    value = choices.below(len(VALUES) + 1)
    if value == len(VALUES):
        del container[key]
    else:
        container[key] = copy.deepcopy(VALUES[value])
