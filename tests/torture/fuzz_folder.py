"""A folder for the files of one process's fuzzing, in memory where there is such a place; removed at the end."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def scratch() -> Path:
    """The folder; the same at each call."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="charnn-fuzz-", dir=memory if memory.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
