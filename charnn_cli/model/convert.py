"""Between the network and arrays: what a run folder stores, and what a batch is made of."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from charnn_cli.model.generator import NameGenerator
from charnn_cli.model.network import NameClassifier
from charnn_cli.text.alphabet import PADDING
from charnn_cli.text.ngrams import NgramVocabulary
from charnn_cli.trained import TrainedModel


def to_tensors(model: nn.Module) -> dict[str, NDArray[np.float32]]:
    """Copies of the weights, under the names of `state_dict()`."""
    return {
        name: np.array(value.detach().to("cpu", torch.float32).numpy(), order="C")
        for name, value in model.state_dict().items()
    }


def from_trained(trained: TrainedModel, **training_options: Any) -> Any:
    """The network of a trained model, with the options of its class that matter only while training.

    Raises RuntimeError where names or shapes of the tensors do not belong to its architecture.
    """
    kind: Callable[..., Any] = NameGenerator
    if not trained.architecture.generates:
        kind = partial(NameClassifier, num_ngrams=0 if trained.ngrams is None else len(trained.ngrams))
    model = kind(
        trained.architecture,
        num_symbols=len(trained.alphabet),
        num_labels=len(trained.labels),
        **training_options,
    )
    model.load_state_dict({name: torch.tensor(value) for name, value in trained.tensors.items()})
    return model


def ngram_batch(vocabulary: NgramVocabulary, symbols: NDArray[np.int32]) -> Tensor:
    """Rows (B, T, O) of the n-grams that end at each of the symbols (B, T), padded on the right; 0 in the padding."""
    batch_size, width = symbols.shape
    steps = np.tile(np.arange(width), batch_size)
    rows = vocabulary.lookup(symbols.reshape(-1), steps).reshape(batch_size, width, len(vocabulary.orders))
    rows[symbols == PADDING] = 0
    return torch.from_numpy(rows.astype(np.int64))
