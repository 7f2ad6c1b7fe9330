"""How a script ends: what it counted, every fault, and where the material of the faults lies."""

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path


def conclude(figures: Counter[str], faults: Sequence[str], work: Path, *, at_most: int | None = None) -> int:
    """Print both, `at_most` so many faults; the folder of the work is kept where there are faults. The exit code."""
    for what, count in sorted(figures.items()):
        print(f"{count:5d}  {what}")
    for fault in faults[:at_most]:
        print(f"FAULT  {fault}")
    print(f"{len(faults):5d}  faults" + (f", kept in {work}" if faults else ""))
    if not faults:
        shutil.rmtree(work)
    return bool(faults)
