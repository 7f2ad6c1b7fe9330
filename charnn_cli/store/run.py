"""A run folder, read: settings, history, figures, model and what it was trained on."""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import ModelError
from charnn_cli.store.files import LARGEST_JSON, read_bytes, read_json
from charnn_cli.store.model_files import AGAIN, LARGEST_WEIGHTS, load_trained
from charnn_cli.trained import TrainedModel

CONFIG = "config.yaml"
HISTORY = "history.jsonl"
METRICS = "metrics.json"
CARD = "MODEL_CARD.md"
TRAINING_NAMES = "training_names.safetensors"
STATE = Path("last") / "state.safetensors"


class Run:
    """Everything that a run folder holds; each part is read when it is first asked for.

    Every method raises ModelError, naming the file, where that file is missing or broken.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        return self.folder.resolve().name

    @cached_property
    def trained(self) -> TrainedModel:
        return load_trained(self.folder)

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """Every resolved setting, as in config.yaml."""
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        path = self.folder / CONFIG
        try:
            value = YAML(typ="safe", pure=True).load(read_bytes(path, at_most=LARGEST_JSON).decode())
        except (YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
            raise ModelError("is not YAML", AGAIN, where=path) from error
        if not isinstance(value, Mapping):
            raise ModelError("holds no settings", AGAIN, where=path)
        return value

    @cached_property
    def history(self) -> list[dict[str, Any]]:
        """One record an epoch, oldest first."""
        path = self.folder / HISTORY
        records = []
        for number, line in enumerate(read_bytes(path, at_most=LARGEST_JSON).splitlines(), start=1):
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                record = None
            if not isinstance(record, dict):
                raise ModelError("is no record of an epoch", AGAIN, where=path, line=number)
            records.append(record)
        return records

    @cached_property
    def metrics(self) -> Mapping[str, Any]:
        """Figures on the validation and test split, written when a run ends."""
        return read_json(self.folder / METRICS)

    @cached_property
    def card(self) -> str:
        """The model card, in Markdown."""
        return read_bytes(self.folder / CARD, at_most=LARGEST_JSON).decode("utf-8", "replace")

    @cached_property
    def _training_names(self) -> tuple[NDArray[np.uint64], dict[str, Any]]:
        from safetensors import SafetensorError, safe_open

        path = self.folder / TRAINING_NAMES
        read_bytes(path, at_most=LARGEST_WEIGHTS)
        try:
            with safe_open(path, framework="numpy") as stream:
                hashes, about = stream.get_tensor("hashes"), json.loads((stream.metadata() or {})["about"])
        except (SafetensorError, KeyError, ValueError, RecursionError) as error:
            raise ModelError("is cut or changed", AGAIN, where=path) from error
        if hashes.ndim != 1 or hashes.dtype != np.uint64 or not isinstance(about, dict):
            raise ModelError("is no list of hashes", AGAIN, where=path)
        return hashes, about

    @property
    def training_hashes(self) -> NDArray[np.uint64]:
        """Hashes of the names in the training split, sorted (see `charnn_cli.data.name_hash`)."""
        return self._training_names[0]

    @property
    def about(self) -> Mapping[str, Any]:
        """What the run is made from, known before its first epoch: `data` (path, fingerprint, rows) and `split`."""
        return self._training_names[1]

    @property
    def data_path(self) -> Path:
        """Where the labelled names lay when the run began."""
        return Path(str(self.about.get("data", {}).get("path", "")))

    @property
    def split(self) -> Mapping[str, Any]:
        """`seed`, `validation_fraction` and `test_fraction` of the split."""
        return dict(self.about.get("split", {}))
