"""A run folder, written: one training at a time, each file whole or not at all."""

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import ModelError, OutputError
from charnn_cli.store.files import read_bytes, replacing, write_bytes, write_json
from charnn_cli.store.location import RUNS
from charnn_cli.store.model_files import (
    AGAIN,
    DESCRIPTION,
    LARGEST_WEIGHTS,
    WEIGHTS,
    save_trained,
)
from charnn_cli.store.run import CARD, CONFIG, HISTORY, METRICS, STATE, TRAINING_NAMES, Run
from charnn_cli.trained import SavedState, TrainedModel

TENSORBOARD = "tensorboard"
OURS = (CONFIG, WEIGHTS, f"{WEIGHTS}.next", DESCRIPTION, HISTORY, METRICS, CARD, TRAINING_NAMES, str(STATE))


def new_run_folder(cell: str) -> Path:
    """`runs/<date>-<cell>-<n>` with the first free n; nothing is made yet."""
    number = 1
    while (folder := RUNS / f"{date.today().isoformat()}-{cell}-{number}").exists():
        number += 1
    return folder


class RunWriter:
    """The only writer of a run folder, while its `with` block lasts.

    Raises OutputError where the folder cannot be made or written to, or another training holds it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = -1  # descriptor of the folder, locked while the block lasts

    def __enter__(self) -> "RunWriter":
        try:
            (self.folder / STATE.parent).mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.folder, os.O_RDONLY)
        except OSError as error:
            raise OutputError(
                f"cannot be made or written to ({error.strerror})", "give another folder with --out", where=self.folder
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise OutputError(
                "another training writes here", "wait for it, or give another folder with --out", where=self.folder
            ) from error
        for leftover in (*self.folder.glob(".*.tmp"), *(self.folder / STATE.parent).glob(".*.tmp")):
            leftover.unlink(missing_ok=True)
        return self

    def __exit__(self, *exception: object) -> None:
        os.close(self._lock)

    @property
    def holds_model(self) -> bool:
        """Whether there are weights to answer with and to go on from."""
        return (self.folder / DESCRIPTION).exists()

    def clear(self) -> None:
        """Remove what an earlier run left in this folder, and nothing else."""
        for name in OURS:
            (self.folder / name).unlink(missing_ok=True)
        for events in (self.folder / TENSORBOARD).glob("events.out.tfevents.*"):
            events.unlink()

    def save_settings(self, config_yaml: str, training_hashes: NDArray[np.uint64], about: Mapping[str, Any]) -> None:
        """Write what is known before the first step: hashes of the training names, data and split, and the settings.

        The settings come last: a folder that holds them can be gone on with.
        """
        from safetensors.numpy import save

        names = save({"hashes": np.sort(training_hashes)}, metadata={"about": json.dumps(about, sort_keys=True)})
        write_bytes(self.folder / TRAINING_NAMES, names)
        write_bytes(self.folder / CONFIG, config_yaml.encode())

    def save_best(self, trained: TrainedModel) -> None:
        save_trained(self.folder, trained)

    def save_epoch(self, history: Sequence[Mapping[str, Any]], state: SavedState) -> None:
        """Write the history, then the state to go on from: where the state is the older one, its epoch is redone."""
        from safetensors.numpy import save

        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in history)
        write_bytes(self.folder / HISTORY, lines.encode())
        tensors = {name: np.asarray(tensor, order="C") for name, tensor in state.tensors.items()}
        progress = json.dumps(state.progress, sort_keys=True)
        metadata = {"progress": progress, "sha256": _digest(tensors, progress)}
        with replacing(self.folder / STATE) as stream:
            stream.write(save(tensors, metadata=metadata))

    def load_history(self) -> list[dict[str, Any]]:
        """The records of the epochs so far."""
        return Run(self.folder).history

    def load_state(self) -> SavedState | None:
        """The state to go on from, or None where no epoch was finished; raises ModelError where it is broken."""
        from safetensors import SafetensorError, safe_open

        path = self.folder / STATE
        if not path.exists():
            return None
        read_bytes(path, at_most=LARGEST_WEIGHTS)
        try:
            with safe_open(path, framework="numpy") as stream:
                metadata = stream.metadata() or {}
                tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118 - not a dict
            if metadata["sha256"] != _digest(tensors, metadata["progress"]):
                raise ValueError("digest")
            return SavedState(tensors, json.loads(metadata["progress"]))
        except (SafetensorError, KeyError, ValueError, RecursionError) as error:
            raise ModelError("is cut or changed", AGAIN, where=path) from error

    def finish(self, metrics: Mapping[str, Any], card: str) -> None:
        """Write the figures and the model card of a finished run."""
        write_json(self.folder / METRICS, metrics)
        write_bytes(self.folder / CARD, card.encode())


def check_free(folder: Path, *, force: bool) -> None:
    """Raise OutputError where `folder` holds something that a new run would write over."""
    if folder.exists() and not folder.is_dir():
        raise OutputError("is no folder", "give another with --out", where=folder)
    kept = (name for name in OURS if name != TRAINING_NAMES)  # which alone is a run that was killed before it began
    if folder.is_dir() and any((folder / name).exists() for name in kept) and not force:
        raise OutputError(
            "holds a run already", "go on with --resume, replace it with --force, or give another --out", where=folder
        )


def _digest(tensors: Mapping[str, np.ndarray], progress: str) -> str:
    """SHA-256 over the position and every array with its name, type and shape."""
    sha = hashlib.sha256(progress.encode())
    for name in sorted(tensors):
        sha.update(f"{name} {tensors[name].dtype} {tensors[name].shape}".encode())
        sha.update(tensors[name].tobytes())
    return sha.hexdigest()
