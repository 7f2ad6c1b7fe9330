"""Plots that show what a network does: one module a kind, which gathers what it shows from run folders and draws it."""

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from charnn_cli.plots.request import Request, Takes

KINDS = (
    "loss",
    "confusion",
    "calibration",
    "coverage",
    "shares",
    "gradients",
    "gates",
    "belief",
    "embedding",
    "worth",
    "learning",
)
PAGES = ("live",)  # pages that a browser opens, in place of pictures


class Kind(Protocol):
    """What the module of a kind has."""

    TAKES: "Takes"

    def make(self, request: "Request") -> "Figure":
        """The picture; raises DataError, ModelError or UsageError where it cannot be drawn."""


class Page(Protocol):
    """What the module of a page has."""

    TAKES: "Takes"

    def check_target(self, path: "Path") -> None:
        """Raise UsageError or OutputError, before any work is done, where the page cannot be written."""

    def render(self, request: "Request") -> str:
        """The page; raises ModelError where it cannot be made."""


def kind(name: str) -> Kind:
    """The module of one of `KINDS`, loaded now."""
    return cast(Kind, import_module(f"charnn_cli.plots.{name}"))


def page(name: str) -> Page:
    """The module of one of `PAGES`, loaded now."""
    return cast(Page, import_module(f"charnn_cli.plots.{name}"))
