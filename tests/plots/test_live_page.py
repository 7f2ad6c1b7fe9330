"""The live page in headless Chromium: it answers and writes as the commands do, and is worked by keys on a phone."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from browser import run_in_page
from name_shapes import names

from charnn_cli.plots import live
from charnn_cli.plots.request import Request
from charnn_cli.predict import Predictor
from charnn_cli.predict.writing import Manner, NameWriter
from charnn_cli.store import Run
from charnn_cli.store.location import SHIPPED

HOSTILE = "<img src=x onerror=alert(1)>"
DRIVER = """
const frame = document.querySelector("iframe");
frame.addEventListener("load", async () => {
  const result = { errors: [] };
  try {
    const { contentDocument: page, contentWindow: view } = frame;
    const find = (selector) => page.querySelector(selector);
    const settled = () => new Promise((resolve) => { setTimeout(resolve, 300); });
    const seen = () => ({
      verdict: find("#verdict").textContent, letters: find("#strips").textContent, count: find("#count").textContent,
      place: find("#place").getAttribute("aria-valuetext"),
      figures: [...page.querySelectorAll(".figure:not([hidden])")].map(({ id }) => id),
      drawn: page.querySelectorAll("#figures svg").length,
    });
    const type = async (selector, value, kind = "input") => {
      find(selector).value = value;
      find(selector).dispatchEvent(new view.Event(kind, { bubbles: true }));
      await settled();
      return seen();
    };
    await settled();
    result.opened = seen();
    find("#beside").click();
    await settled();
    result.start = seen();
    result.third = await type("#place", "3");
    result.before = await type("#place", "0");
    find("#play").click();
    await new Promise((resolve) => { setTimeout(resolve, 6000); });
    result.played = seen();
    result.abstained = await type("#name-0", "N/A");
    result.hostile = await type("#name-0", HOSTILE);
    result.images = page.querySelectorAll("img").length;
    result.korean = await type("#name-0", "김민준");
    result.long = await type("#name-0", "Wolfeschlegelsteinhausenbergerdorff Wolfeschlegelsteinhausen");
    result.wide = page.documentElement.scrollWidth - page.documentElement.clientWidth;
    result.letters_in_sight = find(".strip").scrollLeft > 0;
    await type("#name-0", "Hinton");
    find("#beside").click();
    result.focus = page.activeElement.id;
    await type("#run-1", "0", "change");
    result.two = await type("#name-1", "Satoshi");
    find("#numbers").open = true;
    await settled();
    const words = (row) => [...row.cells].map(({ textContent }) => textContent);
    result.numbers = [...page.querySelectorAll("#numbers tbody tr")].map(words);
    result.unlabelled = [...page.querySelectorAll("svg")].filter((node) => !node.getAttribute("aria-label")).length;
    const reachable = [...page.querySelectorAll("button, input, select")].filter((node) => !node.closest("[hidden]"));
    const named = (node) => node.labels?.length || node.textContent || node.getAttribute("aria-label");
    result.unnamed = reachable.filter((node) => !named(node)).length;
    find("#beside").click();
    await type("#run-0", "2", "change");
    result.typed = await type("#name-0", "Orlov");
    await type("#origin-0", "Russian", "change");
    result.nothing = await type("#name-0", "");
    for (const [field, value] of Object.entries(MANNER)) await type(`#pen [name=${field}]`, value);
    result.written = [];
    do {
      find("#pen [name=letter]").click();
      await settled();
      result.written.push({ ...seen(), name: find("#name-0").value, drawn: find("#draw .told")?.textContent });
    } while (!result.written.at(-1).verdict.includes("All of it") && result.written.length < 70);
    result.names = [];
    for (let name = 0; name < 5; name += 1) {
      find("#pen [name=whole]").click();
      result.names.push(find("#name-0").value);
    }
    result.said = find("#pen output").textContent;
    await type("#pen [name=seed]", "8");
    result.again = find("#name-0").value;
    result.faults = [];
    for (const [field, value] of [["start", "Ñ"], ["temperature", "0"]]) {
      await type(`#pen [name=${field}]`, value);
      result.faults.push(find("#pen output").textContent);
    }
    await type("#run-0", "0", "change");
    result.left = [find("#pen").hidden, find("#origin-0").closest("label").hidden, seen()];
    result.answers = view.charnn.models.map((model) => NAMES.map((name) => {
      const { text, reason, probabilities } = model.predict(name);
      return { text, reason, probabilities: probabilities && [...probabilities] };
    }));
  } catch (error) { result.errors.push(String(error.stack)); }
  document.querySelector("pre").textContent = JSON.stringify(result);
});
frame.srcdoc = JSON.parse(document.querySelector("#page").textContent);
"""


def test_the_page_answers_as_predict_and_shows_how(tiny_run: Path, writing_run: Path, tmp_path: Path) -> None:
    """One test, since the page takes seconds to open: of a tiny run that reads family names alone, the box's, and one
    that writes."""
    runs, spelled = (Run(tiny_run), Run(SHIPPED), Run(writing_run)), [*names(), HOSTILE]
    assert runs[0].trained.knows_single_words
    driven = drive(runs, spelled, tmp_path)
    for run, answers in zip(runs, driven["answers"], strict=True):
        a_thousand_names_are_answered_as_by_predict(Predictor(run.trained), spelled, answers)
    a_name_is_read_letter_by_letter(driven, Predictor(runs[0].trained))
    what_cannot_be_told_is_said_and_shown_as_it_is_spelled(driven)
    two_names_and_two_runs_stand_one_above_the_other(driven)
    a_name_is_written_letter_by_letter(driven, NameWriter(runs[2].trained))
    it_fits_a_phone_and_speaks_to_a_screen_reader(driven)


def drive(runs: tuple[Run, ...], spelled: list[str], folder: Path) -> dict[str, Any]:
    """What the page showed after each step of the driver, at the width of a phone."""
    manner = json.dumps({"start": "R", "temperature": "0.8", "nucleus": "0.9", "seed": "7"})
    driver = (
        f"const HOSTILE = {json.dumps(HOSTILE)}, NAMES = {json.dumps(spelled)}, MANNER = {manner};{DRIVER}".replace(
            "</", "<\\/"
        )
    )
    told = run_in_page(live.render(Request(runs, ("Hinton",))), driver, width=390, seconds=60, folder=folder)
    assert (told["errors"], told["console"]) == ([], [])
    return told


def a_thousand_names_are_answered_as_by_predict(predictor: Predictor, spelled: list[str], told: Any) -> None:
    parts = predictor.read_as(spelled) or [None] * len(spelled)
    texts, reasons = predictor.read([part or name for part, name in zip(parts, spelled, strict=True)])
    assert [(of["text"], of["reason"]) for of in told] == list(zip(texts, reasons, strict=True))
    answered = [row for row, reason in enumerate(reasons) if reason is None]
    assert len(answered) > (850 if predictor.trained.rules.romanise else 500)
    wanted = predictor.predict_proba(spelled)[answered]
    found = np.array([told[row]["probabilities"] for row in answered])
    np.testing.assert_allclose(found, wanted, rtol=0, atol=2e-5)


def a_name_is_read_letter_by_letter(driven: dict[str, Any], predictor: Predictor) -> None:
    whole, third = (predictor.predict([name], k=1)[0] for name in ("Hinton", "Hin"))
    assert driven["start"]["verdict"].startswith(f"{whole.origin} {whole.probability:.3f}, ")
    assert driven["third"]["verdict"].startswith(f"If it ended at “hin”: {third.origin} {third.probability:.3f}, ")
    assert driven["third"]["place"] == "3 of 6 letters read: hin"
    assert driven["before"]["verdict"].startswith("Before the first letter: Italian 0.333, Japanese 0.333")
    assert (driven["played"]["count"], driven["played"]["verdict"]) == ("6 of 6 letters", driven["start"]["verdict"])
    assert driven["start"]["letters"] == "⊢hinton⊣"
    assert driven["start"]["figures"] == ["beliefs", "worth", "ngrams", "states", "gates", "gradients"]


def what_cannot_be_told_is_said_and_shown_as_it_is_spelled(driven: dict[str, Any]) -> None:
    assert driven["abstained"]["verdict"] == "no answer, for it is no name of a person."
    assert (driven["abstained"]["figures"], driven["abstained"]["drawn"]) == ([], 0)
    assert driven["images"] == 0
    assert driven["korean"]["verdict"].startswith("Read as “gimminjun")


def two_names_and_two_runs_stand_one_above_the_other(driven: dict[str, Any]) -> None:
    assert driven["two"]["verdict"].count("Satoshi") == driven["two"]["verdict"].count("Hinton") == 1
    assert driven["two"]["letters"] == "⊢hinton⊣⊢satoshi⊣"
    assert driven["two"]["drawn"] > driven["start"]["drawn"]
    assert re.fullmatch("Hinton, tiny: .*Hinton, the shipped model: .*", driven["opened"]["verdict"])
    assert driven["focus"] == "name-1"


def a_name_is_written_letter_by_letter(driven: dict[str, Any], writer: NameWriter) -> None:
    assert driven["typed"]["letters"] == "⊢Orlov⊣"
    assert driven["typed"]["figures"] == ["draw", "next", "cost", "beliefs", "states", "gates", "gradients"]
    assert driven["nothing"]["letters"] == "⊢…"
    assert driven["nothing"]["verdict"].startswith("As Russian, first of all: ")
    manner = Manner(seed=7, temperature=0.8, top_p=0.9, start="R")
    origin = writer.trained.labels.index("Russian")
    first, *others = [name for part in writer.write(origin, 6, manner) for name in part.names]
    steps = driven["written"]
    assert [step["name"] for step in steps] == [first[: end + 1] for end in range(len(first))] + [first]
    assert steps[0]["letters"] == "⊢R…"
    assert "What came" not in steps[0]["verdict"]
    (told,) = writer.engine.log_likelihoods(writer.trained.encode_texts([first]))[:, origin] / -np.log(2)
    assert steps[-1]["verdict"].endswith(f"All of it cost {told:.1f}.")
    for step, letter in zip(steps, [*first[1:], "the end"], strict=False):
        assert f" falls on {spelled_out(letter)}, at " in step["drawn"]
    assert driven["names"] == others
    assert driven["said"] == "name 6 of seed 7"
    (again,) = next(writer.write(origin, 1, replace(manner, seed=8))).names
    assert driven["again"] == again
    assert driven["faults"] == [
        "“Ñ” stands in no name that it has learned",
        "temperature is a number from 0.1 to 100",
    ]
    assert driven["left"][:2] == [True, True]
    assert driven["left"][2]["figures"] == driven["start"]["figures"]


def spelled_out(letter: str) -> str:
    return {" ": "a blank", "-": "a hyphen", "'": "an apostrophe"}.get(letter, letter)


def it_fits_a_phone_and_speaks_to_a_screen_reader(driven: dict[str, Any]) -> None:
    assert driven["wide"] <= 0
    assert driven["letters_in_sight"]
    assert (driven["unlabelled"], driven["unnamed"]) == (0, 0)
    assert [row[0] for row in driven["numbers"]] == [*"hinton", *"satoshi"]
