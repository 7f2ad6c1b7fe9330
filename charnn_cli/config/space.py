"""Where a search looks: for each setting a list of values or a range, as a recipe's `search:` says, or around it.

Names, their spelling and their split stay as they are, so that all trials are judged alike; so does what has no part in
how good a network becomes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from charnn_cli.cells import CELLS
from charnn_cli.config.faults import inert_settings, problem_of, scalar
from charnn_cli.config.schema import Config

SECTION = "search"
FORM = "write a list of values, or {low: …, high: …, log: true}"
SEARCHED = ("model", "training")
FIXED = {"model.task", "model.count_validation"} | {
    f"training.{name}"
    for name in (
        *("compile", "device", "max_bad_steps", "precision", "report_every", "select", "start_from"),
        *("tensorboard", "threads", "validate_every"),
    )
}


@dataclass(frozen=True, slots=True)
class Range:
    """All numbers from `low` to `high`, both included; whole ones where both are. `log`: each doubling weighs alike."""

    low: float
    high: float
    log: bool = False

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int | float) and self.low <= value <= self.high

    def shown(self) -> dict[str, Any]:
        return {"low": self.low, "high": self.high, **({"log": True} if self.log else {})}


@dataclass(frozen=True, slots=True)
class Choices:
    """One of these, which have no order."""

    values: tuple[Any, ...]

    def __contains__(self, value: object) -> bool:
        return value in self.values

    def shown(self) -> list[Any]:
        return [list(value) if isinstance(value, tuple) else value for value in self.values]


Space = Mapping[str, Range | Choices]  # by dotted key


def space_of(
    wanted: Mapping[str, tuple[Any, str]], given: Mapping[str, Any], faults: list[str]
) -> dict[str, Range | Choices]:
    """The space of a recipe's `search:`; what is wrong in it is added to `faults`.

    `wanted` are values by keys below `search.` with the place of each, `given` the other settings by dotted key. A null
    takes an inherited key out.
    """
    space: dict[str, Range | Choices] = {}
    for key, (value, place) in wanted.items():
        try:
            if not key:
                raise ValueError(f"must be a group of settings, is {scalar(value)}; write 'training.lr: [0.001, 0.01]'")
            if value is not None:
                space[key] = _part(key, value, given)
        except ValueError as error:
            faults.append(f"{place}: {f'{SECTION}.{key}'.rstrip('.')}: {error}")
    return space


def _part(key: str, value: Any, given: Mapping[str, Any]) -> Range | Choices:
    """What a search tries of a setting; raises ValueError, in words, where that cannot be."""
    section, _, name = key.partition(".")
    if section in SEARCHED and not name:
        raise ValueError(f"names no setting; write '{section}.{next(iter(value), 'lr')}: …' below {SECTION}")
    if section in Config.model_fields and (section not in SEARCHED or key in FIXED):
        raise ValueError("is the same in all trials; leave it out")
    if isinstance(value, list):
        values = [_checked(key, choice, given) for choice in value]
        if len(values) < 2 or any(choice in values[:place] for place, choice in enumerate(values)):
            raise ValueError(f"must be two or more values without repeats, is {scalar(value)}")
        return Choices(tuple(values))
    if not isinstance(value, Mapping) or not {"low", "high"} <= value.keys() <= {"low", "high", "log"}:
        raise ValueError(f"is {scalar(value)}; {FORM}")
    low, high = (_checked(key, value[end], given) for end in ("low", "high"))
    log = value.get("log", False)
    if any(isinstance(end, bool) or not isinstance(end, int | float) for end in (low, high)):
        raise ValueError("has no order; write a list of values")
    if not isinstance(log, bool):
        raise ValueError(f"log must be true or false, is {scalar(log)}")
    if low >= high:
        raise ValueError(f"low must be below high, is {scalar(low)} and {scalar(high)}")
    if log and low <= 0:
        raise ValueError(f"on a log scale low must be above 0, is {scalar(low)}")
    return Range(low, high, log)


def _checked(key: str, value: Any, given: Mapping[str, Any]) -> Any:
    """The value as the setting holds it; raises ValueError where it alone is at fault, whatever stands beside it."""
    try:
        config = Config.model_validate(nested({**given, key: value}))
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            path = ".".join(map(str, fault["loc"]))
            if path == key or path.startswith(f"{key}."):
                raise ValueError(problem_of(fault, key)) from None
        return tuple(value) if isinstance(value, list) else value
    return value_of(config, key)


def value_of(config: Config, key: str) -> Any:
    """The value of a dotted key."""
    value: Any = config
    for name in key.split("."):
        value = getattr(value, name)
    return value


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by dotted keys as sections of settings; what stands where a section should be stays for the schema."""
    result: dict[str, Any] = {}
    for path, value in values.items():
        section, dot, key = path.partition(".")
        if dot and isinstance(result.setdefault(section, {}), dict):
            result[section][key] = value
        else:
            result[path] = value
    return result


def placed(config: Config, values: Mapping[str, Any]) -> Config:
    """The settings with these values, by dotted key; one that does nothing beside the others is at its default.

    Raises ValueError where they do not fit together.
    """
    content = config.model_dump()
    for key, value in values.items():
        section, _, name = key.partition(".")
        content[section][name] = value
    try:
        changed = Config.model_validate(content)
    except ValidationError as error:
        faults = (problem_of(fault, ".".join(map(str, fault["loc"]))) for fault in error.errors(include_url=False))
        raise ValueError("; ".join(faults)) from None
    idle = {key: value_of(Config(), key) for key, _ in inert_settings(changed, dict.fromkeys(values, SECTION))}
    return placed(changed, idle) if idle else changed


def around(config: Config) -> Space:
    """Where a search looks for a recipe that does not say: around its own values, in what usually matters.

    A width is left as it is where the network begins with that of another run.
    """
    model, training, size = config.model, config.training, config.training.batch_size
    space: dict[str, Range | Choices] = {
        "training.lr": _a_few_times(training.lr),
        "training.epochs": Choices((training.epochs, 2 * training.epochs)),
        "training.batch_size": Choices((None, 32, 128, 512)) if size is None else _halved_or_doubled(size),
    }
    if training.clip_norm is not None:
        space["training.clip_norm"] = _a_few_times(training.clip_norm)
    if training.next_symbol_weight:
        space["training.next_symbol_weight"] = _a_few_times(training.next_symbol_weight)
    if training.start_from is None:
        space["model.hidden_size"] = _halved_or_doubled(model.hidden_size)
    if not CELLS[model.cell].joint:
        space["model.dropout"] = Range(0.0, max(0.6, model.dropout))
    if model.wide:
        space["model.wide_dropout"] = Range(0.0, max(0.6, model.wide_dropout))
    return space


def _halved_or_doubled(size: int) -> Choices:
    return Choices(tuple(sorted({max(size // 2, 1), size, 2 * size})))


def _a_few_times(value: float) -> Range:
    return Range(value / 4, value * 4, log=True)
