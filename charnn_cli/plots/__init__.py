"""Plots that show what a network does: one module a kind, which gathers what it shows from run folders and draws it."""

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from charnn_cli.plots.request import Request, Takes

KINDS = ("loss", "confusion", "calibration", "coverage", "gradients", "gates", "belief", "embedding")


class Kind(Protocol):
    """What the module of a kind has."""

    TAKES: "Takes"

    def make(self, request: "Request") -> "Figure":
        """The picture; raises DataError, ModelError or UsageError where it cannot be drawn."""


def kind(name: str) -> Kind:
    """The module of one of `KINDS`, loaded now."""
    return cast(Kind, import_module(f"charnn_cli.plots.{name}"))
