"""What `bench_lesson.py` measures of one run: figures, anagrams, names by length, gradients."""

import csv
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from cells import charnn
from numpy.typing import NDArray

LENGTHS = {"to 5": (0, 5), "6 to 8": (6, 8), "9 to 11": (9, 11), "12 and more": (12, 10_000)}  # letters
STATES = ("untrained", "trained")  # of a network whose gradients are taken
DELAY = 20


def checked(done: "subprocess.CompletedProcess[str]") -> str:
    """Its stdout; ends the benchmark with its stderr where it failed."""
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def of_test(run: Path) -> dict[str, Any]:
    """The run's own figures on its test names, and its number of weights."""
    from charnn_cli.store import Run

    read = Run(run)
    weights = sum(tensor.size for tensor in read.trained.tensors.values())
    return dict(read.metrics["test"]["metrics"]) | {"weights": weights}


def of_everything(run: Path, files: Path) -> dict[str, Any]:
    """The test figures, and those of anagrams, of names by length and of gradients; test names are kept in `files`."""
    if not (files / "long.csv").exists():  # the last one that is written
        script = Path(__file__).with_name("lesson_names.py")
        subprocess.run([sys.executable, script, run, files], check=True, stdout=sys.stderr)
    anagrams = checked(charnn("evaluate", run, "--data", files / "anagrams.csv", "--format", "json", "--quiet"))
    return of_test(run) | {
        "anagrams": json.loads(anagrams)["metrics"]["accuracy"],
        "lengths": by_length(run, files / "names.csv"),
        "gradients": {state: gradient_medians(run, fresh=state == "untrained") for state in STATES},
    }


def by_length(run: Path, file: Path) -> dict[str, dict[str, float]]:
    """Of the names of each length: how many, accuracy, and the same of those not of their most frequent origin."""
    options = ("--model", run, "--input", file, "--column", "name", "--format", "csv", "--quiet")
    rows = list(csv.DictReader(checked(charnn("predict", *options)).splitlines()))
    found = {}
    for title, (least, most) in LENGTHS.items():
        chosen = [row for row in rows if least <= sum(map(str.isalpha, row["name"])) <= most]
        frequent = Counter(row["origin"] for row in chosen).most_common(1)
        others = [row for row in chosen if row["origin"] != frequent[0][0]]
        found[title] = {
            "names": len(chosen),
            "accuracy": _accuracy(chosen),
            "others": len(others),
            "others_accuracy": _accuracy(others),
        }
    return found


def _accuracy(rows: Sequence[dict[str, str]]) -> float:
    right = sum(row["origin"] == row["charnn_origin"] for row in rows)
    return right / len(rows) if rows else float("nan")


def gradient_medians(run: Path, *, fresh: bool) -> list[float]:
    """Medians of the norms whose shares `charnn plot gradients` draws of the run; none of an `mlp`."""
    from charnn_cli.plots.gradients import Spread, norms_of
    from charnn_cli.plots.request import Request
    from charnn_cli.store import Run

    read = Run(run)
    if read.trained.architecture.cell == "mlp":
        return []
    spread = Spread.of(run.name, norms_of(Request((read,), fresh=fresh), read, run.name))
    return [float(norm) for norm in spread.median]


def left(medians: Sequence[float] | NDArray[np.floating], distance: int) -> float:
    """Gradient norm this far from the end, as a share of that at the end."""
    return float(medians[distance] / medians[0]) if distance < len(medians) else float("nan")


def write_delayed(data: Path, folder: Path) -> None:
    """Letters x behind each name, as `sed '/./s/ *$/xxxxxxxxxxxxxxxxxxxx/'` does to each file."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(data.glob("*.txt")):
        lines = (line.rstrip() for line in path.read_text(encoding="utf-8").splitlines())
        text = "".join(f"{line}{'x' * DELAY}\n" for line in lines if line)
        (folder / path.name).write_text(text, encoding="utf-8")
