"""The model card: what stands in it as text is no Markdown and no HTML."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from engine_models import random_model
from evaluation_runs import made_up_names, write_data
from markdown_it import MarkdownIt
from small_examples import settings_of

from charnn_cli.architecture import Architecture
from charnn_cli.data import read
from charnn_cli.store import RunWriter, load_trained
from charnn_cli.terminal import visible
from charnn_cli.train import Session
from charnn_cli.train.card import model_card

HOSTILE = [
    "<script>alert(1)</script>", "<b>bold</b>", "<!-- gone -->", "&lt;tag&gt;", "a|b", "back\\slash", "\\|",
    "*stars*", "_under_", "`code`", "[here](http://example.org)", "![](http://example.org/x.png)",
    "<http://example.org>", "http://example.org", "www.example.org", "me@example.org", "~~struck~~",
    "# heading", "- item", "1. item", "$x^2$", "line\nfeed", "St. Lucia", "\u202eright to left", "\x1b[31mred",
    "[ref]: http://example.org", "| --- |", "Côte d'Ivoire",
]  # fmt: skip


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []
        self.headings: list[str] = []
        self.inside: list[str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self.tags.add(tag)
        self.inside = {"td": self.cells, "h1": self.headings}.get(tag, self.inside)
        if tag in ("td", "h1"):
            assert self.inside is not None
            self.inside.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "h1"):
            self.inside = None

    def handle_data(self, data: str) -> None:
        if self.inside is not None:
            self.inside[-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


ABOUT = {
    "data": {"rows": 2, "fingerprint": "0" * 64},
    "split": {"seed": 0, "validation_fraction": 0.1, "test_fraction": 0.1},
}


def test_sets_are_fitted_on_the_validation_side_and_measured_on_the_test_side(tmp_path: Path) -> None:
    names = {origin: [*lines, *(f"{line} b" for line in lines[:110])] for origin, lines in made_up_names(140).items()}
    data = write_data(tmp_path / "names", names)
    plain = ["model.language_model=false", "training.epochs=1", "data.validation_fraction=0.4"]
    settings = settings_of(*plain, "model.cell=rnn", "model.wide=false", "training.batch_size=64")
    session = Session.prepare(settings, read(data, rules=settings.config.text.rules()), data)
    with RunWriter(tmp_path / "run") as writer:
        list(session.run(writer))
        rows = session.finish(writer)["test"]["sets"]
    sets = load_trained(tmp_path / "run").sets
    assert sets is not None
    several = sum(" " in session.data.names[row] for row in session.data.validation)
    assert sets.names == (len(session.data.validation) - several, several)
    kinds = {row["names"] for row in rows if row["coverage"] == 0.9}
    assert kinds == {"all", "one_word", "several_words"}
    assert all(row["measured"] > row["coverage"] - 0.15 for row in rows)
    (row,) = (row for row in rows if (row["coverage"], row["names"]) == (0.9, "all"))
    line = f"| 90% | all ({row['n']}) | {row['measured']:.1%} | {row['mean_size']:.2f} |"
    assert line in (tmp_path / "run" / "MODEL_CARD.md").read_text()


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_label_or_a_name_renders(text: str) -> None:
    row = {"origin": text, "support": 1, "precision": None, "recall": 0.5, "f1": None}
    metrics = {"best_epoch": 1, "test": {"n": 1, "metrics": {"accuracy": 0.5}, "per_origin": [row]}}
    trained = replace(random_model(Architecture()), about=ABOUT)
    card = model_card(text, trained, metrics)
    page = Page(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(card))
    assert page.tags <= {"h1", "h2", "p", "ul", "li", "code", "table", "thead", "tbody", "tr", "th", "td"}
    assert page.headings == [f"Model card: {visible(text)}"]
    assert visible(text) in page.cells
    assert not re.search(r"\w:/|www\.|\w@|(?<!\\)\$", card)  # what GitHub makes links, mentions and sums of


@pytest.mark.parametrize(("share", "says"), [(0.03, True), (0.6, False)])
def test_a_model_of_single_words_says_so(share: float, says: bool) -> None:
    trained = replace(random_model(Architecture()), about=ABOUT)
    card = model_card("run", replace(trained, several_words=share), {"best_epoch": 1})
    assert f"- {share:.1%} of the training names had several words" in card
    assert ("it has learned single words" in card) == says
    assert "several words" not in model_card("run", trained, {"best_epoch": 1})
