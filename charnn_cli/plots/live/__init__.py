"""A page in which the network itself reads a name, letter by letter, in JavaScript of its own.

The page holds the runs' weights and text rules as JSON, and the modules beside this file: `text.js` and `parts.js` read
names, `engine.js` holds the recurrences, `model.js` puts both together, `reading.js` is what it makes of a name,
`writing.js` writes one and `pen.js` is asked for it; `pictures.js` shows all that by the shapes of `charts.js`, and
`view.js` is the page.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from charnn_cli import files
from charnn_cli.plots.live.weights import model_data
from charnn_cli.plots.request import WHY, Request, Takes
from charnn_cli.text.portable import portable
from charnn_cli.trained import TrainedModel

TAKES = Takes(runs=True, names=True, typed=True)
SUFFIXES = (".html", ".htm")
ENGINE = ("text.js", "parts.js", "engine.js", "model.js", "reading.js", "writing.js")
PAGE = (*ENGINE, "charts.js", "pictures.js", "pen.js", "view.js")
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./([\w.]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)


def check_target(path: Path) -> None:
    """Raise UsageError or OutputError, before any work is done, where the page cannot be written."""
    files.check_target(path, SUFFIXES, "a page")


def render(request: Request) -> str:
    """The page; the same runs and names give the same text.

    It reads the name behind the # of its address. Nothing is fetched, and its security policy names the one script by
    its hash, so that no name or label can bring in another.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":"), "allow_nan": False}
    code, titles, trained = script(), request.titles(), [run.trained for run in request.runs]
    return environment.from_string(_file("live.html")).render(
        policy=f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {source(code)}",
        title=", ".join(titles),
        models=[{"title": title, "words": _in_words(of)} for title, of in zip(titles, trained, strict=True)],
        reads=not all(of.architecture.generates for of in trained),
        writes=any(of.architecture.generates for of in trained),
        style=Markup(_file("live.css")),
        script=Markup(code),
        data=page_data(list(zip(titles, trained, strict=True)), request.names),
    )


def source(code: str) -> str:
    """What a security policy calls a script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode('ascii')}'"


def page_data(models: Sequence[tuple[str, TrainedModel]], names: Sequence[str] = ()) -> dict[str, Any]:
    """Models with what to call each, and the names that the page opens with; rules that several share stand once."""
    rules = list(dict.fromkeys(trained.rules for _, trained in models))
    return {
        "rules": [portable(of) for of in rules],
        "models": [
            {"name": title, "rules": rules.index(trained.rules), **model_data(trained)} for title, trained in models
        ],
        "names": list(names),
        "reasons": WHY,
    }


def script(modules: Sequence[str] = PAGE) -> str:
    """Modules of this folder, in the order in which they need each other, as one script that takes no other."""
    parts = ['"use strict";', "const modules = {};"]
    for name in modules:
        content = _file(name)
        exported = ", ".join(_EXPORT.findall(content))
        body = _IMPORT.sub(r'const \1 = modules["\2"];', _EXPORT.sub("", content))
        parts.append(f'modules["{name}"] = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();')
    return "\n".join(parts)


def _in_words(trained: TrainedModel) -> str:
    """What a network is: cell, layers, directions, units, n-grams and origins."""
    shape = trained.architecture
    what = "a network that writes, of the cell" if shape.generates else "a network of the cell"
    parts = [f"{what} {shape.cell}", f"{shape.hidden_size} units"]
    parts += [f"{shape.num_layers} layers"] if shape.num_layers > 1 else []
    parts += ["reading in both directions"] if shape.bidirectional else []
    parts += [f"n-grams of up to {max(shape.ngram_orders)} letters beside it"] if shape.wide else []
    return ", ".join([*parts, f"{len(trained.labels)} origins"])


def _file(name: str) -> str:
    return (resources.files(__name__) / name).read_text(encoding="utf-8")
