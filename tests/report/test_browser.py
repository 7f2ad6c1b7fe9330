"""The page in headless Chromium: no console errors, and it sorts, searches and filters."""

import re
from pathlib import Path
from typing import Any

import pytest
from browser import chromium, run_in_page
from evaluation_runs import HOSTILE_NAME

from charnn_cli.evaluate import Evaluation

DRIVER = """
const result = {errors: [], text: {}};
const frame = document.querySelector("iframe");
frame.addEventListener("load", async () => {
  try {
    const page = frame.contentDocument, view = frame.contentWindow;
    const find = (selector) => page.querySelector(selector);
    const column = (table, place) => [...find(table).tBodies[0].rows].map((row) => row.cells[place].textContent);
    const press = (place) => find("#by-origin").tHead.rows[0].cells[place].querySelector("button").click();
    const set = (selector, value) => {
      find(selector).value = value;
      find(selector).dispatchEvent(new view.Event("input", {bubbles: true}));
      return {found: find("#found").textContent, names: column("#list", 0), guesses: column("#list", 2)};
    };
    const sort = (place) => {
      press(place);
      const head = find("#by-origin").tHead.rows[0].cells[place];
      return [head.getAttribute("aria-sort"), column("#by-origin", place)];
    };
    result.start = {found: find("#found").textContent, rows: column("#list", 0).length};
    result.names_falling = sort(1);
    result.names_rising = sort(1);
    result.origins = sort(0);
    result.precision = sort(2);
    result.sorted_heads = page.querySelectorAll("[aria-sort]").length;
    result.search = set("#query", "ZAZ");
    result.hostile = set("#query", "<img");
    result.images = page.querySelectorAll("#list img").length;
    result.nothing = set("#query", "qqqq");
    set("#query", "");
    result.folded = set("#query", "zåZ");
    set("#query", "");
    result.silent = set("#outcome", "silent");
    result.right = set("#outcome", "right");
    result.wrong = set("#outcome", "wrong");
    set("#outcome", "");
    result.surest = set("#order", "sure").guesses.slice(0, 5);
    set("#order", "");
    find("#more").click();
    result.more = column("#list", 0).length;
    const show = find("button.show");
    show.click();
    result.pair = {found: find("#found").textContent, count: show.closest("tr").cells[2].textContent,
                   origins: [...new Set(column("#list", 1))], focus: page.activeElement.id};
    result.wide = page.documentElement.scrollWidth - page.documentElement.clientWidth;
    const controls = [...page.querySelectorAll("button, input, select, a")];
    result.unreachable = controls.filter((node) => node.tabIndex < 0).length;
    const cell = [...page.querySelectorAll("#cells td[data-origin]")].find((node) => node.dataset.guess === "-1");
    cell.click();
    result.unanswered = {names: column("#list", 0), cell: cell.textContent};
    const stops = page.querySelectorAll("#cells [tabindex='0']");
    stops[0].focus();
    const type = (key) => page.activeElement.dispatchEvent(new view.KeyboardEvent("keydown", {key, bubbles: true}));
    type("ArrowRight");
    const moved = page.activeElement;
    type("ArrowLeft");
    type("Enter");
    result.cells = {stops: stops.length, from: stops[0].cellIndex, to: moved.cellIndex, count: stops[0].textContent,
                    found: find("#found").textContent, stop: stops[0].tabIndex};
    find("#filters").reset();
    view.scrollTo({top: page.body.scrollHeight, behavior: "instant"});
    result.nav = find("nav").getBoundingClientRect().top;
    set("#query", "zäz");
    find("#list .read").click();
    await new Promise((resolve) => { setTimeout(resolve, 2000); });
    const live = find("#reading iframe").contentDocument;
    const [name, letters] = [live.querySelector("#name-0").value, live.querySelector("#strips").textContent];
    result.reading = [find("#reading").open, name, letters];
  } catch (error) { result.errors.push(String(error)); }
  document.querySelector("pre").textContent = JSON.stringify(result);
});
frame.srcdoc = JSON.parse(document.querySelector("#page").textContent);
"""


@pytest.fixture(scope="module")
def driven(page: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the page showed after each step of the driver, at the width of a phone."""
    return run_in_page(page, DRIVER, width=375, seconds=20, folder=tmp_path_factory.mktemp("browser"))


def test_opens_without_console_errors(page_file: Path, driven: dict[str, Any], tmp_path: Path) -> None:
    done = chromium("--virtual-time-budget=5000", "--dump-dom", page_file.as_uri(), home=tmp_path)
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    assert (driven["errors"], driven["console"]) == ([], [])


def test_sorts_by_numbers_and_words_with_undefined_last(driven: dict[str, Any], hostile: Evaluation) -> None:
    direction, supports = driven["names_falling"]
    assert direction == "descending"
    assert supports == [str(row.support) for row in sorted(hostile.per_origin, key=lambda row: -row.support)]
    assert driven["names_rising"] == ["ascending", supports[::-1]]
    assert driven["origins"][0] == "ascending"
    assert driven["origins"][1][1:] == ["Alpha", "Beta", "Gamma"]
    precision = [text.split()[0] for text in driven["precision"][1]]
    assert precision[-1] == "–"
    assert precision[:-1] == sorted(precision[:-1], reverse=True)
    assert driven["sorted_heads"] == 1


def test_searches_without_regard_to_case_and_marks(driven: dict[str, Any], hostile: Evaluation) -> None:
    assert driven["start"] == {"found": f"{hostile.n} of {hostile.n} names, the first 100 shown", "rows": 100}
    assert driven["search"]["names"] == ["Zäz"]
    assert driven["folded"]["names"] == ["Zäz"]
    assert driven["nothing"]["found"] == f"0 of {hostile.n} names"
    assert driven["more"] == min(200, hostile.n)


def test_a_hostile_name_is_shown_as_it_is_spelled(driven: dict[str, Any]) -> None:
    assert driven["hostile"]["names"] == [HOSTILE_NAME]
    assert driven["images"] == 0


def test_filters_by_outcome(driven: dict[str, Any], hostile: Evaluation) -> None:
    right = int(hostile.answers.outcomes.correct.sum())
    assert driven["silent"]["names"] == ["王小明"]
    assert driven["right"]["found"].startswith(f"{right} of ")
    assert driven["wrong"]["found"].startswith(f"{hostile.n - right - 1} of ")
    shares = [float(re.findall(r"\d\.\d+", guess)[0]) for guess in driven["surest"]]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == pytest.approx(hostile.answers.outcomes.confidence.max(), abs=6e-4)


def test_a_confused_pair_leads_to_its_names(driven: dict[str, Any], hostile: Evaluation) -> None:
    pair = hostile.pairs[0]
    assert driven["pair"] == {
        "found": f"{pair.count} of {hostile.n} names",
        "count": str(pair.count),
        "origins": [pair.origin],
        "focus": "query",
    }


def test_cells_of_the_matrix_lead_to_their_names(driven: dict[str, Any], hostile: Evaluation) -> None:
    assert driven["unanswered"] == {"names": ["王小明"], "cell": "1"}
    cells = driven["cells"]
    assert (cells["stops"], cells["stop"]) == (1, 0)
    assert cells["to"] > cells["from"]
    assert cells["found"] == f"{cells['count']} of {hostile.n} names"


def test_sections_stay_in_reach(driven: dict[str, Any]) -> None:
    assert driven["nav"] == 0


def test_fits_a_phone_and_is_reached_by_keyboard(driven: dict[str, Any]) -> None:
    assert driven["wide"] <= 0
    assert driven["unreachable"] == 0


def test_a_name_opens_its_reading(driven: dict[str, Any]) -> None:
    assert driven["reading"] == [True, "Zäz", "·∗a∗"]  # letters that it does not know
