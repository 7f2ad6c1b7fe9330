"""The layouts for people never show what a terminal would obey."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from charnn_cli.predict import Explanation
from charnn_cli.predict.answers import Answers
from charnn_cli.predict.predictor import ToldByPart
from charnn_cli.render import renderer
from charnn_cli.render.for_people import signed_bar
from charnn_cli.terminal import visible, visible_rows

NASTY = "[red]\x1b[31m\u202eKim\x07\x9b\udcff\n"
SHARES = np.array([[0.75, 0.25]], dtype=np.float32)
EXPLANATION = Explanation("ki", "a", ("a", "b"), np.array([[0.4, 0.6], [0.75, 0.25]]), np.array([1.5, -0.2]))


def answers(reason: str | None = None) -> Answers:
    return Answers(("a", "b"), [reason], np.array([[0, 1]]), SHARES, np.log(SHARES))


@given(st.text(st.characters(exclude_categories=[]), max_size=20))
def test_visible_text_is_printable_and_leaves_printable_text(text: str) -> None:
    assert visible(text).isprintable()
    if text.isprintable():
        assert visible(text) == text


def test_rows_on_a_terminal_keep_tabs_and_line_ends() -> None:
    assert visible_rows(b"Kim\x1b[2J\ta\n\xff\tb\n") == b"Kim\\u001b[2J\ta\n\\udcff\tb\n"


def test_text_is_the_lessons_layout() -> None:
    text = renderer("text", 2)
    assert text.answers(["Hinton"], answers(), with_name=True) == [b"> Hinton\n(-0.29) a\n(-1.39) b\n"]
    assert text.answers(["1"], answers("no_letters"), with_name=True) == [b"> 1\n(abstained) no_letters\n"]


@pytest.mark.parametrize("layout", ["text", "table"])
def test_parts_that_point_apart_are_shown_and_others_are_not(layout: str) -> None:
    console = Console(file=io.StringIO(), force_terminal=False, color_system=None, markup=False, width=80)
    render = renderer(layout, 2, console=console)
    agreeing = (ToldByPart("given", "Al", "a", 0.25), ToldByPart("family", "K\x1bim", "a", 0.75))
    assert render.explained(b"", replace(EXPLANATION, parts=agreeing)) == render.explained(b"", EXPLANATION)
    apart = replace(EXPLANATION, parts=(agreeing[0], replace(agreeing[1], origin="b")))
    lines = [line.split() for line in render.explained(b"", apart).decode().splitlines()]
    assert lines[-2:] == [["given", "Al", "0.250", "a"], ["family", "K\\u001bim", "0.750", "b"]]


def test_a_table_says_which_part_of_a_name_was_read() -> None:
    console = Console(file=io.StringIO(), force_terminal=False, color_system=None, markup=False, width=80)
    (row,) = renderer("table", 2, console=console).answers(
        ["Al Kim"], replace(answers(), read_as=["Kim"]), with_name=True
    )
    assert row.decode().splitlines()[0] == "Al Kim   read as Kim"


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("layout", ["text", "table"])
def test_nasty_names(layout: str, terminal: bool) -> None:
    console = Console(file=io.StringIO(), force_terminal=terminal, color_system=None, markup=False, width=80)
    render = renderer(layout, 2, console=console)
    (row,) = render.answers([NASTY], answers(), with_name=True)
    shown = render.explained(row, EXPLANATION).decode()
    assert "[red]\\u001b[31m\\u202eKim\\u0007\\u009b\\udcff\\u000a" in shown
    assert all(character.isprintable() or character == "\n" for character in shown)


def test_the_table_has_rank_origin_probability_and_bar() -> None:
    (row,) = renderer("table", 2, console=Console(file=io.StringIO(), width=80)).answers(
        ["Kim"], answers(), with_name=True
    )
    assert row.decode().splitlines() == ["Kim", f"   1  a   0.750  {'#' * 18}", f"   2  b   0.250  {'#' * 6}"]


def test_letters_are_coloured_on_a_terminal() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, color_system="standard", width=80)
    shown = renderer("table", 2, console=console).explained(b"", EXPLANATION).decode()
    assert "\x1b[1;32mk\x1b[0m\x1b[31mi\x1b[0m" in shown


def test_unknown_formats_are_refused() -> None:
    with pytest.raises(ValueError, match="no format"):
        renderer("xml", 1)
    with pytest.raises(ValueError, match="console"):
        renderer("table", 1)


def test_an_explanation_has_headings_the_letters_alone_and_bars_to_either_side() -> None:
    explanation = Explanation("k i", "a", ("a", "b"), np.array([[0.4, 0.6]] * 2 + [[0.75, 0.25]]), np.array([2, 0, -1]))
    render = renderer("table", 2, console=Console(file=io.StringIO(), width=60))
    lines = render.explained(b"", explanation).decode().splitlines()
    assert lines == [
        "      letters  k i",
        "      letter  worth  for a, in nats     if it ended here",
        "      k       +2.00          |########  0.600 b",
        "      ␣       +0.00          |          0.600 b",
        "      i       -1.00      ####|          0.750 a",
    ]
    assert [signed_bar(part, fancy=True) for part in (-1, -0.06, 0, 0.56)] == [
        "████████│", "       ▐│", "        │", "        │████▌",
    ]  # fmt: skip
