"""The page as a whole: a template, a style, a script, and the sections between them."""

import base64
import hashlib
import re
from importlib.resources import files

from charnn_cli.evaluate import Evaluation
from charnn_cli.report import sections
from charnn_cli.report.html import json_island, text
from charnn_cli.report.names import names_data
from charnn_cli.report.pictures import pictures_html
from charnn_cli.store import Run


def render_report(run: Run, evaluation: Evaluation) -> str:
    """The page; the same run and evaluation give the same text.

    Nothing is fetched, and its security policy names the one script by its hash, so that no name, label or model card
    can bring in another.
    """
    script = _file("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    parts = {
        "policy": f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'",
        "title": text(f"charnn: {run.name}"),
        "style": _file("page.css"),
        "summary": sections.summary(evaluation),
        "figures": sections.figures(evaluation),
        "origins": sections.origins(evaluation),
        "mistakes": sections.mistakes(evaluation),
        "filters": sections.filters(evaluation),
        "pictures": pictures_html(run, evaluation),
        "settings": sections.settings(run),
        "card": sections.card(run),
        "data": json_island(names_data(evaluation)),
        "script": script,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _file("page.html"))


def _file(name: str) -> str:
    return (files("charnn_cli.report") / name).read_text(encoding="utf-8")
