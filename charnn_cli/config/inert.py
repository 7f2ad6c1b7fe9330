"""Settings that can do nothing beside the others: to set one and get what one would have got anyway misleads.

A setting is only asked about where somebody set it to something else than its default, so that a file that spells out
every setting, as a run's config.yaml does, stays one that loads.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from charnn_cli.cells import CELLS, CellKind
from charnn_cli.config.faults import scalar
from charnn_cli.config.schema import Config

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


def _residual(config: Config) -> str | None:
    model = config.model
    if not CELLS[model.cell].stacks:
        return f"with cell '{model.cell}'"
    widths_differ = model.input != "one_hot" and model.embedding_size != model.architecture().feature_size
    return "in one layer that is not as wide as its input" if model.num_layers == 1 and widths_differ else None


def _no_comparison(config: Config) -> str | None:
    """Why no epoch is judged better or worse than another."""
    if not config.data.validation_fraction:
        return "without validation names"
    return "with select 'last'" if config.training.select == "last" else None


INERT: Mapping[str, tuple[Reason, tuple[Any, ...]]] = {  # and values beside the default that claim nothing
    "model.activation": (_unless_kind(lambda kind: kind.has_activation), ()),
    "model.forget_bias": (_unless_kind(lambda kind: "forget" in kind.gates), ()),
    "model.residual": (_residual, ()),
    "model.embedding_size": (_one_hot, ()),
    "model.ngram_orders": (_unless_wide, ()),
    "model.ngram_min_count": (_unless_wide, ()),
    "model.ngram_max_size": (_unless_wide, ()),
    "model.dropout": (_unless_kind(lambda kind: not kind.joint), (0.0,)),
    "model.wide_dropout": (_unless_wide, (0.0,)),
    "model.learned_orders": (_all_orders, ()),
    "model.mark_dropout": (_unmarked, (0.0,)),
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
