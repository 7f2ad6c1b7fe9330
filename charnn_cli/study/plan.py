"""What a study trains: recipes, with several seeds and on several splits, and what each of these cells is known by."""

import functools
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charnn_cli.config import Config, Settings, dump_yaml, load_settings
from charnn_cli.data import TEST, Dataset, fold_sides, read, split
from charnn_cli.errors import UsageError
from charnn_cli.files import digest
from charnn_cli.text import TextRules
from charnn_cli.version import __version__

LINEAR = "linear model"


@dataclass(frozen=True, slots=True)
class Names:
    """Labelled names as some settings read them; a process reads them once."""

    path: Path
    rules: TextRules
    name_column: str | None = None
    origin_column: str | None = None
    encoding: str | None = None

    @classmethod
    def of(cls, path: Path, config: Config) -> "Names":
        data = config.data
        return cls(path, config.text.rules(), data.name_column, data.origin_column, data.encoding)

    def read(self, on_progress: Callable[[int, float], None] | None = None) -> Dataset:
        """Raises DataError where the names cannot be read. `on_progress` takes rows, and the share of the data."""
        if self not in _READ:
            _READ[self] = read(
                self.path,
                rules=self.rules,
                name_column=self.name_column,
                origin_column=self.origin_column,
                encoding=self.encoding,
                on_progress=on_progress,
            )
        return _READ[self]


_READ: dict[Names, Dataset] = {}  # few, and kept as long as the process


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """Settings under a name; with `linear` the linear model, which takes of them how names are read and split."""

    label: str
    settings: Settings
    linear: bool = False
    keeps_validation: bool = False  # of the linear model: learns from the validation names, too, in the end

    def at(self, seed: int, split_seed: int) -> Settings:
        """The settings with other seeds, which count from those that are set."""
        config = self.settings.config
        data = config.data.model_copy(update={"split_seed": config.data.split_seed + split_seed})
        return replace(self.settings, config=config.model_copy(update={"seed": config.seed + seed, "data": data}))


def recipes(sources: Sequence[str], assignments: Sequence[str], varied: Sequence[str], *, place: str) -> list[Recipe]:
    """Every recipe or file with every combination of the varied settings, each `key=value,value`.

    `assignments` hold for all of them, and `place` is what they are called where one is at fault. Raises ConfigError,
    or UsageError where two are the same or are tested on different names, or a setting is varied twice.
    """
    keys, values = zip(*map(_varied, varied), strict=True) if varied else ((), ())
    choices = [[f"{key}={value}" for value in own] for key, own in zip(keys, values, strict=True)]
    if twice := [key for key in keys if keys.count(key) > 1]:
        raise UsageError(f"'{twice[0]}' is varied twice", f"give all its values at once, as in {varied[0]},…")
    names = Counter(Path(source).stem for source in sources)
    found: dict[str, Recipe] = {}
    for source, chosen in product(sources, product(*choices)):
        words = [
            f"{called}={word.partition('=')[2]}"
            for called, word, among in zip(short_keys(keys), chosen, choices, strict=True)
            if len(among) > 1
        ]
        name = Path(source).stem
        label = ", ".join([name if names[name] == 1 else source, *words])
        settings = load_settings(source, [*assignments, *chosen], place=place)
        text = dump_yaml(settings.config)
        if text in found:
            raise UsageError(f"'{found[text].label}' and '{label}' are the same settings", "leave one of them out")
        found[text] = Recipe(label, settings)
    _check_tested_alike(list(found.values()))
    return list(found.values())


def _check_tested_alike(chosen: Sequence[Recipe]) -> None:
    """Refuse recipes whose figures on a split are of different names: a difference would be of those, too."""
    first = chosen[0]
    for recipe, key in product(chosen[1:], ("split_seed", "test_fraction")):
        if getattr(recipe.settings.config.data, key) != getattr(first.settings.config.data, key):
            what = f"'{first.label}' and '{recipe.label}' would be tested on different names, as data.{key} differs"
            raise UsageError(what, "give all the same")


def short_keys(keys: Collection[str]) -> list[str]:
    """Dotted keys, each by as much of it as tells it apart."""
    tails = Counter(key.rpartition(".")[2] for key in keys)
    return [tail if tails[tail := key.rpartition(".")[2]] == 1 else key for key in keys]


def linear_recipe(others: Sequence[Recipe]) -> Recipe:
    """The linear model beside other recipes, on the names as the first of them reads them."""
    models = [recipe.settings.config.model for recipe in others]
    keeps = any(model.language_model and model.count_validation for model in models)
    return Recipe(LINEAR, others[0].settings, linear=True, keeps_validation=keeps)


def _varied(word: str) -> tuple[str, list[str]]:
    """A key and its values, parted by the commas outside brackets and quotes."""
    key, equals, text = word.partition("=")
    values, depth, quote = [""], 0, ""
    for letter in text:
        quote = ("" if quote == letter else quote) if quote else letter if letter in "'\"" else ""
        depth += 0 if quote else (letter in "[{") - (letter in "]}")
        if letter == "," and not depth and not quote:
            values.append("")
        else:
            values[-1] += letter
    if not equals or not key or not all(value.strip() for value in values):
        raise UsageError(f"'{word}' names no setting and values", "write it as training.lr=0.001,0.003")
    return key.strip(), [value.strip() for value in values]


@dataclass(frozen=True, slots=True)
class Design:
    """How often each recipe is trained: with so many seeds on each of so many splits, or folds of one split."""

    seeds: int
    splits: int
    folds: bool = False
    program: str = __version__  # that measures: figures of another are not taken for its own

    def cells(self, chosen: Sequence[Recipe], path: Path) -> list["Cell"]:
        """Every cell, those of one split together; the linear model knows no seeds."""
        return [
            Cell(recipe, path, seed, place, self.splits if self.folds else None, self.program)
            for place in range(self.splits)
            for seed in range(self.seeds)
            for recipe in chosen
            if not recipe.linear or seed == 0
        ]


@dataclass(frozen=True, eq=False)
class Cell:
    """One training and its figures: a recipe with a seed on a split, or on a fold of `folds`."""

    recipe: Recipe
    path: Path
    seed: int  # counted from 0
    split: int
    folds: int | None
    program: str

    @functools.cached_property
    def settings(self) -> Settings:
        return self.recipe.at(self.seed, 0 if self.folds else self.split)

    @property
    def names(self) -> Names:
        return Names.of(self.path, self.settings.config)

    def sides(self, dataset: Dataset) -> NDArray[np.int8]:
        """The side of each row, (N,); raises UsageError where none would be tested."""
        data = self.settings.config.data
        if self.folds is None:
            sides = split(dataset, **data.split_options())
            if TEST not in sides:
                raise UsageError("there are no test names", "set data.test_fraction above 0, or give more names")
            return sides
        fraction = data.validation_fraction
        return fold_sides(dataset, self.split, folds=self.folds, seed=data.split_seed, validation_fraction=fraction)

    @functools.cached_property
    def key(self) -> str:
        """A digest of all that the figures depend on: settings, names, fold, and the program."""
        config = self.settings.config
        told = [self.program, self.names.read().fingerprint, f"fold {self.split} of {self.folds}" * bool(self.folds)]
        if self.recipe.linear:
            sides = config.data.split_options()
            told += [LINEAR, str(config.text), str(sides), str(self.recipe.keeps_validation)]
        else:
            told.append(dump_yaml(config))
        return digest("\n".join(told).encode())[:32]

    @property
    def place(self) -> str:
        """Names and seed in words."""
        about = self.about
        names = f"split {about['split_seed']}" if self.folds is None else f"fold {about['fold']}"
        return names if self.recipe.linear else f"{names}, seed {about['seed']}"

    @property
    def about(self) -> dict[str, Any]:
        """Which cell it is, in words and numbers, as it is recorded."""
        config = self.settings.config
        where = {"split_seed": config.data.split_seed} if self.folds is None else {"fold": self.split, "of": self.folds}
        return {"recipe": self.recipe.label, "seed": None if self.recipe.linear else config.seed, **where}
