"""A run folder, written: one training at a time, each file whole or not at all."""

import contextlib
import json
import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import ModelError, OutputError
from charnn_cli.files import (
    AGAIN,
    check_writable,
    digest,
    leftovers,
    lock,
    write_bytes,
    write_json,
)
from charnn_cli.store.location import LATEST, RUNS
from charnn_cli.store.model_files import DESCRIPTION, LARGEST_WEIGHTS, WEIGHTS, save_trained
from charnn_cli.store.run import (
    CARD,
    CONFIG,
    HISTORY,
    METRICS,
    PLACES,
    README,
    STATE,
    TRAINING_NAMES,
    Run,
    history_digest,
    state_path,
)
from charnn_cli.store.tensor_files import read_sealed, sealed
from charnn_cli.trained import SavedState, TrainedModel

TENSORBOARD = "tensorboard"
LOCK = ".lock"
REQUESTS = (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM))  # to end; no SIGHUP on Windows
LAST = (str(STATE), str(PLACES))
# In the order in which a run is removed: one that is half removed is none to go on with, and none to answer with.
OURS = (CONFIG, DESCRIPTION, WEIGHTS, f"{WEIGHTS}.next", HISTORY, METRICS, CARD, TRAINING_NAMES, *LAST)
# By which a folder, put into git, can be read from there: beside the page, which begins with what is told to hubs.
REPOSITORY = {
    ".gitattributes": "# Digests vouch for every byte, ends of lines among them.\n* -text\n",
    ".gitignore": f"# What a training needs to go on, and what names this machine.\nlast/\n{TENSORBOARD}/\n",
}
LIBRARY = "library_name: charnn"


class RunWriter:
    """The only writer of a run folder, while its `with` block lasts; a folder that it made and left empty goes again.

    Raises OutputError where the folder cannot be made or written to, or another training holds it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cleared = False  # whether what stands here is of this run
        self._identity: str | None = None
        self._made: list[Path] = []  # folders that were not there before, the innermost first
        self._locked = folder  # what is locked while the block lasts
        self._lock = -1  # its descriptor

    def __enter__(self) -> "RunWriter":
        _check_name(self.folder)
        state = self.folder / STATE
        self._made = [path for path in (state.parent, self.folder, *self.folder.parents) if not path.exists()]
        try:
            state_path(self.folder).parent.mkdir(parents=True, exist_ok=True)
            self._open_lock()
        except OSError as error:
            self._leave_no_trace()
            what = f"cannot be made or written to ({error.strerror})"
            raise OutputError(what, "give another folder", where=self.folder) from error
        try:
            self._hold()
            for path in (*(self.folder / name for name in (*OURS, README, *REPOSITORY)), state):
                for leftover in leftovers(path):
                    leftover.unlink(missing_ok=True)
            for path in (self.folder / CONFIG, state):
                check_writable(path)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _open_lock(self) -> None:
        """Open the folder, or a file in it where the system opens no folders."""
        try:
            self._lock = os.open(self.folder, os.O_RDONLY)
        except PermissionError:
            self._locked = self.folder / LOCK
            self._lock = os.open(self._locked, os.O_RDWR | os.O_CREAT, 0o666)

    def _hold(self) -> None:
        """Lock the folder against other trainings."""
        try:
            lock(self._lock)
            gone = not os.path.samestat(os.fstat(self._lock), os.stat(self._locked))
        except BlockingIOError as error:
            self._made = []  # they are the other training's now
            do = "wait for it, or give another folder"
            raise OutputError("another training writes here", do, where=self.folder) from error
        except OSError as error:
            what = f"cannot be locked against other trainings ({error.strerror})"
            raise OutputError(what, "give a folder on another disk", where=self.folder) from error
        if gone:
            raise OutputError("was removed by another training", "run the command again", where=self.folder)

    def __exit__(self, *exception: object) -> None:
        if self._locked == self.folder:
            self._leave_no_trace()
        os.close(self._lock)
        if self._locked != self.folder:  # an open file cannot be removed there, nor the folder that holds it
            with suppress(OSError):
                self._locked.unlink()
            self._leave_no_trace()

    def _leave_no_trace(self) -> None:
        """Remove the new folders of a run that never came to write anything."""
        for empty in self._made:
            with suppress(OSError):
                empty.rmdir()

    @property
    def holds_model(self) -> bool:
        """Whether there are weights to answer with and to go on from."""
        return (self.folder / DESCRIPTION).exists()

    @property
    def identity(self) -> str:
        """What its files call the run; empty where nothing was settled yet."""
        if self._identity is None:
            settled = (self.folder / TRAINING_NAMES).exists()
            self._identity = Run(self.folder).identity if settled else ""
        return self._identity

    def clear(self) -> None:
        """Remove what an earlier run left in this folder, and nothing else."""
        self.cleared = True
        for name in (*OURS, *[README] * self._holds_our_readme):
            (self.folder / name).unlink(missing_ok=True)
        for events in (self.folder / TENSORBOARD).glob("events.out.tfevents.*"):
            events.unlink()

    @property
    def _holds_our_readme(self) -> bool:
        """Whether the README.md is one that a run wrote, and not someone's own."""
        try:
            with open(self.folder / README, "rb") as stream:
                return LIBRARY.encode() in stream.read(len(LIBRARY) + 8)
        except OSError:
            return False

    def save_settings(
        self, config_yaml: str, training_hashes: NDArray[np.uint64], about: Mapping[str, Any],
        places: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """Write what is known before the first step: hashes of the training names, data and split, and the settings.

        `places` are for this machine alone (see `Run.places`). The settings come last: a folder that holds them can be
        gone on with.
        """
        config = config_yaml.encode()
        names, self._identity = sealed(
            {"hashes": np.sort(training_hashes)}, {"about": dict(about), "config": digest(config)}
        )
        with uninterrupted():
            if places:
                write_json(state_path(self.folder).with_name(PLACES.name), places)
            write_bytes(self.folder / TRAINING_NAMES, names)
            write_bytes(self.folder / CONFIG, config)

    def save_best(self, trained: TrainedModel) -> None:
        with uninterrupted():
            save_trained(self.folder, replace(trained, about={**trained.about, "run": self.identity}))

    def save_epoch(self, history: Sequence[Mapping[str, Any]], state: SavedState) -> None:
        """Write the history, then the state to go on from: where the state is the older one, its epoch is redone."""
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in history)
        tensors = {name: np.asarray(tensor, order="C") for name, tensor in state.tensors.items()}
        told = {"progress": dict(state.progress), "history": history_digest(history), "run": self.identity}
        content, _ = sealed(tensors, told)
        with uninterrupted():
            write_bytes(self.folder / HISTORY, lines.encode())
            write_bytes(self.folder / STATE, content)

    def load_history(self) -> list[dict[str, Any]]:
        """The records of the epochs so far."""
        return Run(self.folder).history

    def load_state(self, *, at_most: int = LARGEST_WEIGHTS) -> SavedState | None:
        """The state to go on from, or None where no epoch was finished.

        Raises ModelError where it is broken, of another run, or larger than `at_most` bytes.
        """
        path = state_path(self.folder)
        if not path.exists() and not path.is_symlink():
            return None
        tensors, told = read_sealed(path, at_most=at_most)
        if told.get("run") != self.identity:
            raise ModelError(f"belongs to another run than {TRAINING_NAMES}", AGAIN, where=path)
        progress = told.get("progress")
        if not isinstance(progress, dict) or type(progress.get("epoch")) is not int:
            raise ModelError("tells no position in the run", AGAIN, where=path)
        return SavedState(tensors, progress)

    def finish(self, metrics: Mapping[str, Any], card: str, readme: str | None = None) -> None:
        """Write the figures and the model card of a finished run; with a `readme`, all that makes it a repository.

        What someone else has put in its place stays.
        """
        with uninterrupted():
            write_json(self.folder / METRICS, metrics)
            write_bytes(self.folder / CARD, card.encode(errors="backslashreplace"))
            for name, text in {README: readme, **REPOSITORY}.items() if readme is not None else ():
                if not (self.folder / name).exists() or (name == README and self._holds_our_readme):
                    write_bytes(self.folder / name, str(text).encode(errors="backslashreplace"))


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Let Ctrl-C and other requests to end wait until the block is through; a block that fails is its own end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[tuple[int, FrameType | None]] = []
    handlers = {number: signal.getsignal(number) for number in REQUESTS}

    def wait(number: int, frame: FrameType | None) -> None:
        waiting.append((number, frame))

    try:
        for request, handler in handlers.items():
            if callable(handler):
                signal.signal(request, wait)
        yield
    finally:
        for request, handler in handlers.items():
            if callable(handler):
                signal.signal(request, handler)
    for number, frame in waiting[:1]:
        handler = handlers[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)


def _check_name(folder: Path) -> None:
    """Raise OutputError where a run in this folder would take the place of the pointer to the newest one."""
    path = Path(os.path.abspath(folder))
    if path.name.casefold() == LATEST:
        what = f"'{LATEST}' is no name for a run: it is kept for the file that names the newest one"
        raise OutputError(what, "name the folder otherwise", where=folder)
    pointer = path.parent / LATEST
    if path.parent.name == RUNS.name and pointer.is_dir():
        raise OutputError("is a folder, where the name of the newest run should stand", "rename it", where=pointer)


def check_free(folder: Path, *, force: bool) -> None:
    """Raise OutputError where `folder` holds something that a new run would write over, or is none for a run."""
    _check_name(folder)
    if folder.exists() and not folder.is_dir():
        raise OutputError("is no folder", "give another", where=folder)
    kept = (name for name in OURS if name != TRAINING_NAMES)  # which alone is a run that was killed before it began
    if folder.is_dir() and any((folder / name).exists() for name in kept) and not force:
        do = "resume it, force its replacement, or give another folder"
        raise OutputError("holds a run already", do, where=folder)
