"""Faults in the settings, in words: where one is, what it is, and a guess at what was meant.

A setting that can do nothing beside the others is one: to set it and get what one would have got anyway misleads. It is
only asked about where somebody set it to something else than its default, so that a file that spells out every setting,
as a run's config.yaml does, stays one that loads.
"""

import difflib
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML

from charnn_cli.cells import CELLS, CellKind
from charnn_cli.config.schema import Config

SYNONYMS = {  # other words of the field → the last part of the key
    "learning_rate": "lr",
    "optimizer": "optimiser",
    "initialization": "initialisation",
    "hidden": "hidden_size",
    "hidden_dim": "hidden_size",
    "units": "hidden_size",
    "layers": "num_layers",
    "embedding_dim": "embedding_size",
    "batch": "batch_size",
    "grad_clip": "clip_norm",
    "clip": "clip_norm",
    "max_grad_norm": "clip_norm",
    "lr_schedule": "schedule",
    "scheduler": "schedule",
    "early_stopping": "patience",
    "weight_init": "initialisation",
    "num_epochs": "epochs",
    "random_seed": "seed",
    "bptt": "truncate_every",
    "rnn_type": "cell",
    "nonlinearity": "activation",
}


def explain(fault: Mapping[str, Any], sources: Mapping[str, str]) -> str:
    """One line for one of pydantic's faults; `sources` tells where each dotted key was set."""
    path = ".".join(str(part) for part in fault["loc"])
    inside = [source for key, source in sources.items() if key == path or key.startswith(f"{path}.")]
    exact = next((source for key, source in sources.items() if path == key or path.startswith(f"{key}.")), None)
    source = exact or (inside[-1] if inside else "settings")
    return ": ".join([source, *([path] if path else []), problem_of(fault, path)])


def meant_section(fault: Mapping[str, Any]) -> str | None:
    """The group of settings that a misspelt one is taken for."""
    if fault["type"] != "extra_forbidden" or len(fault["loc"]) > 1 or not isinstance(fault["input"], Mapping):
        return None
    return next(iter(difflib.get_close_matches(str(fault["loc"][0]), Config.model_fields, n=1)), None)


def problem_of(fault: Mapping[str, Any], path: str) -> str:
    """What is wrong with the value at a dotted path, in words."""
    kind, given, limits = fault["type"], fault["input"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        known, (section, _, name) = _known_keys(), path.rpartition(".")
        meant = SYNONYMS.get(name.lower(), name)
        guess = [key for key in known if key.rpartition(".")[2] == meant]
        guess = guess or [
            key for key in known if key.rpartition(".")[0] == section and key.rpartition(".")[2].startswith(name[:3])
        ]
        guess = guess or difflib.get_close_matches(path, set(known) - {section}, n=1)
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


Reason = Callable[[Config], str | None]  # why the setting does nothing, None where it does something


def _unless_kind(has_use_of_it: Callable[[CellKind], bool]) -> Reason:
    return lambda config: None if has_use_of_it(CELLS[config.model.cell]) else f"with cell '{config.model.cell}'"


def _unless_wide(config: Config) -> str | None:
    return None if config.model.wide else "without a wide part"


def _all_orders(config: Config) -> str | None:
    if not config.model.language_model:
        return "without language models, which need not learn what they count"
    orders = len(config.model.ngram_orders)
    learned, default = (min(settings.model.learned_orders, orders) for settings in (config, Config()))
    return None if learned != default else f"with {orders} orders of n-grams"


def _one_hot(config: Config) -> str | None:
    return "with input 'one_hot'" if config.model.input == "one_hot" else None


def _unmarked(config: Config) -> str | None:
    if not config.text.marks:
        return "without marks"
    return None if config.text.romanise else "where letters keep their marks"


def _no_comparison(config: Config) -> str | None:
    """Why no epoch is judged better or worse than another."""
    if not config.data.validation_fraction:
        return "without validation names"
    return "with select 'last'" if config.training.select == "last" else None


def _generates(config: Config) -> str | None:
    return "with task 'generate'" if config.model.generates else None


INERT: Mapping[str, tuple[Reason, tuple[Any, ...]]] = {  # and values beside the default that claim nothing
    "model.pooling": (_generates, ()),
    "model.activation": (_unless_kind(lambda kind: kind.has_activation), ()),
    "model.forget_bias": (_unless_kind(lambda kind: "forget" in kind.gates), ()),
    "model.embedding_size": (_one_hot, ()),
    "model.ngram_orders": (_unless_wide, ()),
    "model.ngram_min_count": (_unless_wide, ()),
    "model.ngram_max_size": (_unless_wide, ()),
    "model.dropout": (_unless_kind(lambda kind: not kind.joint), (0.0,)),
    "model.wide_dropout": (_unless_wide, (0.0,)),
    "model.learned_orders": (_all_orders, ()),
    "model.mark_dropout": (_unmarked, (0.0,)),
    "training.class_weights": (_generates, ()),
    "training.next_symbol_weight": (_generates, (0.0,)),
    "training.momentum": (
        lambda config: None if config.training.optimiser == "sgd" else f"with optimiser '{config.training.optimiser}'",
        (),
    ),
    "training.truncate_every": (_unless_kind(lambda kind: kind.has_steps), ()),
    "training.patience": (_no_comparison, ()),
    "training.select": (
        lambda config: None if config.data.validation_fraction else "without validation names",
        ("last",),
    ),
}


def inert_settings(config: Config, sources: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Dotted key of each setting that was set to no effect, and why it has none."""
    for key, (reason, harmless) in INERT.items():
        section, _, name = key.partition(".")
        value, default = (getattr(getattr(settings, section), name) for settings in (config, Config()))
        why = reason(config) if key in sources and value != default and value not in harmless else None
        if why:
            yield key, f"does nothing {why}; leave it out, or at its default {scalar(default)}"
