"""One trial of a search: a training that tells of each epoch, on names that are not tested."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.config import Config, Settings
from charnn_cli.data import TEST, VALIDATION, Dataset, split
from charnn_cli.errors import UsageError
from charnn_cli.study.pool import Tell


@dataclass(frozen=True, slots=True)
class SeenNames:
    """The names that trials learn from and are judged by, with the side of each (N,): those that test are not there."""

    dataset: Dataset
    sides: NDArray[np.int8]

    @classmethod
    def of(cls, dataset: Dataset, config: Config) -> "SeenNames":
        """Those of a dataset, split as the settings say; raises UsageError where none is there to judge by."""
        sides = split(dataset, **config.data.split_options())
        if VALIDATION not in sides:
            what = "a search judges by the validation names, and there are none"
            raise UsageError(what, "set data.validation_fraction above 0, or give more names")
        seen = np.flatnonzero(sides != TEST)
        columns = ("names", "texts", "origins", "hashes")
        kept: dict[str, Any] = {column: getattr(dataset, column)[seen] for column in columns}
        return cls(replace(dataset, **kept), sides[seen])


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """What a trial tries: these values, by dotted key, in the settings."""

    values: Mapping[str, Any]
    config: Config


def train(names: SeenNames, attempt: Attempt, tell: Tell) -> None:
    """Train by the settings and tell of every epoch what history.jsonl would; raises CharnnError where that fails."""
    from charnn_cli.train import Session, fit, new_network

    session = Session.prepare(Settings(attempt.config, {}), names.dataset, Path(), sides=names.sides)
    model = new_network(session.data, attempt.config).to(session.device)
    for report in fit(model, session.data, attempt.config, session.device):
        tell(report.record)
