"""Plots that show what a network does: one module a kind, which gathers what it shows from run folders and draws it."""

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from charnn_cli.plots.request import Request, Takes

KINDS = {  # with what each shows
    "loss": "how training went, one line a run",
    "confusion": "which origins are taken for which",
    "calibration": "whether a probability of 0.8 is right 8 times in 10",
    "coverage": "how many names are answered, and how well, by the threshold",
    "shares": "what a list of names is made of, or two lists",
    "gradients": "what of the gradient arrives how far back",
    "gates": "what the gates do at each letter of a name",
    "belief": "what it would say if the name ended here",
    "embedding": "where letters and names lie in the network's own space",
    "worth": "what each origin is recognised by",
    "learning": "what more names would bring; trains some networks",
}
PAGES = {"live": "a page for browsers: type a name, see it read"}  # in place of a picture


class Kind(Protocol):
    """What the module of a kind has."""

    TAKES: "Takes"

    def make(self, request: "Request") -> "Figure":
        """The picture; raises DataError, ModelError or UsageError where it cannot be drawn."""


class Page(Protocol):
    """What the module of a page has."""

    TAKES: "Takes"

    def render(self, request: "Request") -> str:
        """The page; raises ModelError where it cannot be made."""


def kind(name: str) -> Kind:
    """The module of one of `KINDS`, loaded now."""
    return cast(Kind, import_module(f"charnn_cli.plots.{name}"))


def page(name: str) -> Page:
    """The module of one of `PAGES`, loaded now."""
    return cast(Page, import_module(f"charnn_cli.plots.{name}"))
