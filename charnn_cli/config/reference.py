"""Every setting in words: what it takes, its default, what it means, and which recipes set it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from charnn_cli.config.faults import scalar
from charnn_cli.config.loading import load_settings, recipe_folder, recipe_names
from charnn_cli.config.schema import Config
from charnn_cli.config.space import SECTION, value_of


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting, as `charnn config` shows it."""

    key: str  # dotted
    takes: str
    choices: tuple[str, ...]  # words that one chooses from, of those that there are
    default: Any
    meaning: str
    set_by: Mapping[str, Any]  # the recipes that set it to something else, with their values


SEARCH = Setting(
    SECTION,
    "by dotted key, list of values or {low: …, high: …, log: true}",
    (),
    {},
    "Where a search of `charnn study` looks; left out, around the recipe's own values. Training takes no notice.",
    {},
)


def settings() -> Iterator[Setting]:
    """All of them, in the order of the schema."""
    schema = Config.model_json_schema()
    by_recipe = {name: load_settings(name).config for name in recipe_names()}
    for key, field in _fields(schema, schema, ""):
        default = value_of(Config(), key)
        values = {name: value_of(config, key) for name, config in by_recipe.items()}
        set_by = {name: value for name, value in values.items() if value != default}
        yield Setting(key, _takes(field), _choices(field), default, field["description"], set_by)
    yield SEARCH


def recipes() -> dict[str, str]:
    """The first sentence that each recipe says of itself."""
    return {name: _first_sentence((recipe_folder() / f"{name}.yaml").read_text("utf-8")) for name in recipe_names()}


def _first_sentence(text: str) -> str:
    """Of the comment that a recipe opens with, behind the command that runs it."""
    comment = [line.removeprefix("#").strip() for line in text.splitlines()[1:] if line.startswith("#")]
    words = " ".join(filter(None, comment))
    return words.partition(". ")[0].partition("; ")[0].rstrip(".")


def _fields(schema: Mapping[str, Any], part: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, field in part["properties"].items():
        if reference := field.get("$ref"):
            yield from _fields(schema, schema["$defs"][reference.rpartition("/")[2]], f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field


def _choices(field: Mapping[str, Any]) -> tuple[str, ...]:
    return ("true", "false") if field.get("type") == "boolean" else tuple(field.get("enum", ()))


TYPES = {"integer": "whole number", "number": "number", "boolean": "true or false", "string": "text", "null": "null"}
BOUNDS = (("minimum", "at least"), ("exclusiveMinimum", "above"), ("maximum", "at most"), ("exclusiveMaximum", "below"))


def _takes(field: Mapping[str, Any]) -> str:
    """What a field of a JSON schema takes, in words."""
    if "anyOf" in field:
        return " or ".join(map(_takes, field["anyOf"]))
    if "enum" in field:
        return ", ".join(field["enum"])
    if field["type"] == "array":
        return f"list of numbers, each a {_takes(field['items'])}"
    bounds = [f"{words} {scalar(field[name])}" for name, words in BOUNDS if name in field]
    return ", ".join([TYPES[field["type"]], *bounds])
