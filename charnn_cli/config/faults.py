"""A fault in the settings, in words: where it is, what it is, and a guess at what was meant."""

import difflib
import io
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML

from charnn_cli.config.schema import Config


def explain(fault: Mapping[str, Any], sources: Mapping[str, str]) -> str:
    """One line for one of pydantic's faults; `sources` tells where each dotted key was set."""
    path = ".".join(str(part) for part in fault["loc"])
    inside = [source for key, source in sources.items() if key == path or key.startswith(f"{path}.")]
    exact = next((source for key, source in sources.items() if path == key or path.startswith(f"{key}.")), None)
    source = exact or (inside[-1] if inside else "settings")
    return ": ".join([source, *([path] if path else []), _problem(fault, path)])


def _problem(fault: Mapping[str, Any], path: str) -> str:
    kind, given, limits = fault["type"], fault["input"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        known, section = _known_keys(), path.rpartition(".")[0]
        guess = difflib.get_close_matches(path, set(known) - {section}, n=1) or [
            key for key in known if key.rpartition(".")[2] == path.rpartition(".")[2]
        ]
        siblings = [key.rpartition(".")[2] for key in known if key.rpartition(".")[0] == section]
        return "unknown key, " + (
            f"did you mean '{_hint(guess[0], path)}'?" if guess else f"choose from {', '.join(siblings)}"
        )
    bounds = {"greater_than": ("gt", "above"), "greater_than_equal": ("ge", "at least")}
    bounds |= {"less_than": ("lt", "below"), "less_than_equal": ("le", "at most")}
    if kind in bounds:
        name, side = bounds[kind]
        return f"must be {side} {limits[name]:g}, is {scalar(given)}"
    if kind == "literal_error":
        choices = str(limits["expected"]).replace(" or ", ", ")
        guess = difflib.get_close_matches(str(given), choices.replace("'", "").split(", "), n=1)
        return f"must be one of {choices}, is {scalar(given)}" + (f"; did you mean '{guess[0]}'?" if guess else "")
    if kind == "value_error":
        return str(limits["error"])
    words = {
        "int_type": "a whole number",
        "float_type": "a number",
        "bool_type": "true or false",
        "string_type": "text",
        "tuple_type": "a list",
        "model_type": "a group of settings",
        "model_attributes_type": "a group of settings",
    }
    if kind in words:
        return f"must be {words[kind]}, is {scalar(given)}"
    return f"{fault['msg'][0].lower()}{fault['msg'][1:]}, is {scalar(given)}"


def _hint(guess: str, path: str) -> str:
    """The key alone where the section is right, else the whole path."""
    return guess.rpartition(".")[2] if guess.rpartition(".")[0] == path.rpartition(".")[0] else guess


def _known_keys() -> list[str]:
    keys: list[str] = []
    for name, field in Config.model_fields.items():
        keys.append(name)
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            keys += [f"{name}.{inner}" for inner in section.model_fields]
    return keys


def new_yaml() -> YAML:
    """A reader and writer of YAML 1.2 that refuses repeated keys and builds plain objects only."""
    yaml = YAML(typ="safe", pure=True)
    yaml.version = None
    yaml.default_flow_style = False
    yaml.composer.warn_double_anchors = False  # the later one counts, as YAML says
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    return yaml


def scalar(value: Any) -> str:
    """A value as YAML writes it on one line."""
    stream = io.StringIO()
    yaml = new_yaml()
    yaml.default_flow_style = True
    yaml.width = 10_000
    yaml.dump(list(value) if isinstance(value, tuple) else value, stream)
    return stream.getvalue().removesuffix("\n").removesuffix("...").strip()
