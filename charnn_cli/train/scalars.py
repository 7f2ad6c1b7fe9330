"""The figures of each epoch for those who watch them in TensorBoard."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from charnn_cli.errors import UsageError


class ScalarLog:
    """Event files in a run folder's `tensorboard/`; epochs after `epoch`, which a resumed training repeats, are purged.

    Raises UsageError where the package tensorboard is missing.
    """

    def __init__(self, folder: Path, *, epoch: int) -> None:
        self._writer = _writer_class()(str(folder), purge_step=epoch + 1)

    def write(self, record: Mapping[str, Any]) -> None:
        """One epoch: every number and verdict of its record, against the epoch."""
        for name, value in record.items():
            if name != "epoch" and value is not None:
                self._writer.add_scalar(name, float(value), record["epoch"])
        self._writer.flush()

    def __enter__(self) -> "ScalarLog":
        return self

    def __exit__(self, *exception: object) -> None:
        self._writer.close()


def check_tensorboard() -> None:
    """Raise UsageError where the package tensorboard is missing."""
    _writer_class()


def _writer_class() -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UsageError(
            "training.tensorboard needs the package tensorboard", "pip install 'charnn[tensorboard]', or leave it out"
        ) from error
    return SummaryWriter
