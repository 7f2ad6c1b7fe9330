"""What must be the same however often it was interrupted."""

import json
from pathlib import Path
from typing import Any

from forks import Ended, charnn

TIMINGS = {"seconds", "names_per_second", "training_seconds", "finished"}
SAME_BYTES = ("model.safetensors", "model.json", "config.yaml", "training_names.safetensors", "MODEL_CARD.md")


def result(run: Path) -> dict[str, Any]:
    """All that a finished run holds, without what the clock says and the state, whose clock runs on."""
    found: dict[str, Any] = {name: (run / name).read_bytes() for name in SAME_BYTES}
    found["metrics.json"] = _untimed(json.loads((run / "metrics.json").read_text()))
    found["history.jsonl"] = [_untimed(json.loads(line)) for line in (run / "history.jsonl").read_text().splitlines()]
    return found


def _untimed(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in TIMINGS}


def differences(run: Path, expected: dict[str, Any]) -> list[str]:
    """Names of the files that are not as expected, and of those that should not be there."""
    try:
        found = result(run)
    except (OSError, ValueError) as error:
        return [str(error)]
    return [name for name in expected if found[name] != expected[name]] + temporary_files(run)


def temporary_files(run: Path) -> list[str]:
    return sorted(str(path.relative_to(run)) for path in run.rglob("*") if path.suffix in (".tmp", ".next", ".part"))


def loads(folder: Path, run: Path) -> tuple[bool, Ended]:
    """Whether `charnn predict` answers by the run; if not, it must say that no epoch was finished."""
    ended = charnn(folder, "predict", "Virtanen", "--model", run, "--quiet")
    return ended.code == 0 and ended.stdout.count("\n") == 2, ended
