"""The path of a run's names as text that means the same in every locale.

A path is bytes to the system; Python decodes them by the locale. In a file they stand as UTF-8, and bytes that are no
UTF-8 as lone surrogates, which JSON written with `surrogatepass` keeps.
"""

import os
from pathlib import Path
from typing import Any


def to_text(path: Path) -> str:
    """The path as it is recorded."""
    return os.fsencode(path).decode("utf-8", "surrogateescape")


def from_text(text: Any) -> Path:
    """Inverse of `to_text` in any locale; for text that is no path, a path that leads nowhere."""
    return Path(os.fsdecode(str(text).encode("utf-8", "surrogateescape")))
