"""What the page holds, and that nothing in it comes from outside or breaks out."""

import base64
import hashlib
import json
import math
import re
from html.parser import HTMLParser

import pytest
from evaluation_runs import HOSTILE_LABEL, HOSTILE_NAME, made_up_names

from charnn_cli.evaluate import Evaluation, Rival, evaluate
from charnn_cli.report import render_report
from charnn_cli.report.content import Contrast, folds, names_data, surest_mistakes
from charnn_cli.store import Run
from charnn_cli.version import __version__


class Page(HTMLParser):
    """Elements with their attributes, texts of scripts, and the words of each table."""

    VOID = frozenset({"meta", "link", "img", "input", "wbr"})

    def __init__(self, content: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.open: list[str] = []
        self.feed(content)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append("")
        elif tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, text: str) -> None:
        if "script" in self.open:
            self.scripts[-1] += text
        elif "td" in self.open or "th" in self.open:
            self.tables[-1][-1][-1] += text

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def parsed(page: str) -> Page:
    return Page(page)


def test_every_element_is_closed(parsed: Page) -> None:
    assert parsed.open == []


def test_nothing_is_fetched(parsed: Page) -> None:
    links = [value for _, found in parsed.elements for key, value in found.items() if key in ("src", "href")]
    assert links
    assert all(link and link.startswith(("#", "data:")) for link in links)
    targets = {found.get("id") for _, found in parsed.elements}
    assert {link[1:] for link in links if link and link.startswith("#")} <= targets


def test_only_its_own_script_may_run(parsed: Page) -> None:
    island, script = parsed.scripts
    assert json.loads(island)["labels"][-1] == HOSTILE_LABEL
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [found["content"] for found in parsed.all("meta") if "http-equiv" in found]
    assert f"script-src 'sha256-{digest}'" in str(policy)
    assert str(policy).startswith("default-src 'none'")


def test_names_labels_and_cards_cannot_bring_in_markup(parsed: Page, page: str) -> None:
    assert not any(key.startswith("on") for _, found in parsed.elements for key in found)
    assert {"b", "i", "u"}.isdisjoint(tag for tag, _ in parsed.elements)
    assert all(str(image["src"]).startswith("data:image/svg+xml;base64,") for image in parsed.all("img"))
    assert "&lt;script&gt;alert(3)" in page
    assert HOSTILE_NAME in json.loads(parsed.scripts[0])["names"]


def test_tables_hold_the_figures(parsed: Page, hostile: Evaluation) -> None:
    figures, matrix, linear, other, by_origin = parsed.tables[:5]
    assert figures[1][1] == f"{hostile.metrics['accuracy']:.3f}"
    assert figures[0][3] == f"{hostile.unseen.n:,} unseen names" if hostile.unseen else False
    assert linear[1][2] == f"{hostile.baseline.metrics['accuracy']:.3f}" if hostile.baseline else False
    assert {row[-1] for row in other[1:]} == {"undecided"}  # the run against itself
    recalls = {row[0]: row[3] for row in by_origin[1:]}
    low, high = hostile.per_origin[0].intervals["recall"] or (0, 0)
    assert recalls["Alpha"] == f"{hostile.per_origin[0].recall:.2f} {low:.2f}–{high:.2f}"
    assert recalls[HOSTILE_LABEL].startswith("0.00 0.00–")
    assert matrix[0] == ["origin", "Alpha", "Beta", "Gamma", HOSTILE_LABEL, "no answer", "names"]
    assert [sum(int(cell or 0) for cell in row[1:-1]) for row in matrix[1:]] == [int(row[-1]) for row in matrix[1:]]
    assert int(matrix[1][1]) == round(hostile.per_origin[0].recall * hostile.per_origin[0].support)
    assert matrix[2][-2] == "1"  # 王小明, whom it cannot read


def test_pictures_are_svg_with_words(parsed: Page) -> None:
    images = parsed.all("img")
    assert len(images) >= 2
    for image in images:
        content = base64.b64decode(str(image["src"]).partition(",")[2]).decode()
        assert "<svg" in content
        assert len(str(image["alt"])) > 20


def test_labelled_controls(parsed: Page, page: str) -> None:
    for control in (*parsed.all("input"), *parsed.all("select")):
        assert re.search(rf'<label>[\w ]+ <(input|select)[^>]*id="{control["id"]}"', page)


def test_the_same_run_gives_the_same_page(run: Run, hostile: Evaluation, page: str) -> None:
    assert render_report(run, hostile) == page


def test_a_run_that_kept_nothing_but_its_model(run: Run, hostile: Evaluation, tmp_path) -> None:  # type: ignore[no-untyped-def]
    for name in ("model.json", "model.safetensors"):
        (tmp_path / name).write_bytes((run.folder / name).read_bytes())
    page = render_report(Run(tmp_path), hostile)
    assert "keeps no model card" in page
    assert "keeps no settings" in page


def test_of_very_many_names_some_are_drawn(hostile: Evaluation) -> None:
    drawn = names_data(hostile, most=10)
    assert {len(drawn[column]) for column in ("names", "origins", "answered", "leading", "shares")} == {10}
    assert set(drawn["names"]) < set(hostile.examples.names)


def test_names_keep_their_answers(hostile: Evaluation) -> None:
    data = names_data(hostile)
    for row in (0, len(data["names"]) - 1):
        assert data["names"][row] == hostile.examples.names[row]
        assert data["leading"][row][0] == hostile.answers.leading[row, 0]
    assert data["answered"][data["names"].index("王小明")] == 0
    right = sum(
        leading[0] == origin and answered
        for leading, origin, answered in zip(data["leading"], data["origins"], data["answered"], strict=True)
    )
    assert right / hostile.n == pytest.approx(hostile.metrics["accuracy"])


def test_what_matters_most_stands_first_and_names_last(parsed: Page, page: str) -> None:
    order = [str(found["id"]) for found in parsed.all("section")]
    assert order == ["figures", "matrix", "calibration", "others", "origins", "mistakes", "plots", "model", "names"]
    links = [str(link["href"]) for link in parsed.all("a") if link.get("class") != "skip"]
    assert links == [f"#{section}" for section in order]
    assert f"Made by charnn {__version__}" in page


def test_a_difference_is_better_worse_or_undecided_by_its_interval() -> None:
    spans = {
        "accuracy": (0.02, 0.01, 0.04),
        "macro_f1": (-0.02, -0.03, -0.01),
        "top_3_accuracy": (0.01, -0.01, 0.03),
        "weighted_f1": (math.nan, math.nan, math.nan),
        "nll": (-0.2, -0.4, -0.1),
        "ece": (0.02, 0.01, 0.04),
    }
    found = {contrast.metric: contrast for contrast in Contrast.all(Rival("other", {}, {}, spans, None))}
    verdicts = {metric: contrast.verdict for metric, contrast in found.items()}
    assert verdicts == {
        "accuracy": "better",
        "macro_f1": "worse",
        "top_3_accuracy": "undecided",
        "weighted_f1": "–",
        "nll": "better",
        "ece": "worse",
    }
    ece, nll = found["ece"], found["nll"]  # to the right is better, though less of them is
    assert (ece.low, ece.middle, ece.high) == pytest.approx((-1, -0.5, -0.25))
    assert (nll.low, nll.middle, nll.high) == pytest.approx((0.25, 0.5, 1))


def test_names_are_searched_as_romanising_reads_them() -> None:
    table = folds(["Сидоров", "王小明"])
    assert [table[letter] for letter in "łßøŁÆþд"] == ["l", "ss", "o", "l", "ae", "th", "d"]
    assert {"é", "王", "a"}.isdisjoint(table)


def test_surest_mistakes_tell_names_of_several_origins(run: Run, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "several.csv"
    path.write_text("name,origin\nAaacd,Alpha\nAaacd,Gamma\nAbaca,Gamma\n", encoding="utf-8")
    evaluation = evaluate(run, data=path)
    assert [(mistake.name, mistake.others) for mistake in surest_mistakes(evaluation)] == [
        ("Aaacd", ("Alpha",)),
        ("Abaca", ()),
    ]
    assert "the answer is one of its origins" in render_report(run, evaluation)


def test_a_run_without_mistakes(run: Run, tmp_path) -> None:  # type: ignore[no-untyped-def]
    easy = tmp_path / "easy.csv"
    easy.write_text("name,origin\nAaacd,Alpha\nBbbef,Beta\n", encoding="utf-8")
    assert "No name was given another origin" in render_report(run, evaluate(run, data=easy))


def test_pictures_show_what_was_evaluated_and_ask_nothing_anew(run: Run, tmp_path) -> None:  # type: ignore[no-untyped-def]
    gone = tmp_path / "gone.csv"
    gone.write_text("name,origin\nAaacd,Alpha\nBbbef,Alpha\n", encoding="utf-8")
    evaluation = evaluate(run, data=gone)
    gone.unlink()
    page = render_report(run, evaluation)
    assert "What the list is made of" in page
    images = Page(page).all("img")
    calibration = base64.b64decode(str(images[0]["src"]).partition(",")[2]).decode()
    told = " ".join(re.sub(r"<[^>]*>", " ", calibration).split())
    assert "data gone.csv" in told
    assert "all names, 2 names" in told


def test_made_up_names_are_as_many_as_thought(hostile: Evaluation) -> None:
    assert hostile.n == sum(map(len, made_up_names(60, seed=1).values())) + 3
