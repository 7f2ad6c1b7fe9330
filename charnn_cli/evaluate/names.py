"""Which names a run is measured on, what it knows of them already, and what it says of them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.choices import NamePart, Split
from charnn_cli.data import TEST, TRAIN, VALIDATION, Dataset, read, split
from charnn_cli.errors import DataError, DataErrors, ModelError
from charnn_cli.metrics import Outcomes
from charnn_cli.predict import Predictor
from charnn_cli.scaling import UNSCALED
from charnn_cli.store import Run, is_shipped
from charnn_cli.store.run import TRAINING_NAMES
from charnn_cli.text.parts import name_parts
from charnn_cli.trained import TrainedModel

_SIDES = {"test": TEST, "val": VALIDATION, "train": TRAIN}

NAMES_AT_ONCE = 8192
LEADING = 3

OnRead = Callable[[int, float], None]  # rows read, share of the data
OnAnswered = Callable[[int, int], None]  # names answered, of how many


@dataclass(frozen=True, slots=True)
class LabelledNames:
    """Labelled names as the run's text rules read them, each on its side of the run's split."""

    path: Path
    dataset: Dataset
    sides: NDArray[np.int8]  # (N,)
    unchanged: bool  # the very names that the run was made with

    @classmethod
    def of(
        cls,
        run: Run,
        data: Path | None,
        on_progress: OnRead | None = None,
        table: Mapping[str, str | None] | None = None,
    ) -> "LabelledNames":
        """Read `data`, or the run's own data where that is None.

        `table` says of `data` what `charnn_cli.data.read` takes of columns and encoding; of its own a run knows them.

        The split is a function of each name, its origin and the run's split seed, so that it is derived anew. Raises
        DataError where the names are gone or cannot be read.
        """
        about = run.trained.about
        recorded = run.data_path
        if data is None and not recorded.exists():
            if is_shipped(run.folder):
                raise DataError("the model that comes with charnn has no test names beside it", "give labelled names")
            raise DataError(
                f"the names that '{run.folder}' was made with are not at '{recorded}' any more",
                "say where they are, or give other labelled names",
            )
        own: Mapping[str, Any] = table or {} if data is not None else _columns(run)
        path = recorded if data is None else data
        dataset = read(path, rules=run.trained.rules, on_progress=on_progress, strict=False, **own)
        one_label = len(dataset.labels) == 1  # a fault for training, none for measuring
        if dataset.report.faults.count > one_label:
            raise DataErrors(dataset.report.faults.lines())
        settings = about.get("split", {})
        if not {"seed", "validation_fraction", "test_fraction"} <= settings.keys():
            raise ModelError("does not record how its names were split", "train again", where=run.folder)
        sides = split(
            dataset,
            seed=settings["seed"],
            validation_fraction=settings["validation_fraction"],
            test_fraction=settings["test_fraction"],
        )
        return cls(path, dataset, sides, dataset.fingerprint == about.get("data", {}).get("fingerprint"))

    def rows(self, chosen: Split) -> NDArray[np.int64]:
        """Rows of one side; raises DataError where it has none."""
        rows = np.arange(len(self.dataset)) if chosen == "all" else np.flatnonzero(self.sides == _SIDES[chosen])
        if not len(rows):
            raise DataError(
                f"the {chosen} split of '{self.path}' holds no names",
                "choose another split, or give other labelled names",
            )
        return rows


def _columns(run: Run) -> dict[str, Any]:
    """Where the run's own table keeps names and origins."""
    section = run.config.get("data") or {}
    return {key: section.get(key) for key in ("name_column", "origin_column", "encoding")}


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """The names that a run is measured on. `labels` are the run's own, then those that it lacks."""

    names: list[str]
    keys: NDArray[np.uint64]  # (N,) hashes of the names without case
    origins: NDArray[np.int64]  # (N,) into `labels`
    labels: tuple[str, ...]
    data: Path
    split: Split
    seen: NDArray[np.bool_] | None  # (N,) the run was trained on the name; None where it does not say
    notes: tuple[str, ...]  # what the reader of the metrics should know
    name_part: NamePart | None  # how names are read: the run's own as it learned them, others as `charnn predict` does
    fingerprint: str = ""  # of all names of `data`, as the run reads them
    several: Mapping[int, tuple[str, ...]] = field(default_factory=dict)  # labels in `data` of keys with more than one

    @classmethod
    def of(
        cls, run: Run, source: LabelledNames, chosen: Split | None, *, own_data: bool, name_part: NamePart | None = None
    ) -> "EvaluationSet":
        """The rows of one side: by default the test side of the run's own names, and all rows of others.

        Raises DataError where there are none, or none with a label that the run has.
        """
        chosen = chosen or ("test" if own_data or source.unchanged else "all")
        dataset, rows = source.dataset, source.rows(chosen)
        known = run.trained.labels
        origins, labels = renumbered(dataset.origins[rows], dataset.labels, known)
        missing = {labels[label]: count for label, count in Counter(origins.tolist()).items() if label >= len(known)}
        if sum(missing.values()) == len(rows):
            raise DataError(
                f"'{run.folder}' tells none of the origins of '{source.path}' ({_listed(sorted(missing))})",
                f"name them as it does: {_listed(known)}",
            )
        keys = dataset.hashes[rows]
        seen = trained_on(run, keys)
        notes = []
        if own_data and not source.unchanged:
            notes.append(f"'{source.path}' has changed since the run was made; its split was derived anew")
        if missing:
            notes.append(
                f"names whose origin the run does not know, counted as mistakes: {sum(missing.values()):,} "
                f"({_listed(sorted(missing))})"
            )
        if seen is None:
            if chosen != "test" or not source.unchanged:
                notes.append("the run does not list the names that it was trained on; they may be among these")
        elif chosen in ("test", "val") and seen.all():
            notes.append("the run learned from or counted all of these names; these are no figures of new ones")
        elif chosen in ("test", "val") and seen.any():
            notes.append(f"the run was trained on {int(seen.sum()):,} of these names; see the figures without them")
        names = [dataset.names[row] for row in rows]
        if name_part is None and (own_data or source.unchanged or run.trained.architecture.generates):
            name_part = "all"
        if name_part is None and run.trained.knows_single_words:
            parted = sum(name_parts(name) is not None for name in names)
            notes += [f"the run has learned single words; names read by their family name: {parted:,}"] * (parted > 0)
        return cls(
            names,
            keys,
            origins,
            labels,
            source.path,
            chosen,
            seen,
            tuple(notes),
            name_part,
            dataset.fingerprint,
            several_origins(dataset, keys),
        )


@dataclass(frozen=True, slots=True)
class ModelOutcomes:
    """What a model says of N labelled names, rows in the order of the names."""

    outcomes: Outcomes
    uncalibrated: Outcomes  # the same of logits as they are
    leading: NDArray[np.int64]  # (N, 3 or fewer) labels, the most probable first
    shares: NDArray[np.float64]  # (N, 3 or fewer) their probabilities; 0 where the model abstains
    sets: Sequence[
        Mapping[str, Any]
    ]  # what sets of origins hold of the names with an answer; none where it has no sets


def answer(
    trained: TrainedModel,
    names: Sequence[str],
    origins: NDArray[np.integer],  # (N,) the model's labels, then others
    on_progress: OnAnswered | None = None,
    *,
    name_part: NamePart | None = None,
) -> ModelOutcomes:
    """Ask the model for every name, or the wanted part of it as `Predictor` reads it.

    It abstains where `charnn predict` would. Raises DataError without names.
    """
    predictor, sets = Predictor(trained, name_part=name_part), trained.sets
    parts, tallies = [], []
    for start in range(0, max(len(names), 1), NAMES_AT_ONCE):
        part, true = names[start : start + NAMES_AT_ONCE], origins[start : start + NAMES_AT_ONCE]
        texts, reasons = predictor.read_wanted(part)
        logits = predictor.logits_told(texts, reasons)
        silent = np.array([reason is not None for reason in reasons], dtype=np.bool_)
        calibrated = predictor.probabilities(logits)
        outcomes = uncalibrated = Outcomes.of(calibrated, true, silent)
        if trained.scaling != UNSCALED:
            uncalibrated = Outcomes.of(predictor.probabilities(logits, calibrated=False), true, silent)
        if sets is not None:
            several = np.array([" " in text for text in texts], dtype=np.bool_)
            tallies.append(sets.tally(calibrated[~silent], true[~silent], several[~silent]))
        shares = np.where(silent[:, None], 0.0, calibrated)
        leading = np.argsort(-shares, axis=1, kind="stable")[:, :LEADING]
        parts.append((outcomes, uncalibrated, leading, np.take_along_axis(shares, leading, axis=1)))
        if on_progress is not None:
            on_progress(start + len(part), len(names))
    outcome_parts, uncalibrated_parts, leading_parts, share_parts = zip(*parts, strict=True)
    return ModelOutcomes(
        Outcomes.joined(outcome_parts),
        Outcomes.joined(uncalibrated_parts),
        np.concatenate(leading_parts),
        np.concatenate(share_parts),
        [] if sets is None else sets.measured(np.sum(tallies, axis=0)),
    )


def several_origins(dataset: Dataset, keys: NDArray[np.uint64]) -> dict[int, tuple[str, ...]]:
    """The labels that the data gives to each of these keys, of those that it gives more than one."""
    rows = np.flatnonzero(np.isin(dataset.hashes, keys))
    hashes, counts = np.unique(dataset.hashes[rows], return_counts=True)
    found: dict[int, set[str]] = {}
    for row in rows[np.isin(dataset.hashes[rows], hashes[counts > 1])]:
        found.setdefault(int(dataset.hashes[row]), set()).add(dataset.labels[dataset.origins[row]])
    return {key: tuple(sorted(labels)) for key, labels in found.items() if len(labels) > 1}


def trained_on(run: Run, keys: NDArray[np.uint64]) -> NDArray[np.bool_] | None:
    """Which of the names the run was trained on, or None where it does not list its training names."""
    if not (run.folder / TRAINING_NAMES).exists():  # a model that ships may leave its names out
        return None
    return np.isin(keys, run.training_hashes)


def renumbered(
    origins: NDArray[np.integer], labels: Sequence[str], known: Sequence[str]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Origins (N,) into `labels` as origins into `known` followed by the labels in use that `known` lacks."""
    used = {labels[label] for label in np.unique(origins)}
    extended = (*known, *sorted(used.difference(known)))
    places = {label: place for place, label in enumerate(extended)}
    table = np.array([places.get(label, -1) for label in labels], dtype=np.int64)
    return table[origins], extended


def _listed(labels: Sequence[str], at_most: int = 5) -> str:
    return ", ".join(f"'{label}'" for label in labels[:at_most]) + (", …" if len(labels) > at_most else "")
