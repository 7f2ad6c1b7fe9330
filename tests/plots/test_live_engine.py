"""The live page's engine under Node: states, gates and probabilities are those of the engine, gradients torch's.

What a network that writes expects, costs and writes is what it does in Python, by the same random numbers.
"""

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
from charnn_cli.predict.writing import Manner, NameWriter
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
    "lstm, two layers": Architecture(cell="lstm", num_layers=2, **SMALL | {"embedding_size": 12}),
    "mlp": Architecture(cell="mlp", input="one_hot", **PLAIN),
}
WRITING = {
    "writes, gru": Architecture(task="generate", **SMALL),
    "writes, lstm, two layers": Architecture(task="generate", cell="lstm", num_layers=2, **SMALL),
    "writes, one-hot": Architecture(task="generate", cell="rnn", input="one_hot", **SMALL),
}
AS_SPELLED = TextRules(romanise=False, casefold=False, max_length=40)
MANNER = {"seed": 2**40 + 7, "temperature": 1.5, "top_p": 0.99, "start": "S"}
RULES = {"lesson": TextRules(boundaries=False), "lstm": TextRules(boundaries=False, casefold=True)}
LABEL = 2
READ = [*NAMES[:8], "Ng", "van der Berg", "Bérénice", "Lee, Dr. Ann (dead)"]


def model_of(name: str) -> TrainedModel:
    made = random_model(SHAPES[name], rules=RULES.get(name), temperature=1.3)
    return replace(made, one_word=1.32, power=0.8) if name == "gru, n-grams" else made


def test_the_page_computes_what_the_engine_and_torch_do(tmp_path: Path) -> None:
    """One test, since Node takes a second to begin."""
    models = {name: model_of(name) for name in SHAPES}
    page = read_by_page(models, tmp_path)
    for name, trained in models.items():
        probabilities_and_worth_are_those_of_the_predictor(trained, page[name])
        letters_stand_in_the_columns_of_their_symbols(trained, page[name])
        if trained.architecture.kind.has_steps:
            states_and_gates_are_those_of_the_equations(trained, page[name])
            gradients_are_those_of_autograd(trained, page[name])


def test_the_page_writes_as_the_engine_does(tmp_path: Path) -> None:
    models = {name: random_model(shape, rules=AS_SPELLED, scale=0.4) for name, shape in WRITING.items()}
    page = written_by_page(models, tmp_path)
    for name, trained in models.items():
        told, writer = page[name], NameWriter(trained)
        wanted = Predictor(trained).predict_proba(READ)  # by Bayes' rule
        np.testing.assert_allclose(told["probabilities"], wanted, atol=2e-5)
        np.testing.assert_allclose(told["ends"], [following[-1] for following in told["following"]], atol=1e-12)
        for spelled, following, bits in zip(READ, told["following"], told["bits"], strict=True):
            symbols = trained.encode([spelled])
            np.testing.assert_allclose(following, writer.engine.following(symbols, LABEL), atol=2e-6)
            assert bits == pytest.approx(-writer.engine.log_likelihoods(symbols)[0, LABEL] / np.log(2), rel=1e-5)
        np.testing.assert_allclose(told["numbers"], writer._numbers(LABEL, range(1, 2), 41, MANNER["seed"])[1])
        names = [name for part in writer.write(LABEL, 40, Manner(**MANNER)) for name in part.names]
        assert told["names"] == names
        assert len(set(names)) > 10


def written_by_page(models: dict[str, TrainedModel], folder: Path) -> dict[str, dict[str, Any]]:
    """What generators make of each name as one of an origin, and forty names that they write, by model."""
    data = json.dumps(live.page_data(list(models.items())))
    driver = f"""
    const result = {{}};
    const {{ Course }} = modules["reading.js"], {{ Writer }} = modules["writing.js"];
    for (const model of modules["model.js"].modelsOf({data})) {{
      const courses = {json.dumps(READ)}.map((name) => new Course(name, model, {LABEL}));
      const manner = {{ seed: {MANNER["seed"]}n, temperature: {MANNER["temperature"]}, topP: {MANNER["top_p"]} }};
      const writer = new Writer(model, {LABEL}, {{ ...manner, start: "{MANNER["start"]}" }});
      const names = [];
      for (let row = 0; names.length < 40; ) {{
        const found = writer.next(row);
        names.push(found.text);
        row = found.row + 1;
      }}
      result[model.name] = {{
        names, numbers: [...writer.numbers(33)], bits: courses.map((course) => course.allBits),
        ends: courses.map(({{ whole }}) => [...modules["engine.js"].softmax(whole.read.logits)]),
        probabilities: courses.map(({{ text }}) => [...model.probabilities(text)]),
        following: courses.map((course) => course.ends.map((_, here) => [...course.following(here)])),
      }};
    }}
    console.log(JSON.stringify(result));"""
    told: dict[str, dict[str, Any]] = json.loads(node(live.script(live.ENGINE) + driver, folder))
    return told


def read_by_page(models: dict[str, TrainedModel], folder: Path) -> dict[str, list[dict[str, Any]]]:
    """What the page's engine makes of each name, by model."""
    data = json.dumps(live.page_data(list(models.items())))
    driver = f"""
    const result = {{}};
    for (const model of modules["model.js"].modelsOf({data})) {{
      result[model.name] = {json.dumps(READ)}.map((name) => {{
        const {{ text, probabilities }} = model.predict(name);
        const best = probabilities.indexOf(Math.max(...probabilities));
        const read = model.network.read(model.encode(text));
        const {{ columns, shown }} = new modules["reading.js"].Reading(name, model);
        const ways = model.network.hasSteps ? model.network.directions : [];
        return {{
          text, columns, shown, probabilities: [...probabilities], worth: model.worth(text, best),
          layers: read.layers.map((of) => of.map((nodes) => nodes.map(({{ state, gates }}) => ({{
            state: state.map((part) => [...part]),
            gates: Object.fromEntries(Object.entries(gates).map(([gate, values]) => [gate, [...values]])),
          }})))),
          gradients: ways.map((_, side) => model.network.gradients(read, {LABEL}, side)),
        }};
      }});
    }}
    console.log(JSON.stringify(result));"""
    read: dict[str, list[dict[str, Any]]] = json.loads(node(live.script(live.ENGINE) + driver, folder))
    return read


def probabilities_and_worth_are_those_of_the_predictor(trained: TrainedModel, page: list[dict[str, Any]]) -> None:
    predictor = Predictor(trained)
    wanted = predictor.predict_proba(READ)
    np.testing.assert_allclose([of["probabilities"] for of in page], wanted, atol=2e-5)  # n-grams in 16 bits a weight
    for spelled, of in zip(READ, page, strict=True):
        explained = predictor.explain(spelled)
        assert of["text"] == explained.text
        np.testing.assert_allclose(of["worth"], explained.worth, atol=1e-4)


def letters_stand_in_the_columns_of_their_symbols(trained: TrainedModel, page: list[dict[str, Any]]) -> None:
    for of in page:
        assert of["shown"][0] == ("⊢" if trained.rules.boundaries else "·")
        assert len(of["shown"]) == len(trained.encode_texts([of["text"]]).ids) + (not trained.rules.boundaries)
        known = [letter if letter in trained.alphabet.characters else "∗" for letter in of["text"]]
        assert [of["shown"][column].replace("␣", " ") for column in of["columns"]] == [of["shown"][0], *known]


def states_and_gates_are_those_of_the_equations(trained: TrainedModel, page: list[dict[str, Any]]) -> None:
    engine = Engine(trained)
    for spelled, of in zip(READ, page, strict=True):
        for part in engine.trace(trained.encode([spelled])).directions:
            nodes = of["layers"][part.layer][part.direction == "backward"]
            np.testing.assert_allclose([node["state"][0] for node in nodes], part.states, atol=2e-6)
            for gate, values in part.gates.items():
                told = [node["state"][1] if gate == "cell" else node["gates"][gate] for node in nodes]
                np.testing.assert_allclose(told, values, atol=2e-6)


def gradients_are_those_of_autograd(trained: TrainedModel, page: list[dict[str, Any]]) -> None:
    both = [trained, mirrored(trained)] if trained.architecture.bidirectional else [trained]
    for (side, network), place in product(enumerate(both), (0, 1, -1)):
        ids = network.encode([READ[place]]).ids[:: -1 if side else 1].copy()[None]  # (1, T)
        (wanted,) = hidden_state_gradients(
            from_trained(network),
            torch.from_numpy(ids.astype(np.int64)),
            torch.tensor([ids.shape[1]]),
            None if trained.ngrams is None else ngram_batch(trained.ngrams, ids[:, :: -1 if side else 1]),
            torch.tensor([LABEL]),
        )
        told = page[place]["gradients"][side]
        np.testing.assert_allclose(told[:: 1 if side else -1], wanted, rtol=1e-3, atol=1e-8)


def mirrored(trained: TrainedModel) -> TrainedModel:
    """The network that reads from the end as the other reads from the beginning: its directions change places."""
    half, tensors = trained.architecture.hidden_size, {}
    for key, value in trained.tensors.items():
        swapped = key.replace("forward", "*").replace("backward", "forward").replace("*", "backward")
        is_first = key.startswith("layers.0") or key == "embedding.weight"
        reads_states = value.ndim > 1 and "weight_hh" not in key and key != "wide.weight"
        turns = reads_states and not is_first
        tensors[swapped] = np.roll(value, half, axis=1) if turns else value
    return replace(trained, tensors=tensors)
