"""The arrays that plots are drawn from, out of run folders."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.errors import DataError, ModelError, UsageError
from charnn_cli.plots.confusion import Order
from charnn_cli.store import Run, is_shipped

if TYPE_CHECKING:
    from charnn_cli.text import Symbols

OnProgress = Callable[[int, float], None]
Watch = Callable[[Path], AbstractContextManager[OnProgress | None]]


def _unwatched(path: Path) -> AbstractContextManager[OnProgress | None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Request:
    """What a plot is wanted of. `watch` shows how far the reading of a data file has come."""

    runs: tuple[Run, ...]
    names: tuple[str, ...] = ()
    order: Order = "similarity"
    fresh: bool = False  # networks as they are before training
    watch: Watch = _unwatched

    @property
    def run(self) -> Run:
        return self.runs[0]

    def titles(self) -> list[str]:
        """What to call each run: the folder's name, or its path where two have the same name."""
        names = [title(run) for run in self.runs]
        return [str(run.folder) if names.count(name) > 1 else name for run, name in zip(self.runs, names, strict=True)]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The names of a run's test split that its model can read, by text."""

    texts: tuple[str, ...]
    origins: NDArray[np.int64]  # (N,) into `labels`
    labels: tuple[str, ...]  # the model's own, then those that the data has gained since
    remark: str  # for the caption

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: NDArray[np.int64]) -> "HeldOut":
        """Some of the names."""
        return HeldOut(tuple(self.texts[row] for row in rows), self.origins[rows], self.labels, self.remark)

    def symbols(self, run: Run) -> "Symbols":
        rules = run.trained.rules
        return run.trained.alphabet.encode(self.texts, boundaries=rules.boundaries)


def title(run: Run) -> str:
    """The run in words."""
    return "the shipped model" if is_shipped(run.folder) else run.folder.resolve().name


def data_title(run: Run) -> str:
    """The run's data in words: the last part of its path, and the beginning of its fingerprint."""
    about = _about(run)
    name = Path(str(about.get("path", ""))).name or "unknown data"
    return f"{name} ({str(about.get('fingerprint', ''))[:8]})"


def caption(request: Request, split: str, *remarks: str) -> str:
    """Run, data and split, then what else there is to say."""
    data = list(dict.fromkeys(map(data_title, request.runs)))
    runs = ("run " if len(request.runs) == 1 else "runs ") + ", ".join(request.titles())
    return " · ".join([runs, "data " + ", ".join(data), split, *filter(None, remarks)])


def held_out(request: Request, run: Run) -> HeldOut:
    """The test split of a run, from its own data.

    Raises DataError where the data is gone or broken, or no name was kept for testing.
    """
    from charnn_cli.data import TEST, read, split

    path = Path(str(_about(run).get("path", "")))
    if not path.exists():
        what = "the data of this run is not there" if str(path) != "." else "this run does not say where its data lies"
        raise DataError(what, "put it back, or plot a run whose data is at hand", where=run.folder)
    columns: Any = {} if is_shipped(run.folder) else run.config.get("data", {})
    with request.watch(path) as on_progress:
        dataset = read(
            path,
            rules=run.trained.rules,
            name_column=columns.get("name_column"),
            origin_column=columns.get("origin_column"),
            on_progress=on_progress,
        )
    rows = np.flatnonzero(split(dataset, **_split_settings(run)) == TEST)
    if not len(rows):
        raise DataError(
            "this run kept no names for testing", "train one with data.test_fraction above 0", where=run.folder
        )
    changed = dataset.fingerprint != _about(run).get("fingerprint")
    labels = (*run.trained.labels, *sorted(set(dataset.labels) - set(run.trained.labels)))
    numbers = {label: number for number, label in enumerate(labels)}
    renumbered = np.array([numbers[label] for label in dataset.labels], dtype=np.int64)
    remark = "the data has changed since training" if changed else ""
    found = HeldOut(tuple(dataset.texts[row] for row in rows), renumbered[dataset.origins[rows]], labels, remark)
    return _readable(found, run)


def _readable(found: HeldOut, run: Run) -> HeldOut:
    """Without the names in scripts that the model does not know."""
    from charnn_cli.text import normalise

    rules = run.trained.rules
    texts = [normalise(text, rules) for text in found.texts]
    rows = np.array([row for row, text in enumerate(texts) if any(map(str.isalpha, text))], dtype=np.int64)
    if not len(rows):
        raise DataError("the model reads no name of its test split", "train it on this data", where=run.folder)
    left_out = len(texts) - len(rows)
    remarks = [found.remark, f"{left_out:,} names in scripts that the model cannot read left out" if left_out else ""]
    return HeldOut(
        tuple(texts[row] for row in rows), found.origins[rows], found.labels, " · ".join(filter(None, remarks))
    )


def read_texts(request: Request) -> list[tuple[str, str]]:
    """Each wanted name with its text; raises UsageError for a name that the model cannot read."""
    from charnn_cli.text import normalise, undecidable

    rules = request.run.trained.rules
    for name in request.names:
        if reason := undecidable(name, rules):
            why = {"empty": "it is empty", "no_letters": "it has no letters"}.get(reason, "it does not know the script")
            raise UsageError(f"the model cannot read --name {name!r}: {why}", "give another name")
    return [(name, normalise(name, rules)) for name in request.names]


def _about(run: Run) -> dict[str, Any]:
    """What is recorded of the data; of the shipped model, whatever there is."""
    try:
        return dict(run.about.get("data", {}))
    except ModelError:
        return dict(run.trained.about.get("data", {}))


def _split_settings(run: Run) -> dict[str, Any]:
    try:
        settings = dict(run.split)
    except ModelError:
        settings = dict(run.trained.about.get("split", {}))
    wanted = ("seed", "validation_fraction", "test_fraction")
    if not all(key in settings for key in wanted):
        raise ModelError("does not say how its data was split", "train again", where=run.folder)
    return {key: settings[key] for key in wanted}


def longest(found: HeldOut, count: int) -> NDArray[np.int64]:
    """Rows of the longest texts, at most `count`, longest first; equal lengths in the order of the data."""
    lengths = np.array([len(text) for text in found.texts])
    return np.argsort(-lengths, kind="stable")[:count]


def sample(count: int, at_most: int, seed: int = 0) -> NDArray[np.int64]:
    """At most so many of `count` rows, drawn without replacement, in order."""
    if count <= at_most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, at_most, replace=False))


def shown_symbols(ids: Sequence[int], characters: Sequence[str]) -> tuple[str, ...]:
    """Symbols as a picture shows them: begin ⊢, end ⊣, a letter that the model does not know as ∗, a blank as ␣."""
    from charnn_cli.text import BEGIN, END, FIRST_SYMBOL

    special = {BEGIN: "⊢", END: "⊣"}
    return tuple(
        characters[symbol - FIRST_SYMBOL].replace(" ", "␣") if symbol >= FIRST_SYMBOL else special.get(symbol, "∗")
        for symbol in ids
    )
