"""The live page's engine under Node: states, gates and probabilities are those of the engine, gradients torch's."""

import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from browser import node
from engine_models import NAMES, random_model

from charnn_cli.architecture import Architecture
from charnn_cli.engine import Engine
from charnn_cli.model import from_trained, hidden_state_gradients, ngram_batch
from charnn_cli.plots import live
from charnn_cli.predict import Predictor
from charnn_cli.text import TextRules
from charnn_cli.trained import TrainedModel

SMALL: dict[str, Any] = {"hidden_size": 6, "embedding_size": 5, "wide": False}
PLAIN = SMALL | {"bidirectional": False}
SHAPES = {
    "lesson": Architecture(cell="lesson", input="one_hot", **PLAIN),
    "tanh": Architecture(cell="rnn", input="one_hot", **PLAIN),
    "relu, mean": Architecture(cell="rnn", activation="relu", pooling="mean", **SMALL),
    "sigmoid, max": Architecture(cell="rnn", activation="sigmoid", pooling="max", **PLAIN),
    "gru, n-grams": Architecture(**SMALL | {"wide": True, "ngram_orders": (1, 2, 3)}),
    "gru, attention": Architecture(pooling="attention", num_layers=2, **SMALL),
    "lstm": Architecture(cell="lstm", **SMALL),
    "lstm, residual": Architecture(cell="lstm", num_layers=2, residual=True, **SMALL | {"embedding_size": 12}),
    "mlp": Architecture(cell="mlp", input="one_hot", **PLAIN),
}
RULES = {"lesson": TextRules(boundaries=False), "lstm": TextRules(boundaries=False, casefold=True)}
LABEL = 2
READ = [*NAMES[:8], "Ng", "van der Berg", "Bérénice"]


def model_of(name: str) -> TrainedModel:
    made = random_model(SHAPES[name], rules=RULES.get(name), temperature=1.3)
    return replace(made, one_word=1.32) if name == "gru, n-grams" else made


@pytest.fixture(scope="module")
def models() -> dict[str, TrainedModel]:
    return {name: model_of(name) for name in SHAPES}


@pytest.fixture(scope="module")
def page(models: dict[str, TrainedModel], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the page's engine makes of each name, by model."""
    data = json.dumps(live.page_data(list(models.items())))
    driver = f"""
    const result = {{}};
    for (const model of modules["model.js"].modelsOf({data})) {{
      result[model.name] = {json.dumps(READ)}.map((name) => {{
        const {{ text, probabilities }} = model.predict(name);
        const read = model.network.read(model.encode(text));
        const ways = model.network.hasSteps ? model.network.directions : [];
        return {{
          text, probabilities: [...probabilities], worth: model.worth(text, {LABEL}),
          layers: read.layers.map((of) => of.map((nodes) => nodes.map(({{ state, gates }}) => ({{
            state: state.map((part) => [...part]),
            gates: Object.fromEntries(Object.entries(gates).map(([gate, values]) => [gate, [...values]])),
          }})))),
          gradients: ways.map((_, side) => model.network.gradients(read, {LABEL}, side)),
        }};
      }});
    }}
    console.log(JSON.stringify(result));"""
    folder: Path = tmp_path_factory.mktemp("node")
    read: dict[str, Any] = json.loads(node(live.script(live.ENGINE) + driver, folder))
    return read


@pytest.mark.parametrize("name", SHAPES)
def test_probabilities_and_worth_are_those_of_the_predictor(name: str, models, page) -> None:  # type: ignore[no-untyped-def]
    predictor = Predictor(models[name])
    wanted = predictor.predict_proba(READ)
    np.testing.assert_allclose(
        [of["probabilities"] for of in page[name]], wanted, atol=2e-5
    )  # n-grams in 16 bits a weight
    for spelled, of in zip(READ, page[name], strict=True):
        explained = predictor.explain(spelled)
        assert of["text"] == explained.text
        if explained.origin == models[name].labels[LABEL]:
            np.testing.assert_allclose(of["worth"], explained.worth, atol=1e-4)


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "mlp"])
def test_states_and_gates_are_those_of_the_equations(name: str, models, page) -> None:  # type: ignore[no-untyped-def]
    trained = models[name]
    engine = Engine(trained)
    for spelled, of in zip(READ, page[name], strict=True):
        for part in engine.trace(trained.encode([spelled])).directions:
            nodes = of["layers"][part.layer][part.direction == "backward"]
            np.testing.assert_allclose([node["state"][0] for node in nodes], part.states, atol=2e-6)
            for gate, values in part.gates.items():
                told = [node["state"][1] if gate == "cell" else node["gates"][gate] for node in nodes]
                np.testing.assert_allclose(told, values, atol=2e-6)


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "mlp"])
def test_gradients_are_those_of_autograd(name: str, models, page) -> None:  # type: ignore[no-untyped-def]
    both = [models[name], mirrored(models[name])] if models[name].architecture.bidirectional else [models[name]]
    for (side, trained), place in product(enumerate(both), (0, 1, -1)):
        ids = trained.encode([READ[place]]).ids[:: -1 if side else 1].copy()[None]  # (1, T)
        (wanted,) = hidden_state_gradients(
            from_trained(trained),
            torch.from_numpy(ids.astype(np.int64)),
            torch.tensor([ids.shape[1]]),
            None if trained.ngrams is None else ngram_batch(trained.ngrams, ids[:, :: -1 if side else 1]).flip(1),
            torch.tensor([LABEL]),
        )
        told = page[name][place]["gradients"][side]
        np.testing.assert_allclose(told[:: 1 if side else -1], wanted, rtol=1e-3, atol=1e-8)


def mirrored(trained: TrainedModel) -> TrainedModel:
    """The network that reads from the end as the other reads from the beginning: its directions change places."""
    half, tensors = trained.architecture.hidden_size, {}
    for key, value in trained.tensors.items():
        swapped = key.replace("forward", "*").replace("backward", "forward").replace("*", "backward")
        is_first = key.startswith("layers.0") or key == "embedding.weight"
        reads_states = value.ndim > 1 and "weight_hh" not in key and key != "wide.weight"
        turns = reads_states and (trained.architecture.residual or not is_first)
        tensors[swapped] = np.roll(value, half, axis=1) if turns else value
    return replace(trained, tensors=tensors)
