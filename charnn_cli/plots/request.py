"""What a plot is asked for, and what the kinds share: captions, labelled names, names as the network reads them."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.choices import Order
from charnn_cli.errors import DataError, ModelError, UsageError
from charnn_cli.store import Run, is_shipped
from charnn_cli.terminal import number_of

if TYPE_CHECKING:
    from charnn_cli.evaluate import Evaluation, EvaluationSet, LabelledNames, ModelOutcomes
    from charnn_cli.metrics import Outcomes
    from charnn_cli.plots.lettering import Lettering
    from charnn_cli.predict import Predictor
    from charnn_cli.text import TextRules

USUAL_LENGTH = 64  # the default of text.max_length
MOST_PANELS = 40  # rows of panels, three inches each

WHY = {
    "empty": "it is empty",
    "no_letters": "it has no letters",
    "no_name": "it is no name of a person",
    "unsupported_script": "it does not know the script",
}

OnProgress = Callable[[int, float], None]
OnStage = Callable[[str, int, int], None]
Watch = Callable[[Path], AbstractContextManager[OnProgress | None]]


def _unwatched(path: Path) -> AbstractContextManager[OnProgress | None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Takes:
    """What a kind of plot can be asked for, beside one run."""

    runs: bool = False  # several at once
    names: bool = False
    data: bool = False  # labelled names
    lists: int = 0  # of names, with origins or without, so many at once
    baseline: bool = False  # the linear model beside them
    writers: bool = True  # runs that write names, too
    typed: bool = False  # names are typed into the page, too, so that none need be given


@dataclass(frozen=True, slots=True)
class Request:
    """What a plot is wanted of. `watch` shows how far the reading of a data file has come.

    `answered` are labelled names and what the run says of them, where they are known already.
    """

    runs: tuple[Run, ...]
    names: tuple[str, ...] = ()
    data: Path | None = None  # other labelled names than the run's own
    order: Order = "similarity"
    fresh: bool = False  # networks as they are before training
    baseline: bool = False  # with the linear model
    watch: Watch = _unwatched
    on_stage: OnStage | None = None  # what is being done, how much of it, of how much
    note: Callable[[str], None] = lambda words: None  # takes what the reader should know beforehand
    answered: "tuple[EvaluationSet, ModelOutcomes] | None" = None
    table: Mapping[str, str | None] = field(default_factory=dict)  # columns and encoding of `data`
    lists: tuple[Path, ...] = ()
    columns: tuple[str, ...] = ()  # that make the names of `lists`

    @classmethod
    def of_evaluation(cls, run: Run, evaluation: "Evaluation") -> "Request":
        """What an evaluation has found already, to be plotted."""
        examples = evaluation.examples
        data = None if examples.data == run.data_path else examples.data
        return cls((run,), data=data, answered=(examples, evaluation.answers))

    @property
    def run(self) -> Run:
        return self.runs[0]

    def stage(self, what: str) -> Callable[[int, int], None] | None:
        """What tells how much of some work is done, of how much; None where nobody asks."""
        on_stage = self.on_stage
        return None if on_stage is None else lambda done, total: on_stage(what, done, total)

    def titles(self) -> list[str]:
        """What to call each run: the folder's name, or its path where two have the same name."""
        names = [title(run) for run in self.runs]
        return [str(run.folder) if names.count(name) > 1 else name for run, name in zip(self.runs, names, strict=True)]


def title(run: Run) -> str:
    """The run in words."""
    return "the shipped model" if is_shipped(run.folder) else run.folder.resolve().name


def data_title(run: Run) -> str:
    """The run's data in words: the last part of its path, the beginning of its fingerprint, and how it was read.

    One folder has one fingerprint for each way to read it.
    """
    return _data_title(run.data_path, str(_about(run).get("fingerprint", "")), run)


def _data_title(path: Path, fingerprint: str, run: Run) -> str:
    told = [fingerprint[:8], *_unusual_reading(run)] if fingerprint else []
    return (path.name or "unknown data") + (f" ({', '.join(told)})" if told else "")


def _unusual_reading(run: Run) -> list[str]:
    """What of the text rules is not the default and changes the texts of the names."""
    try:
        text = run.config.get("text") or {}
    except ModelError:
        return []
    told = ["capitals kept"] if text.get("casefold") is False else []
    told += ["not romanised"] if text.get("romanise") is False else []
    longest = text.get("max_length", USUAL_LENGTH)
    return told + ([f"to {longest} letters"] if longest != USUAL_LENGTH else [])


def caption(request: Request, split: str, *remarks: str, fingerprint: str = "") -> str:
    """Run, data and split, then what else there is to say; the fingerprint is that of `request.data`."""
    data = list(dict.fromkeys(map(data_title, request.runs)))
    if request.data:
        data = [_data_title(request.data, fingerprint, request.run)]
    runs = ("run " if len(request.runs) == 1 else "runs ") + ", ".join(request.titles())
    return " · ".join([runs, "data " + ", ".join(data), split, *filter(None, remarks)])


def caption_of_names(request: Request, note: str) -> str:
    """The caption of a plot of names that the reader gave."""
    told = " · ".join([f"trained on the training split of {data_title(request.run)}", "names as given", note])
    return f"run {request.titles()[0]} · {told}"


def check_panels(count: int) -> None:
    """Raise UsageError where so many rows of panels are too many."""
    if count > MOST_PANELS:
        raise UsageError(f"{count} rows of panels do not fit on one picture", "give fewer names")


def labelled(request: Request, run: Run) -> "EvaluationSet":
    """The names that a run is measured on: the test split of its own data, or those of `request.data`.

    Raises DataError where they are gone, broken or none.
    """
    from charnn_cli.evaluate import EvaluationSet

    source = labelled_names(request, run)
    return EvaluationSet.of(run, source, None if request.data else "test", own_data=request.data is None)


def labelled_names(request: Request, run: Run) -> "LabelledNames":
    """All names of `request.data`, or of the run's own data, each on its side of the split; raises DataError."""
    from charnn_cli.evaluate import LabelledNames

    with request.watch(request.data or run.data_path) as on_progress:
        return LabelledNames.of(run, request.data, on_progress, request.table)


def answered(request: Request) -> "tuple[EvaluationSet, ModelOutcomes]":
    """The labelled names of the request's run, and what it says of them; raises DataError as `labelled`."""
    if request.answered is not None:
        return request.answered
    from charnn_cli.evaluate import answer

    found = labelled(request, request.run)
    return found, answer(request.run.trained, found.names, found.origins, name_part=found.name_part)


def answered_alone(said: "ModelOutcomes") -> "tuple[Outcomes, Outcomes, str]":
    """What came out for the names that got an answer, the same uncalibrated, and how many they are, for the caption.

    Raises DataError where none did.
    """
    rows = said.outcomes.predicted >= 0
    remark = "" if rows.all() else f"the {int(rows.sum()):,} answered ({rows.mean():.1%}) shown"
    return said.outcomes.take(rows), said.uncalibrated.take(rows), remark


def split_title(found: "EvaluationSet", shown: int | None = None) -> str:
    """Split and number of names, for the caption."""
    what = {"test": "test split", "val": "validation split", "train": "training split", "all": "all names"}
    number = "" if shown is None or shown == len(found.names) else f", {shown:,} of them shown"
    return f"{what[found.split]}, {number_of(len(found.names), 'name')}{number}"


def readable(found: "EvaluationSet", run: Run) -> NDArray[np.int64]:
    """Rows of the names that the model reads and whose origin it knows; raises DataError where there are none."""
    from charnn_cli.predict import Predictor

    _, reasons = Predictor(run.trained).read(found.names)
    is_read = np.array([reason is None for reason in reasons], dtype=np.bool_)
    rows = np.flatnonzero(is_read & (found.origins < len(run.trained.labels)))
    if not len(rows):
        raise DataError("the model can read none of the names", "give other labelled names", where=run.folder)
    return rows


def read_texts(request: Request, predictor: "Predictor") -> list[str]:
    """The text of each wanted name; raises UsageError for a name that the model cannot read."""
    texts, reasons = predictor.read(request.names)
    for name, reason in zip(request.names, reasons, strict=True):
        if reason is not None:
            raise UsageError(f"the model cannot read the name {name!r}: {WHY[reason]}", "give another name")
    return texts


def plain_text(name: str, rules: "TextRules") -> str:
    """The text of a name without what is read behind it: its marks and its script."""
    from charnn_cli.text import normalise

    return normalise(name, replace(rules, marks=()))


def read_as(name: str, plain: str, lettering: "Lettering") -> str:
    """A name in a title, with the text that was read where that is another; in words where no font draws the name."""
    undrawable = [letter for letter in name if letter in lettering.undrawable]
    name = f"a name in {_script(undrawable[0]) or 'signs'}" if undrawable else lettering.spell(name)
    is_alike = plain.casefold() == name.casefold()
    return name if is_alike or plain[:1] in lettering.undrawable else f"{name}, read as {lettering.spell(plain)}"


def _script(letter: str) -> str:
    from charnn_cli.text import script_of

    script = script_of(letter)
    return "Han" if script == "CJK" else script.title()


def _about(run: Run) -> dict[str, Any]:
    """What is recorded of the data; of the shipped model, whatever there is."""
    try:
        return dict(run.about.get("data", {}))
    except ModelError:
        return dict(run.trained.about.get("data", {}))


def evenly(rows: NDArray[np.int64], origins: NDArray[np.integer], most: int) -> NDArray[np.int64]:
    """At most so many of the rows, of each origin as many as of any other that has them; drawn by a fixed seed."""
    counts = np.bincount(origins[rows])
    cap = max(cap for cap in range(1, most + 1) if cap == 1 or np.minimum(counts, cap).sum() <= most)
    if counts.max() <= cap:
        return rows
    shuffled = np.random.default_rng(0).permutation(rows)
    kept = [shuffled[origins[shuffled] == origin][:cap] for origin in np.unique(origins[rows])]
    return np.sort(np.concatenate(kept))


def shown_symbols(ids: Sequence[int], characters: Sequence[str], marks: Sequence[str] = ()) -> tuple[str, ...]:
    """Symbols as a picture shows them: begin ⊢, end ⊣, one that the model does not know ∗, others as by `shown`."""
    from charnn_cli.text.alphabet import BEGIN, END, FIRST_SYMBOL

    special = {BEGIN: "⊢", END: "⊣"}
    return tuple(
        shown(characters[symbol - FIRST_SYMBOL], marks) if symbol >= FIRST_SYMBOL else special.get(symbol, "∗")
        for symbol in ids
    )


def shown(letter: str, marks: Sequence[str] = ()) -> str:
    """A letter as a picture shows it: a blank as ␣, a mark that is read behind a name with a plus, or in words."""
    if letter not in marks:
        return letter.replace(" ", "␣")
    from charnn_cli.text.rules import SCRIPT_MARKS

    return "+" + (_script(letter) if letter in SCRIPT_MARKS.values() else letter)
