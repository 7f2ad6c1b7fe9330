"""A run folder, read: settings, history, figures, model and what it was trained on.

Each file is vouched for by another one or by itself, so that none is taken for what it is not:

    config.yaml                  its digest stands in training_names.safetensors
    training_names.safetensors   its own digest, which names the run: model.json and the state repeat it
    history.jsonl                the digest of its records stands in last/state.safetensors
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import ModelError
from charnn_cli.files import AGAIN, digest, parse_json, read_bytes, read_json
from charnn_cli.store.checks import checked_about, is_path, numbers_only
from charnn_cli.store.location import SHIPPED_NAME, from_text, is_shipped
from charnn_cli.store.model_files import DESCRIPTION, LARGEST_WEIGHTS, load_trained
from charnn_cli.store.tensor_files import SEAL, Header, read_header, read_sealed
from charnn_cli.trained import TrainedModel

if TYPE_CHECKING:
    from charnn_cli.config import Settings

CONFIG = "config.yaml"
HISTORY = "history.jsonl"
METRICS = "metrics.json"
CARD = "MODEL_CARD.md"
TRAINING_NAMES = "training_names.safetensors"
STATE = Path("last") / "state.safetensors"
PLACES = Path("last") / "places.json"
README = "README.md"
LARGEST_CONFIG = 2**16  # bytes
LARGEST_CARD = 2**22
LARGEST_HISTORY = 64 * 2**20
LONGEST_RECORD = 4096
MOST_RECORDS = 100_000  # epochs that a config can ask for


class Run:
    """Everything that a run folder holds; each part is read when it is first asked for.

    Every method raises ModelError, naming the file, where that file is missing or broken.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        return SHIPPED_NAME if is_shipped(self.folder) else self.folder.resolve().name

    @property
    def called(self) -> str:
        """What a command calls it by: its folder, or the word for the model that comes with charnn."""
        return SHIPPED_NAME if is_shipped(self.folder) else str(self.folder)

    @cached_property
    def trained(self) -> TrainedModel:
        return load_trained(self.folder)

    @property
    def config_path(self) -> Path:
        return self.folder / CONFIG

    @property
    def is_begun(self) -> bool:
        """Whether the folder holds settings that a training began with."""
        return self.config_path.exists() or self.config_path.is_symlink()

    @property
    def holds_model(self) -> bool:
        """Whether an epoch ended with weights to answer with."""
        return (self.folder / DESCRIPTION).exists()

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """Every resolved setting, as in config.yaml."""
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        path = self.config_path
        content = read_bytes(path, at_most=LARGEST_CONFIG)
        if (self.folder / TRAINING_NAMES).exists() and self._training_names[1].get("config") != digest(content):
            what = f"was changed, or is not the file that {TRAINING_NAMES} belongs to"
            raise ModelError(what, AGAIN, where=path)
        try:
            value = YAML(typ="safe", pure=True).load(content.decode())
        except (YAMLError, UnicodeDecodeError, RecursionError, TypeError, ValueError) as error:
            raise ModelError("is not YAML", AGAIN, where=path) from error
        if not isinstance(value, Mapping):
            raise ModelError("holds no settings", AGAIN, where=path)
        return value

    @property
    def config_by_key(self) -> dict[str, Any]:
        """The same by dotted keys."""
        parts = ((key, part if isinstance(part, Mapping) else {"": part}) for key, part in self.config.items())
        return {f"{key}.{name}".removesuffix("."): value for key, part in parts for name, value in part.items()}

    @cached_property
    def history(self) -> list[dict[str, Any]]:
        """One record an epoch, oldest first."""
        path = self.folder / HISTORY
        stated = self._told_by_state  # first: a training that goes on may add a record in between
        content = read_bytes(path, at_most=LARGEST_HISTORY)
        if content.count(b"\n") > MOST_RECORDS:
            raise ModelError("holds more records than a run has epochs", AGAIN, where=path)
        records = []
        for number, line in enumerate(content.splitlines(), start=1):
            record = parse_json(line) if len(line) <= LONGEST_RECORD else None
            if record is None or not numbers_only(record):
                raise ModelError("is no record of an epoch", AGAIN, where=path, line=number)
            records.append(record)
        if stated:
            epoch = _epoch(stated.get("progress"))
            if len(records) < epoch or history_digest(records[:epoch]) != stated.get("history"):
                raise ModelError(f"is cut, changed, or not the file that {STATE} belongs to", AGAIN, where=path)
        return records

    @property
    def _told_by_state(self) -> Mapping[str, Any]:
        """What the state says of the run; nothing where there is none."""
        path = state_path(self.folder)
        return read_header(path, at_most=LARGEST_WEIGHTS).told if path.exists() else {}

    @cached_property
    def metrics(self) -> Mapping[str, Any]:
        """Figures on the validation and test split, written when a run ends."""
        return read_json(self.folder / METRICS)

    @cached_property
    def card(self) -> str:
        """The model card, in Markdown."""
        return read_bytes(self.folder / CARD, at_most=LARGEST_CARD).decode("utf-8", "replace")

    @cached_property
    def _training_names(self) -> tuple[NDArray[np.uint64], Mapping[str, Any]]:
        """The hashes, and what is told beside them."""
        path = self.folder / TRAINING_NAMES
        arrays, told = read_sealed(path, at_most=LARGEST_WEIGHTS, fits=_lists_names)
        return arrays["hashes"], told

    @property
    def identity(self) -> str:
        """What tells the run from all with other names, settings or split."""
        return str(self._training_names[1][SEAL])

    @property
    def training_hashes(self) -> NDArray[np.uint64]:
        """Hashes of the names that the model has learned from or counted, sorted (see `charnn_cli.data.name_hash`)."""
        if self.holds_model and self.trained.about.get("run") != self.identity:
            raise ModelError("belongs to another run than the model", AGAIN, where=self.folder / TRAINING_NAMES)
        return self._training_names[0]

    @cached_property
    def about(self) -> Mapping[str, Any]:
        """What the run is made from, known before its first epoch: `data` (path, fingerprint, rows), `split`, `recipe`
        and what was `given` beside that.
        """
        if not (self.folder / TRAINING_NAMES).exists() and self.holds_model:  # a model that ships may leave them out
            return self.trained.about
        try:
            return checked_about(self._training_names[1].get("about"))
        except ValueError as error:
            raise ModelError("is cut or changed", AGAIN, where=self.folder / TRAINING_NAMES) from error

    @cached_property
    def places(self) -> Mapping[str, str]:
        """Where `data`, and the run that it began with (`start`), lay on the machine that the run was made on.

        Nothing where the run was copied without `last`, as by git, or is of an older charnn.
        """
        path = state_path(self.folder).with_name(PLACES.name)
        found = read_json(path) if path.exists() else {}
        if not all(map(is_path, found.values())):
            raise ModelError("holds no places", AGAIN, where=path)
        return found

    @property
    def data_path(self) -> Path:
        """Where the labelled names lay when the run began; where nobody knows, what they were called."""
        return from_text(self.places.get("data") or self.about.get("data", {}).get("path", ""))

    def settings(self, flags: Mapping[str, tuple[str, Any]] | None = None) -> "Settings":
        """What the run began with, to go on with or to train another by; `flags` as `load_settings` has them.

        Raises ConfigError where a newer charnn wrote it.
        """
        from charnn_cli.config import load_settings

        _ = self.config  # it is what the run began with
        start = {"training.start_from": ("as recorded", self.places.get("start"))}
        settings = load_settings(str(self.config_path), (), {**start, **(flags or {})}, recorded=True)
        return replace(settings, recipe=self.about.get("recipe"), given=self.about.get("given", {}))

    @property
    def split(self) -> Mapping[str, Any]:
        """`seed`, `validation_fraction` and `test_fraction` of the split."""
        return dict(self.about.get("split", {}))


def state_path(folder: Path) -> Path:
    """Where the state to go on from lies; raises ModelError where that is a folder elsewhere."""
    path = folder / STATE
    if path.parent.is_symlink():
        raise ModelError("is a link that leads out of its folder", AGAIN, where=path.parent)
    return path


def history_digest(records: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 of the records of a history."""
    return digest(json.dumps(records, ensure_ascii=False).encode(errors="surrogatepass"))


def _lists_names(header: Header) -> bool:
    """Whether a file holds a list of hashes, of no more names than the data has rows."""
    kind, shape = header.arrays.get("hashes", ("", ()))
    about = header.told.get("about")
    data = about.get("data") if isinstance(about, dict) else None
    rows = data.get("rows") if isinstance(data, dict) else None
    return len(header.arrays) == 1 and kind == "U64" and len(shape) == 1 and type(rows) is int and shape[0] <= rows


def _epoch(progress: Any) -> int:
    """The epoch that a state's position tells, 0 where it tells none."""
    epoch = progress.get("epoch") if isinstance(progress, dict) else None
    return epoch if type(epoch) is int and epoch >= 0 else 0
