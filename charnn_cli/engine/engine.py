"""The forward pass of a trained network in NumPy, equal to torch's within float32 rounding.

Names are independent of each other: on one machine the bytes of a name's logits are the same alone and in any
company, with any number of threads (see `products`). Processors of another kind may round the last bits otherwise.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from charnn_cli.engine.features import Features, overflow_is_no_warning
from charnn_cli.engine.products import Array, Factor, multiply, one_blas_thread, padded
from charnn_cli.engine.trace import Trace, trace
from charnn_cli.engine.wide import WideSums
from charnn_cli.errors import ModelError
from charnn_cli.text.alphabet import Symbols
from charnn_cli.trained import TrainedModel

if TYPE_CHECKING:
    from concurrent.futures import Executor


class Engine:
    """Computes the logits of names by a trained model.

    `executor` runs the blocks of a large call side by side; the BLAS library has one thread for the time of a call.
    """

    def __init__(self, trained: TrainedModel, executor: "Executor | None" = None) -> None:
        self.architecture = trained.architecture
        self.executor = executor
        self._tensors = trained.tensors
        self._features = Features(trained, self._each)
        self._wide = None if trained.ngrams is None else WideSums(trained.ngrams, trained.tensors["wide.weight"])
        self._head_weight, self._head_bias = (
            trained.tensors[f"{self.architecture.head}.{name}"] for name in ("weight", "bias")
        )
        self._heads: dict[tuple[int, int], Factor] = {}

    @overflow_is_no_warning
    @one_blas_thread()
    def logits(self, symbols: Symbols) -> Array:
        """Logits (N, C) of names; one without symbols has the head's bias, or for `mlp` an all-zero bag.

        Raises ModelError where they are not finite.
        """
        logits = np.zeros((len(symbols), len(self._head_bias)), dtype=np.float32)
        for columns, rows, features in self._features.parts(symbols):
            logits[rows] += multiply(features, self._head(columns, features.shape[1]))
        logits += self._head_bias
        if self._wide is not None:
            logits += self._wide.logits(symbols)
        if not np.isfinite(logits).all():
            raise ModelError("the model's weights are too large to answer in numbers", "train it with a lower lr")
        return logits

    @one_blas_thread()
    def features(self, symbols: Symbols) -> Array:
        """What the head reads, (N, D): pooled states; of a joint cell the last input beside the state before it."""
        features = np.zeros((len(symbols), self._features.size), dtype=np.float32)
        for columns, rows, values in self._features.parts(symbols):
            features[rows, columns] = values[:, : columns.stop - columns.start]
        return features

    def trace(self, symbols: Symbols) -> Trace:
        """States and gates at every symbol of one name. Raises ValueError for cells without steps (`mlp`)."""
        return trace(self.architecture, self._tensors, self._features.inputs(symbols))

    def _head(self, columns: slice, width: int) -> Factor:
        """The head's weights for these features, transposed and padded."""
        key = (columns.start, width)
        if key not in self._heads:
            self._heads[key] = Factor(padded(self._head_weight[:, columns].T, width, len(self._head_bias)))
        return self._heads[key]

    def _each(self, work: Callable[[Any], Any], things: Iterable[Any]) -> Iterable[Any]:
        """`map`, side by side where there is an executor."""
        return map(work, things) if self.executor is None else self.executor.map(work, things)
