"""The network that a training begins with: a fresh one, or that of an earlier run.

What a network has learned of how names are built is of use for labels that it has never seen (Yosinski et al., 2014).
Taken over are the vectors of the letters that it knows, its recurrent layers and its attention, and of the head the
rows of labels that keep their names. All else begins anew: other letters and labels, and the weights and counts of
n-grams, which belong to the old labels.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from charnn_cli.architecture import num_outputs, tensor_shapes
from charnn_cli.config import Config
from charnn_cli.errors import ModelError
from charnn_cli.model import NameClassifier, NameGenerator
from charnn_cli.store import Run, is_shipped, load_trained, locate, model_digest
from charnn_cli.store.location import SHIPPED_NAME, to_text
from charnn_cli.store.run import TRAINING_NAMES
from charnn_cli.text.alphabet import END, FIRST_SYMBOL, Alphabet
from charnn_cli.train.training_data import TrainingData
from charnn_cli.trained import TrainedModel


@dataclass(frozen=True, slots=True)
class Start:
    """A run that another begins with; `names` are the hashes of those that it has learned, None where it lists none."""

    where: str  # its folder, or the name of the model that ships
    name: str  # what it is called wherever it lies
    sha256: str
    trained: TrainedModel
    names: NDArray[np.uint64] | None

    @classmethod
    def of(cls, name: str) -> "Start":
        """The run of this folder or name; raises ModelError where there is none or its files are broken."""
        try:
            folder = locate(name)
        except ModelError as error:
            raise ModelError("no run to begin with", "name another, or put it back", where=name) from error
        where = SHIPPED_NAME if is_shipped(folder) else to_text(folder.resolve())
        names = Run(folder).training_hashes if (folder / TRAINING_NAMES).exists() else None
        name = where if is_shipped(folder) else to_text(Path(Run(folder).name))
        return cls(where, name, model_digest(folder), load_trained(folder), names)

    def settings(self) -> dict[str, Any]:
        """What gives a training a network of the same shape that reads the same letters, by dotted keys."""
        architecture, rules = self.trained.architecture, self.trained.rules
        kind, orders = architecture.kind, architecture.ngram_orders
        idle = [
            *["activation"] * (not kind.has_activation),
            *["embedding_size"] * (architecture.input == "one_hot"),
            *["ngram_orders"] * (not architecture.wide),
        ]
        of_model = {key: value for key, value in asdict(architecture).items() if key not in idle}
        counts = architecture.wide and rules.boundaries and orders == tuple(range(1, len(orders) + 1))
        of_text = {key: getattr(rules, key) for key in ("romanise", "casefold", "max_length", "boundaries")}
        return {
            "training.start_from": self.where,
            **({} if kind.stacks else {"training.next_symbol_weight": 0.0}),
            **{f"model.{key}": value for key, value in of_model.items()},
            "model.language_model": counts,
            **{f"text.{key}": value for key, value in of_text.items()},
        }

    def told(self, alphabet: Alphabet, labels: tuple[str, ...], tested: NDArray[np.uint64]) -> dict[str, Any]:
        """What a model says of the run that it began with; `tested` are hashes of its test names."""
        return {
            "run": self.name,
            "sha256": self.sha256,
            "letters": len(set(alphabet.characters).intersection(self.trained.alphabet.characters)),
            "labels": sorted(set(labels).intersection(self.trained.labels)),
            "tested": None if self.names is None else int(np.isin(tested, self.names).sum()),
        }


def in_words(start: Mapping[str, Any], alphabet: Alphabet, labels: tuple[str, ...]) -> str:
    """What a training took over, of which `Start.told` tells, in a line."""
    line = (
        f"begins with the network of {start['run']}: of {len(alphabet.characters):,} letters it knows "
        f"{start['letters']:,}, of {len(labels):,} origins {len(start['labels']):,}; the rest begins anew"
    )
    if start["tested"]:
        line += f"; it had learned {start['tested']:,} of the test names, which flatters their figures"
    return line


def new_network(data: TrainingData, config: Config) -> NameClassifier | NameGenerator:
    """A network for these names as it is before its first step: fresh, from the seed alone, but for what it takes over
    of an earlier one.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        architecture = config.model.architecture()
        wide: dict[str, Any] = {}
        kind: Callable[..., NameClassifier | NameGenerator] = NameGenerator
        if not architecture.generates:
            kind, wide["wide_dropout"] = NameClassifier, config.model.wide_dropout
            wide["num_ngrams"] = 0 if data.network_ngrams is None else len(data.network_ngrams)
        network = kind(
            architecture,
            num_symbols=len(data.alphabet),
            num_labels=len(data.labels),
            dropout=config.model.dropout,
            initialisation=config.model.initialisation,
            forget_bias=config.model.forget_bias,
            truncate_every=config.training.truncate_every,
            **wide,
        )
    if data.start is not None:
        take_over(network, data.alphabet, data.labels, data.start)
    return network


# Sizes that no network has, by which the axes of symbols and labels are told in the table of shapes.
SYMBOLS, LABELS = 10**7, 10**8

Pairs = tuple[Tensor, Tensor]  # places in the new weights, and those in the old ones that they come from


@torch.no_grad()
def take_over(
    network: NameClassifier | NameGenerator, alphabet: Alphabet, labels: tuple[str, ...], start: TrainedModel
) -> None:
    """Put the weights of an earlier model of the same shape into a fresh network, wherever they fit."""
    symbols = _shared([*range(FIRST_SYMBOL), *alphabet.characters], [*range(FIRST_SYMBOL), *start.alphabet.characters])
    sizes = len(alphabet), len(start.alphabet)
    kinds = tensor_shapes(network.architecture, num_symbols=SYMBOLS, num_labels=LABELS, num_ngrams=0)
    for name, fresh in network.state_dict().items():
        if name != "wide.weight":
            old = torch.from_numpy(np.array(start.tensors[name]))
            axes = [_pairs(size, symbols, sizes, _shared(labels, start.labels)) for size in kinds[name]]
            into, out_of = (torch.meshgrid(*side, indexing="ij") for side in zip(*axes, strict=True))
            fresh[into] = old[out_of]


def _pairs(size: int, symbols: Pairs, sizes: tuple[int, int], labels: Pairs) -> Pairs:
    """Of an axis of this size in the table of shapes: labels, the symbols that can be written or read, or neither.

    Behind symbols that are read there may stand states.
    """
    if size == LABELS:
        return labels
    if size == num_outputs(SYMBOLS):
        return symbols[0][END:] - END, symbols[1][END:] - END
    states = torch.arange(size % SYMBOLS)
    if size < SYMBOLS:
        return states, states
    new, old = (torch.cat((own, states + number)) for own, number in zip(symbols, sizes, strict=True))
    return new, old


def _shared(new: Sequence[object], old: Sequence[object]) -> Pairs:
    places = {value: place for place, value in enumerate(old)}
    found = [(place, places[value]) for place, value in enumerate(new) if value in places]
    return torch.tensor([place for place, _ in found], dtype=torch.int64), torch.tensor(
        [place for _, place in found], dtype=torch.int64
    )
