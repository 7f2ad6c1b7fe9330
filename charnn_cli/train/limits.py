"""Whether a training fits into the memory of the machine, asked before it begins.

What grows without bound is what the labels multiply: a weight for each of them and every n-gram, a probability for each
of them and every held-out name, and their confusion. The factors are what trainings were seen to take at their peak.
"""

import math
import os

from charnn_cli.architecture import tensor_shapes
from charnn_cli.config import ModelConfig
from charnn_cli.errors import DataError

WEIGHT_BYTES = 50  # itself, its gradient, the optimiser's two moments, and the copies of all that are saved
COUNTED_WEIGHT_BYTES = 55  # more where language models are counted into it, with and without validation names
HELD_OUT_BYTES = 80  # a label's logit of a held-out name, and what calibration and figures make of it
PAIR_BYTES = 32  # two labels that may be taken for each other
GIB = 2**30


def check_memory(
    config: ModelConfig, *, num_labels: int, num_symbols: int, num_ngrams: int = 0, held_out: int = 0
) -> None:
    """Raise DataError where a training would take more memory than the machine has.

    `held_out` is the number of names of the larger held-out side. What is not known yet counts as none.
    """
    shapes = tensor_shapes(config.architecture(), num_symbols=num_symbols, num_labels=num_labels, num_ngrams=num_ngrams)
    weights = sum(map(math.prod, shapes.values()))
    needed = weights * (WEIGHT_BYTES + COUNTED_WEIGHT_BYTES * config.language_model)
    needed += num_labels * (HELD_OUT_BYTES * held_out + PAIR_BYTES * num_labels)
    present = physical_memory()
    if present is not None and needed > present:
        what = f"{num_labels:,} origins make {weights:,} weights, and take {needed / GIB:,.0f} GiB of memory to train"
        do = f"group them to fewer (this machine has {present / GIB:,.0f} GiB)"
        if num_ngrams:
            do += ", or --set model.wide=false --set model.language_model=false"
        raise DataError(what, do)


def physical_memory() -> int | None:
    """Bytes, None where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
