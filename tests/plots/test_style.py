"""The shared look: independent of the user's settings, never reading markup, with letters that fonts draw."""

import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.plots.style import (
    COLOURS,
    GATE_COLOURS,
    LONGEST_TEXT,
    MARKERS,
    SEQUENTIAL,
    STATE_COLOURS,
    drawing,
    lettering,
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


@pytest.mark.parametrize("name", [SEQUENTIAL, GATE_COLOURS, STATE_COLOURS])
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
