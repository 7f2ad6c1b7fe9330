"""The shared look: independent of the user's settings, never reading markup, with letters that fonts draw."""

from itertools import pairwise

import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.plots.lettering import LONGEST_TEXT, lettering, told_apart
from charnn_cli.plots.placing import apart
from charnn_cli.plots.style import (
    COLOURS,
    MARKERS,
    SEQUENTIAL,
    drawing,
    look,
    new_figure,
    power_of_ten,
)


def luminance(colour: object) -> float:
    """Relative luminance (WCAG 2) of a colour, 0 to 1."""
    from matplotlib.colors import to_rgb

    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_series_has_a_colour_and_a_mark_of_its_own() -> None:
    assert len(set(COLOURS)) == len(COLOURS) == len(MARKERS) == len(set(MARKERS))


@pytest.mark.parametrize("colour", COLOURS)
def test_colours_stand_out_from_white(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) > 2


@pytest.mark.parametrize("name", [SEQUENTIAL])
def test_colour_maps_are_ordered_in_grey(name: str) -> None:
    grey = [luminance(matplotlib.colormaps[name](step / 20)) for step in range(21)]
    assert grey in (sorted(grey), sorted(grey, reverse=True))


def test_the_users_settings_change_nothing_and_come_back() -> None:
    with matplotlib.rc_context({"font.size": 30, "text.usetex": True, "axes.grid": False}):
        with drawing():
            assert matplotlib.rcParams["font.size"] == 9
            assert not matplotlib.rcParams["text.usetex"]
            assert matplotlib.rcParams["axes.grid"]
        assert matplotlib.rcParams["font.size"] == 30


def test_title_and_caption_are_plain_text_and_the_caption_is_wrapped() -> None:
    words = "$x_1$ " * 80
    with drawing():
        figure = new_figure(5, 4, title="$\\frac{1}{", caption=words)
    assert figure.get_suptitle() == "$\\frac{1}{"
    assert not any(text.get_parse_math() for text in figure.texts)
    lines = figure.get_supxlabel().split("\n")
    assert len(lines) > 3
    assert " ".join(lines) == words.strip()


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "10⁰"), (0.001, "10⁻³"), (1e12, "10¹²"), (1e-21, "10⁻²¹"), (2.0, ""), (0.5, ""), (0, "")]
)
def test_powers_of_ten_are_written_without_markup(value: float, text: str) -> None:
    assert power_of_ten(value) == text


def test_letters_beyond_the_fonts_show_as_code_points() -> None:
    letters = lettering(["Россия", "\U000f0001", "a\tb"])
    assert letters.spell("Россия") == "Россия"
    assert letters.spell("\U000f0001") == "‹F0001›"
    assert letters.spell("a\tb\x1b") == "a‹9›b‹1B›"


def test_long_labels_end_in_an_ellipsis() -> None:
    letters = lettering([])
    assert letters.spell("x" * LONGEST_TEXT) == "x" * LONGEST_TEXT
    assert letters.spell("x" * (LONGEST_TEXT + 1)) == "x" * (LONGEST_TEXT - 1) + "…"


@given(st.text(max_size=20))
def test_what_is_spelled_can_be_drawn(text: str) -> None:
    letters = lettering([text])
    assert letters.spell(text).isprintable()
    assert not letters.undrawable & set(letters.spell(text))


def test_more_series_than_colours_stay_apart_in_colour_and_mark() -> None:
    assert len({(look(place)["color"], look(place)["marker"]) for place in range(60)}) == 60


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["gru", "lstm"], ["gru", "lstm"]),
        (["a" * 60 + "-one", "a" * 60 + "-two"], ["…" + "a" * 16 + "-one", "…" + "a" * 16 + "-two"]),
        (["runs/x-" + "a" * 60, "runs/y-" + "a" * 60], ["runs/x-" + "a" * 17 + "…", "runs/y-" + "a" * 17 + "…"]),
    ],
)
def test_long_names_are_cut_where_they_are_alike(names: list[str], shown: list[str]) -> None:
    assert told_apart(names) == shown


@given(st.lists(st.text("ab-", min_size=0, max_size=120), min_size=1, max_size=6, unique=True))
def test_names_are_never_cut_where_they_differ(names: list[str]) -> None:
    shown = told_apart(names)
    assert len(set(shown)) == len(names)
    assert all(len(name) <= LONGEST_TEXT + 3 for name in shown)


@given(st.lists(st.floats(0, 1), max_size=9))
def test_labels_at_line_ends_keep_their_order_and_do_not_touch(levels: list[float]) -> None:
    places = apart(levels, [0.1] * len(levels))
    order = sorted(range(len(levels)), key=lambda place: levels[place])
    assert all(places[above] - places[below] >= 0.1 - 1e-9 for below, above in pairwise(order))
    assert all(-1e-9 <= place <= 1 + 1e-9 for place in places)
    if all(levels[above] - levels[below] > 0.1 for below, above in pairwise(order)):
        assert places == pytest.approx(levels)
