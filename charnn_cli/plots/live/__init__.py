"""A page in which the network itself reads a name, letter by letter, in JavaScript of its own.

The page holds the runs' weights and text rules as JSON, and the modules beside this file: `text.js` and `parts.js` read
names, `engine.js` holds the recurrences, `model.js` puts both together, `reading.js` is what it makes of a name,
`writing.js` writes one and `pen.js` is asked for it; `pictures.js` shows all that by the shapes of `charts.js`, and
`view.js` is the page.
"""

import re
from collections.abc import Sequence
from typing import Any

from charnn_cli.plots import pages
from charnn_cli.plots.live.weights import model_data
from charnn_cli.plots.request import WHY, Request, Takes
from charnn_cli.text.portable import portable
from charnn_cli.trained import TrainedModel

TAKES = Takes(runs=True, names=True, typed=True)
ENGINE = ("text.js", "parts.js", "engine.js", "model.js", "reading.js", "writing.js")
PAGE = (*ENGINE, "charts.js", "pictures.js", "pen.js", "view.js")
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./([\w.]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)


def render(request: Request) -> str:
    """The page, as `pages.render` makes it; it reads the name behind the # of its address."""
    titles, trained = request.titles(), [run.trained for run in request.runs]
    return pages.render(
        "plots/live/live.html",
        script(),
        title=", ".join(titles),
        models=[{"title": title, "words": _in_words(of)} for title, of in zip(titles, trained, strict=True)],
        reads=not all(of.architecture.generates for of in trained),
        writes=any(of.architecture.generates for of in trained),
        data=page_data(list(zip(titles, trained, strict=True)), request.names),
    )


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
        content = pages.text(f"plots/live/{name}")
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
