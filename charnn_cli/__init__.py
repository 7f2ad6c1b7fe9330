"""Character-level recurrent networks that tell a name's origin."""

from pathlib import Path
from typing import TYPE_CHECKING

from charnn_cli.version import __version__

if TYPE_CHECKING:
    from charnn_cli.predict.model import Model

__all__ = ["__version__", "load"]


def load(model: str | Path | None = None) -> "Model":
    """The model of a run folder such as `runs/latest`, to predict, explain or generate with; loads no torch.

    Without `model` it is the one that `charnn predict` would answer with. Raises ModelError where there is none or
    its files are broken.
    """
    from charnn_cli.predict.model import Model
    from charnn_cli.store import Run, locate

    return Model(Run(locate(model)))
