"""The Markdown of model cards as HTML."""

from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.report.markdown import to_html


def test_what_model_cards_hold() -> None:
    card = (
        "# Card: x\n\nOne\nline, `a<b` and **bold**.\n\n## Data\n- one\n  and on\n- two\n\n"
        "| a | b |\n| --- | ---: |\n| 1 \\| 2 | 3 |\n"
    )
    assert to_html(card).split("\n") == [
        "<h3>Card: x</h3>",
        "<p>One line, <code>a&lt;b</code> and <strong>bold</strong>.</p>",
        "<h4>Data</h4>",
        "<ul><li>one and on</li><li>two</li></ul>",
        '<div class="scroll" role="region" tabindex="0" aria-label="Table of the model card"><table><thead><tr>'
        '<th scope="col">a</th><th scope="col">b</th></tr></thead><tbody><tr><td>1 | 2</td><td>3</td></tr></tbody>'
        "</table></div>",
    ]


@given(st.text(alphabet="#|-*` \n\\<>&ab\"'", max_size=60))
def test_no_markup_of_its_own_and_nothing_raises(card: str) -> None:
    shown = to_html(card)
    for tag in ("<a", "<b>", "<>", "<&", "<<"):
        assert tag not in shown
