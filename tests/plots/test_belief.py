"""Beliefs after each letter."""

import numpy as np

from charnn_cli.plots.belief import Reading, draw, leading
from charnn_cli.predict import Explanation

PROBABILITIES = np.array([[0.70, 0.1, 0.1, 0.05, 0.05], [0.05, 0.25, 0.6, 0.05, 0.05], [0.004, 0.246, 0.7, 0.03, 0.02]])


PRIORS = np.array([0.2, 0.3, 0.1, 0.3, 0.1])


def reading(name: str, explained: Explanation) -> Reading:
    return Reading(name, explained.text, tuple(explained.text.replace(" ", "␣")), explained)


def explanation(text: str, beliefs: np.ndarray, labels: str | tuple[str, ...] = "ABCDE") -> Explanation:
    return Explanation(text, labels[beliefs[-1].argmax()], tuple(labels), beliefs, np.zeros(len(text)))


def test_the_leading_origins_end_or_peak_high() -> None:
    assert leading(PROBABILITIES, 3).tolist() == [2, 1, 0]  # the best at the end, then the highest peaks
    assert leading(PROBABILITIES, 9).tolist() == [2, 1, 3, 4, 0]
    assert leading(PROBABILITIES / 2, 9).tolist() == [2, 1, 0]  # what never reaches 5 % is left to the others


def test_lines_letters_and_shares_of_a_name() -> None:
    labels = ("Arabic", "Bask", "Czech", "Danish", "Em$_1$")
    figure = draw([reading("A b$e$", explanation("a b", PROBABILITIES, labels))], PRIORS, caption="run r")
    (axes,) = figure.axes
    assert len(axes.lines) == 5
    assert axes.lines[0].get_ydata().tolist() == [0.1, 0.1, 0.6, 0.7]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["prior", "a", "␣", "b"]
    assert axes.get_title(loc="left") == "A b$e$, read as a b → Czech 70%"
    assert [text.get_text() for text in axes.texts] == [
        "70% Czech", "25% Bask", "3% Danish", "2% Em$_1$", "<1% Arabic",
    ]  # fmt: skip
    assert (axes.get_ylim(), axes.get_xlabel()) == ((0, 1), "letters read so far")


def test_what_is_not_drawn_by_itself_is_drawn_together() -> None:
    beliefs = np.tile([0.9, 0.04, 0.03, 0.02, 0.01], (2, 1))
    (axes,) = draw([reading("ab", explanation("ab", beliefs))], PRIORS, caption="").axes
    np.testing.assert_allclose(axes.lines[-1].get_ydata(), [0.8, 0.1, 0.1])
    assert [text.get_text() for text in axes.texts] == ["90% A", "10% 4 others together"]


def test_an_origin_keeps_its_colour_and_panels_share_their_letters_width() -> None:
    other = explanation("bo", PROBABILITIES[:2, ::-1])
    figure = draw([reading("Abe", explanation("abe", PROBABILITIES)), reading("Bo", other)], PRIORS, caption="")
    first, second = figure.axes
    colours = [
        {line.get_label().split()[-1]: (line.get_color(), line.get_marker()) for line in axes.lines}
        for axes in (first, second)
    ]
    assert colours[0] == colours[1]
    assert len(set(colours[0].values())) == 5
    assert first.get_xlim() == second.get_xlim()
