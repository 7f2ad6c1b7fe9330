"""What rows say besides the likeliest origins: columns behind the status, keys of an object."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from charnn_cli.conformal import PredictionSets
from charnn_cli.errors import UsageError
from charnn_cli.predict import Answers, Predictor

if TYPE_CHECKING:
    from charnn_cli.predict.groups import Grouping

LIST_SEPARATOR = "|"

Kind = Literal["label", "text", "number", "count", "list"]


@dataclass(frozen=True, slots=True)
class Column:
    """One of them: `values` are (N,), of which those of names without an answer count only `always`."""

    name: str
    kind: Kind
    values: Callable[[Answers], Sequence[Any] | NDArray[Any]]
    always: bool = False
    key: str | None = None  # in an object of JSON that holds the probabilities of all origins

    def cells(self, answers: Answers) -> list[Any]:
        """A value for each name, None where there is none; numbers are of float32."""
        values: Iterable[Any] = self.values(answers)
        if self.always:
            return list(values)
        return [None if reason else value for reason, value in zip(answers.reasons, values, strict=True)]


REASON = Column("reason", "text", lambda answers: answers.reasons, always=True)


READ_AS = Column("read_as", "text", lambda answers: answers.read_as or [None] * len(answers), always=True)


@dataclass(frozen=True, slots=True)
class Wish:
    """The options that say what rows are to hold; probabilities are rounded to `digits`, None for shortest float32."""

    digits: int | None = None
    wide: bool = False
    grouping: "Grouping | None" = None
    coverage: float | None = None

    def to_json(self) -> dict[str, Any]:
        """What must be the same for rows to stand in one file."""
        grouping = None if self.grouping is None else self.grouping.to_json()
        return {"digits": self.digits, "wide": self.wide, "group": grouping, "coverage": self.coverage}


NOTHING = Wish()


@dataclass(frozen=True, slots=True)
class Added:
    """The columns, and how probabilities are written."""

    columns: tuple[Column, ...] = (REASON,)
    digits: int | None = None
    coverage: float | None = None

    @classmethod
    def of(cls, wish: Wish, predictor: Predictor) -> "Added":
        """The columns of a wish. Raises UsageError where the model has no prediction sets, or none that are so sure."""
        columns = [REASON, *[READ_AS] * predictor.reads_parts]
        if wish.grouping is not None:
            columns += _of_groups(wish.grouping)
        if wish.coverage is not None:
            columns += _of_sets(checked_sets(predictor, wish.coverage), wish.coverage)
        if wish.wide:
            columns += [_of_origin(label, at) for at, label in enumerate(predictor.labels)]
        return cls(tuple(columns), wish.digits, wish.coverage)

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def numbers(self, column: Column, answers: Answers) -> list[str | None]:
        """The cells of a column of numbers as text."""
        texts = self.number(np.asarray(column.values(answers)))
        return [None if reason else text for reason, text in zip(answers.reasons, texts, strict=True)]

    def number(self, values: NDArray[np.floating]) -> list[str]:
        """Numbers (N,) as text: shortest float32, or rounded."""
        if self.digits is None:
            return list(map(str, values.astype(np.float32, copy=False)))
        rounded = np.round(values.astype(np.float64), self.digits) + 0.0  # no -0
        return [f"{value:.{self.digits}f}" for value in rounded.tolist()]

    def rounded(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """The same as numbers."""
        if self.digits is not None:
            values = np.round(values.astype(np.float64), self.digits)
        return values.astype(np.float32)


def _of_origin(label: str, at: int) -> Column:
    return Column(f"probability_{label}", "number", lambda answers: answers.shares[:, at], key=label)


def _of_groups(grouping: "Grouping") -> list[Column]:
    """The likeliest group, and how probable its origins are together."""

    def best(answers: Answers) -> list[str]:
        return [grouping.names[at] for at in grouping.sums(answers.shares).argmax(axis=1).tolist()]

    def share(answers: Answers) -> NDArray[np.float64]:
        highest: NDArray[np.float64] = grouping.sums(answers.shares).max(axis=1)
        return highest

    return [Column("group", "label", best), Column("group_probability", "number", share)]


def checked_sets(predictor: Predictor, coverage: float) -> PredictionSets:
    """The model's sets; raises UsageError where it has none, or none with this coverage."""
    sets = predictor.trained.sets
    if sets is None:
        what = "this model holds no sets of origins: it was made by an older charnn, or validated on too few names"
        raise UsageError(what, "train it again with more names, or choose another model")
    sets.thresholds(coverage)
    return sets


def _of_sets(sets: PredictionSets, coverage: float) -> list[Column]:
    """The origins of each set, the likeliest first, and how many they are."""

    def members(answers: Answers) -> NDArray[np.bool_]:
        several = np.array([" " in text for text in answers.texts], dtype=np.bool_)
        return sets.members(answers.shares, several, coverage)

    def lists(answers: Answers) -> list[list[str]]:
        order = np.argsort(-answers.shares, axis=1, kind="stable")
        sizes = members(answers).sum(axis=1)
        return [
            [answers.labels[at] for at in row[:size]] for row, size in zip(order.tolist(), sizes.tolist(), strict=True)
        ]

    def sizes(answers: Answers) -> list[int]:
        counted: list[int] = members(answers).sum(axis=1).tolist()
        return counted

    return [Column("set", "list", lists), Column("set_size", "count", sizes)]
