"""Any bytes as the other files of a run folder: what they hold, or an error that names the file."""

import json
from pathlib import Path

import numpy as np
from fuzz_folder import scratch
from safetensors.numpy import save

from charnn_cli.errors import CharnnError
from charnn_cli.store import Run, RunWriter
from charnn_cli.store.run import CONFIG, HISTORY, METRICS, STATE, TRAINING_NAMES
from charnn_cli.trained import SavedState

FILES = (CONFIG, HISTORY, METRICS, TRAINING_NAMES, str(STATE))
_FOLDER = scratch()


def _state() -> bytes:
    with RunWriter(_FOLDER) as writer:
        writer.save_epoch([{"epoch": 1}], SavedState({"a": np.ones(2, np.float32)}, {"epoch": 1}))
    return (_FOLDER / STATE).read_bytes()


SEEDS = [
    b"\0seed: 1\nmodel: {cell: gru}\n",
    b'\1{"epoch": 1}\n{"epoch": 2, "train_loss": NaN}\n',
    b'\2{"test": {"n": 1}}',
    b"\3" + save({"hashes": np.arange(3, dtype=np.uint64)}, metadata={"about": json.dumps({"data": {"path": "x"}})}),
    b"\4" + _state(),
]


def check(data: bytes) -> None:
    """The first byte chooses the file, the rest is its content."""
    name, content = FILES[(data[:1] or b"\0")[0] % len(FILES)], data[1:]
    (_FOLDER / name).write_bytes(content)
    run = Run(_FOLDER)
    try:
        if name == CONFIG:
            dict(run.config)
        elif name == HISTORY:
            assert all(isinstance(record, dict) for record in run.history)
        elif name == METRICS:
            dict(run.metrics)
        elif name == TRAINING_NAMES:
            assert run.training_hashes.ndim == 1
            assert isinstance(run.data_path, Path)
            dict(run.split)
        else:
            state = RunWriter(_FOLDER).load_state()
            assert state is not None
            dict(state.progress)
    except CharnnError as error:
        (line,) = error.lines()
        assert line.startswith(str(_FOLDER / name)), line
