"""HTML pages that need nothing beside themselves: one frame and look for all, and whatever is put in is escaped."""

import base64
import hashlib
import unicodedata
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charnn_cli import files

if TYPE_CHECKING:
    from jinja2 import Environment

SUFFIXES = (".html", ".htm")


def check_target(path: Path, what: str = "a page") -> None:
    """Raise UsageError or OutputError, before any work is done, where the page cannot be written."""
    files.check_target(path, SUFFIXES, what)


def write(path: Path, page: str) -> None:
    """Write a page whole; raises OutputError where that cannot be."""
    files.write_bytes(path, page.encode("utf-8", "replace"), do=files.ANOTHER_FILE)


def render(template: str, script: str = "", inside: Sequence[str] = (), **shown: Any) -> str:
    """A template of the package, `FOLDER/NAME.html`, filled in; the same values give the same text.

    Nothing is fetched, and its security policy names by their hashes the page's one script and those of the pages
    `inside` it, so that no name, label or model card can bring in another. A `script` finds `data` as JSON.
    """
    from markupsafe import Markup

    allowed = " ".join(map(_source, filter(None, (script, *inside)))) or "'none'"
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {allowed}"
    return _environment().get_template(template).render(policy=policy, script=Markup(script), **shown)


def text(name: str) -> str:
    """The content of a file of the package, `FOLDER/NAME`."""
    return (resources.files("charnn_cli") / name).read_text(encoding="utf-8")


def _source(code: str) -> str:
    """What a security policy calls a script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode('ascii')}'"


def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=PackageLoader("charnn_cli", "."),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=with_shapes,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "number": _number,
        "span": _span,
        "count": lambda count: f"{count:,}",
        "percent": lambda share: f"{100 * share:.1f} %",
        "points": lambda difference: f"{100 * difference:+.1f} points".replace("-", "−"),
        "breakable": lambda word: Markup("_<wbr>").join(word.split("_")),
    }
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":"), "allow_nan": False}
    return made


def with_shapes(value: Any) -> Any:
    """What a template puts in: of text that is not yet HTML, characters without a shape become U+FFFD."""
    if hasattr(value, "__html__"):
        return value
    return "".join(letter if _has_shape(letter) else "\N{REPLACEMENT CHARACTER}" for letter in str(value))


def _has_shape(letter: str) -> bool:
    return letter.isprintable() or letter in "\n\u200c\u200d" or unicodedata.category(letter) == "Zs"


def _number(value: float, sign: str = "") -> str:
    return "–" if value != value else f"{value:{sign}.3f}".replace("-", "−")


def _span(interval: tuple[float, float], sign: str = "") -> str:
    low, high = interval
    return "–" if low != low else f"{_number(low, sign)} to {_number(high, sign)}"
