"""The arrays that plots are drawn from, out of run folders."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.choices import Order
from charnn_cli.errors import DataError, ModelError, UsageError
from charnn_cli.store import Run, is_shipped
from charnn_cli.store.data_path import from_text

if TYPE_CHECKING:
    from charnn_cli.evaluate import EvaluationSet

WHY = {
    "empty": "it is empty",
    "no_letters": "it has no letters",
    "no_name": "it has no form that a name has",
    "unsupported_script": "it does not know the script",
}

OnProgress = Callable[[int, float], None]
Watch = Callable[[Path], AbstractContextManager[OnProgress | None]]


def _unwatched(path: Path) -> AbstractContextManager[OnProgress | None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Request:
    """What a plot is wanted of. `watch` shows how far the reading of a data file has come."""

    runs: tuple[Run, ...]
    names: tuple[str, ...] = ()
    data: Path | None = None  # other labelled names than the run's own
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


def title(run: Run) -> str:
    """The run in words."""
    return "the shipped model" if is_shipped(run.folder) else run.folder.resolve().name


def data_title(run: Run) -> str:
    """The run's data in words: the last part of its path, and the beginning of its fingerprint."""
    about = _about(run)
    name = from_text(about.get("path", "")).name or "unknown data"
    return f"{name} ({str(about.get('fingerprint', ''))[:8]})"


def caption(request: Request, split: str, *remarks: str) -> str:
    """Run, data and split, then what else there is to say."""
    data = [request.data.name] if request.data else list(dict.fromkeys(map(data_title, request.runs)))
    runs = ("run " if len(request.runs) == 1 else "runs ") + ", ".join(request.titles())
    return " · ".join([runs, "data " + ", ".join(data), split, *filter(None, remarks)])


def examples(request: Request, run: Run) -> "EvaluationSet":
    """The names that a run is measured on: the test split of its own data, or those of `request.data`.

    Raises DataError where they are gone, broken or none.
    """
    from charnn_cli.evaluate import EvaluationSet, LabelledNames

    path = request.data or from_text(_about(run).get("path", ""))
    with request.watch(path) as on_progress:
        source = LabelledNames.of(run, request.data, on_progress)
    return EvaluationSet.of(run, source, None if request.data else "test", own_data=request.data is None)


def split_title(found: "EvaluationSet", shown: int | None = None) -> str:
    """Split and number of names, for the caption."""
    what = {"test": "test split", "val": "validation split", "train": "training split", "all": "all names"}
    number = "" if shown is None or shown == len(found.names) else f", {shown:,} of them shown"
    return f"{what[found.split]}, {len(found.names):,} names{number}"


def readable(found: "EvaluationSet", run: Run) -> NDArray[np.int64]:
    """Rows of the names that the model reads and whose origin it knows; raises DataError where there are none."""
    from charnn_cli.text import undecidable

    rules, known = run.trained.rules, len(run.trained.labels)
    fits = [
        origin < known and undecidable(name, rules) is None
        for name, origin in zip(found.names, found.origins.tolist(), strict=True)
    ]
    if not any(fits):
        raise DataError("the model can read none of the names", "give others with --data", where=run.folder)
    return np.flatnonzero(fits)


def read_texts(request: Request) -> list[tuple[str, str]]:
    """Each wanted name with its text; raises UsageError for a name that the model cannot read."""
    from charnn_cli.text import normalise, undecidable

    rules = request.run.trained.rules
    for name in request.names:
        if reason := undecidable(name, rules):
            why = WHY[reason]
            raise UsageError(f"the model cannot read --name {name!r}: {why}", "give another name")
    return [(name, normalise(name, rules)) for name in request.names]


def _about(run: Run) -> dict[str, Any]:
    """What is recorded of the data; of the shipped model, whatever there is."""
    try:
        return dict(run.about.get("data", {}))
    except ModelError:
        return dict(run.trained.about.get("data", {}))


def longest(names: Sequence[str], rows: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The rows with the longest names, at most `count`, longest first; equal lengths in their order."""
    lengths = np.array([len(names[row]) for row in rows])
    return rows[np.argsort(-lengths, kind="stable")[:count]]


def sample(rows: NDArray[np.int64], at_most: int) -> NDArray[np.int64]:
    """At most so many of the rows, drawn without replacement by a fixed seed, in their order."""
    if len(rows) <= at_most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, at_most, replace=False))


def shown_symbols(ids: Sequence[int], characters: Sequence[str]) -> tuple[str, ...]:
    """Symbols as a picture shows them: begin ⊢, end ⊣, a letter that the model does not know as ∗, a blank as ␣."""
    from charnn_cli.text.alphabet import BEGIN, END, FIRST_SYMBOL

    special = {BEGIN: "⊢", END: "⊣"}
    return tuple(
        characters[symbol - FIRST_SYMBOL].replace(" ", "␣") if symbol >= FIRST_SYMBOL else special.get(symbol, "∗")
        for symbol in ids
    )
