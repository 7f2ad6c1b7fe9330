"""Any bytes as the other files of a run folder: what they hold, or an error that names the file."""

import json
from typing import Any

import numpy as np
from common import scratch

from charnn_cli.errors import CharnnError
from charnn_cli.store import Run, RunWriter
from charnn_cli.store.run import CONFIG, HISTORY, METRICS, PLACES, STATE, TRAINING_NAMES
from charnn_cli.store.tensor_files import sealed

FILES = (CONFIG, HISTORY, METRICS, str(PLACES), TRAINING_NAMES, str(STATE))
ARRAYS = {"hashes": np.arange(3, dtype=np.uint64)}
ABOUT = {"data": {"path": "x", "rows": 3}, "split": {"seed": 0, "test_fraction": 0.1}}
NAMES, IDENTITY = sealed(ARRAYS, {"about": ABOUT})
PROGRESS = {"epoch": 1, "best": -1.5}
SEEDS = [
    b"\0seed: 1\nmodel: {cell: gru}\n",
    b'\1{"epoch": 1}\n{"epoch": 2, "train_loss": NaN}\n',
    b'\2{"test": {"n": 1}}',
    b'\3{"data": "/a/b", "start": "\\ud800"}',
    b"\4" + NAMES,
    b"\5" + sealed(ARRAYS, {"progress": PROGRESS, "run": IDENTITY})[0],
    b"\6" + json.dumps({"about": ABOUT, "config": "0"}).encode(),
    b"\7" + json.dumps({"progress": PROGRESS, "run": IDENTITY, "history": []}).encode(),
]


def check(data: bytes) -> None:
    """The first byte chooses the file, the rest is its content, or what is told in a file whose seal fits."""
    way, content = (data[:1] or b"\0")[0] % (len(FILES) + 2), data[1:]
    if way >= len(FILES):
        told = _object(content)
        if told is None:
            return
        content, way = sealed(ARRAYS, told)[0], way - 2
    name, folder = FILES[way], scratch() / "run"
    (folder / STATE).parent.mkdir(parents=True, exist_ok=True)
    for other in FILES:
        (folder / other).unlink(missing_ok=True)
    (folder / TRAINING_NAMES).write_bytes(NAMES)
    if name == CONFIG:
        (folder / TRAINING_NAMES).unlink()  # which vouches for the settings
    (folder / name).write_bytes(content)
    try:
        _read(Run(folder), name)
    except CharnnError as error:
        (line,) = error.lines()
        assert line.startswith(str(folder / name)), line


def _read(run: Run, name: str) -> None:
    if name == CONFIG:
        dict(run.config)
    elif name == HISTORY:
        assert all(isinstance(record, dict) for record in run.history)
    elif name == METRICS:
        dict(run.metrics)
    elif name == str(PLACES):
        assert run.data_path.exists() in (True, False)
    elif name == TRAINING_NAMES:
        assert run.training_hashes.ndim == 1
        assert run.data_path.is_absolute() in (True, False)
        dict(run.split)
    else:
        state = RunWriter(run.folder).load_state()
        assert state is not None
        assert isinstance(state.progress["epoch"], int)


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
