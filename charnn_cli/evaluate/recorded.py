"""What runs have recorded of themselves, side by side: figures, dates, recipes and data, and what their settings differ
in. Nothing is measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from math import isfinite
from typing import Any

from charnn_cli.errors import ModelError
from charnn_cli.files import AGAIN
from charnn_cli.store import Run
from charnn_cli.store.checks import is_number
from charnn_cli.store.location import from_text
from charnn_cli.store.run import CONFIG, METRICS

SIDES = ("test", "validation")  # the first that is recorded is told


@dataclass(frozen=True, slots=True)
class Record:
    """One run. Figures are of its best epoch, on the names of one `side`; None and nothing where there are none.

    `config` are its settings by dotted keys, nothing where it holds none (the model that ships).
    """

    run: str
    recipe: str | None
    finished: str | None  # UTC, as ISO 8601 has it; None where it is not, or where nobody wrote it down
    data: str
    fingerprint: str
    split: Mapping[str, Any]
    side: str | None
    n: int | None
    metrics: Mapping[str, float | None]
    training_seconds: float | None
    weights: int
    charnn_version: str
    config: Mapping[str, Any]
    notes: tuple[str, ...]

    @classmethod
    def of(cls, run: Run) -> "Record":
        """Raises ModelError where the run holds no model, or a file that is broken."""
        about, notes = run.trained.about, []
        is_finished = (run.folder / METRICS).exists()
        recorded = run.metrics if is_finished else {"validation": about.get("validation", {})}
        if not is_finished and run.is_begun:
            notes.append(f"'{run.folder}' is not finished; its figures are those of its best epoch so far")
        side = next((side for side in SIDES if recorded.get(side)), None)
        measured: Any = recorded[side] if side else {}
        metrics = measured.get("metrics", {}) if isinstance(measured, Mapping) else None
        finished, seconds = recorded.get("finished"), recorded.get("training_seconds")
        if not isinstance(metrics, Mapping) or not isinstance(finished, str | None):
            raise ModelError("holds no figures of a run", AGAIN, where=run.folder / METRICS)
        if not all(map(is_number, (seconds, measured.get("n"), *metrics.values()))):
            raise ModelError("holds figures that are no numbers", AGAIN, where=run.folder / METRICS)
        data = about.get("data", {})
        return cls(
            run=run.called,
            recipe=about.get("recipe"),
            finished=finished,
            data=from_text(data.get("path", "")).name,
            fingerprint=data.get("fingerprint", ""),
            split=dict(about.get("split", {})),
            side=side,
            n=measured.get("n"),
            metrics={key: value if value is not None and isfinite(value) else None for key, value in metrics.items()},
            training_seconds=seconds,
            weights=sum(tensor.size for tensor in run.trained.tensors.values()),
            charnn_version=str(about.get("charnn_version", "")),
            config=run.config_by_key if (run.folder / CONFIG).exists() else {},
            notes=tuple(notes),
        )


@dataclass(frozen=True)
class Records:
    """Several runs, in the order in which they were named."""

    records: Sequence[Record]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> "Records":
        return cls(list(map(Record.of, runs)))

    @cached_property
    def metrics(self) -> list[str]:
        """Every metric that a run has."""
        return list(dict.fromkeys(metric for record in self.records for metric in record.metrics))

    @cached_property
    def differences(self) -> dict[str, list[Any]]:
        """Of each setting that is not the same in all runs, its value in each; None where a run holds none of it.

        A run that holds no settings at all is left out of account.
        """
        holding = [record.config for record in self.records if record.config]
        keys = dict.fromkeys(key for config in holding for key in config)
        differing = [key for key in keys if any(config.get(key) != holding[0].get(key) for config in holding)]
        return {key: [record.config.get(key) for record in self.records] for key in differing}

    @cached_property
    def apart(self) -> list[str]:
        """What keeps the figures from being a comparison: in what the names that the runs were measured on differ."""
        found: dict[str, list[Any]] = {
            "data": [(record.data, record.fingerprint) for record in self.records],
            "split": [record.split for record in self.records],
            "side of the split": [record.side for record in self.records],
        }
        if any(key.startswith("text.") for key in self.differences) and len({name for name, _ in found["data"]}) == 1:
            found["reading of the names"] = found.pop("data")
        return [what for what, values in found.items() if any(value != values[0] for value in values)]

    @cached_property
    def notes(self) -> list[str]:
        return [note for record in self.records for note in record.notes]

    def to_json(self) -> dict[str, Any]:
        """The object that the format `json` prints."""
        runs = [{key: value for key, value in asdict(record).items() if key != "notes"} for record in self.records]
        return {"runs": runs, "differences": self.differences, "apart": self.apart, "notes": self.notes}
