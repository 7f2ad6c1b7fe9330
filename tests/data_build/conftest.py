"""The build script's package `builder` stands in `data/`, which is no package of charnn: put it on the path."""

from __future__ import annotations

import sys
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"
if str(DATA) not in sys.path:
    sys.path.insert(0, str(DATA))
