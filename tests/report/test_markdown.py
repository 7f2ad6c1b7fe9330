"""The Markdown of model cards as HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn_cli.report.page import card_html


def test_what_model_cards_hold() -> None:
    card = (
        "# Card: x\n\nOne\nline, `a<b` and **bold**.\n\n## Data\n- one\n  and on\n- two\n\n"
        "| a | b |\n| --- | ---: |\n| 1 \\| 2 | 3 |\n"
    )
    assert card_html(card).split("\n") == [
        "<h3>Card: x</h3>",
        "<p>One",
        "line, <code>a&lt;b</code> and <strong>bold</strong>.</p>",
        "<h4>Data</h4>",
        "<ul>",
        "<li>one",
        "and on</li>",
        "<li>two</li>",
        "</ul>",
        '<div class="scroll" role="region" tabindex="0" aria-label="Table of the model card">',
        "<table>",
        "<thead>",
        "<tr>",
        '<th scope="col">a</th>',
        '<th style="text-align:right" scope="col">b</th>',
        "</tr>",
        "</thead>",
        "<tbody>",
        "<tr>",
        "<td>1 | 2</td>",
        '<td style="text-align:right">3</td>',
        "</tr>",
        "</tbody>",
        "</table></div>",
        "",
    ]


@pytest.mark.parametrize(
    ("card", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("`</code><table>`", "<code>&lt;/code&gt;&lt;table&gt;</code>"),
        ("[x](https://a.example) ![x](https://a.example)", "[x](https://a.example) ![x](https://a.example)"),
        ("<https://a.example>", "&lt;https://a.example&gt;"),
        ("a&lt;b", "a&amp;lt;b"),
        ("\x1b[31m\u202ered", "\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}red"),
    ],
)
def test_what_is_not_allowed_is_shown_as_it_stands(card: str, shown: str) -> None:
    assert card_html(card) == f"<p>{shown}</p>\n"


@given(st.text(alphabet="#|-*` \n\\<>&ab\"'", max_size=60))
def test_no_markup_of_its_own_and_nothing_raises(card: str) -> None:
    shown = card_html(card)
    for tag in ("<a", "<b>", "<>", "<&", "<<"):
        assert tag not in shown
