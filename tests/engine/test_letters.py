"""What comes next, by the engine: torch's numbers, the same bytes in any company, probabilities that sum to 1."""

import numpy as np
import pytest
import torch
from engine_models import LABELS, NAMES, random_model

from charnn_cli.architecture import Architecture
from charnn_cli.engine import LetterEngine
from charnn_cli.engine.recurrence import Workspace
from charnn_cli.model import from_trained
from charnn_cli.text import TextRules
from charnn_cli.text.alphabet import BEGIN, END
from charnn_cli.trained import TrainedModel

RULES = TextRules(romanise=False, casefold=False)
SHAPES = [
    {"cell": "gru"},
    {"cell": "lstm", "num_layers": 2, "hidden_size": 16, "embedding_size": 16},
    {"cell": "rnn", "activation": "relu", "input": "one_hot"},
    {"cell": "rnn", "activation": "sigmoid", "num_layers": 3},
    {"cell": "rnn", "hidden_size": 40, "embedding_size": 36},  # one width where both are padded
]


def generator(**shape: object) -> TrainedModel:
    sizes = {"task": "generate", "hidden_size": 12, "embedding_size": 6, **shape}
    return random_model(Architecture(**sizes), rules=RULES, scale=0.3)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "-".join(map(str, shape.values())))
def test_equals_torch(shape: dict[str, object]) -> None:
    trained = generator(**shape)
    symbols = trained.encode([*NAMES[:20], "Zoë", ""])
    network = from_trained(trained).eval()
    padded = torch.from_numpy(symbols.padded(np.arange(len(symbols))).astype(np.int64))
    told = LetterEngine(trained).log_likelihoods(symbols)
    for origin in range(len(LABELS)):
        with torch.no_grad():
            nats = network(padded, torch.from_numpy(symbols.lengths), torch.full((len(symbols),), origin))
        assert np.abs(told[:, origin] + nats.numpy()).max() <= 1e-5 * (1 + nats.max())


def test_a_name_has_the_same_bytes_alone() -> None:
    trained = generator(hidden_size=40)
    engine = LetterEngine(trained)
    together = engine.log_likelihoods(trained.encode(NAMES))
    for row in (0, 7, 43):
        assert (engine.log_likelihoods(trained.encode([NAMES[row]]))[0] == together[row]).all()


def test_the_probabilities_of_all_names_sum_to_1() -> None:
    """Of all that can follow, from the state of a name that is being written."""
    trained = generator()
    engine, workspace = LetterEngine(trained), Workspace()
    inputs = engine.inputs(1, workspace)
    symbols = np.array([END + 1, END + 2])
    states, logits = engine.advance(inputs, None, None, np.array([BEGIN]), workspace, number=0)
    first = logits[0, symbols - END] - np.log(np.exp(logits[0]).sum())
    _, logits = engine.advance(inputs, states, np.array([0, 0]), symbols, workspace, number=1)
    ends = first + logits[:, 0] - np.log(np.exp(logits).sum(axis=1))
    letters = "".join(trained.alphabet.characters[:2])
    assert ends == pytest.approx(engine.log_likelihoods(trained.encode(list(letters)))[:, 1], abs=1e-5)
